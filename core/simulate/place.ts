import type { Instance, Outcome, World } from './world';

/** A lognormal time with this median. */
export function draw(world: World, median: number, sigma = 0.35): number {
  return median * Math.exp(sigma * world.rng.normal());
}

/** Milliseconds on the way between two hosts; a lost packet is sent again after 200 ms, then 400 … */
export function networkDelay(world: World, loss: number, retransmitted?: () => void): number {
  let delay = 0.15 + 0.2 * world.rng.exponential();
  if (loss === 0) return delay;
  for (let again = 200; again < 7000 && world.rng.next() < loss; again *= 2) {
    delay += again;
    retransmitted?.();
  }
  return delay;
}

export function serverAttributes(instance: Instance, name: string): readonly string[] {
  if (instance.service.transport === 'grpc') {
    const cut = name.indexOf('/');
    return [
      'rpc.system',
      'grpc',
      'rpc.service',
      name.slice(0, cut),
      'rpc.method',
      name.slice(cut + 1),
    ];
  }
  const cut = name.indexOf(' ');
  return ['http.request.method', name.slice(0, cut), 'http.route', name.slice(cut + 1)];
}

const GRPC_STATUS: Readonly<Record<number, string>> = { 200: '0', 499: '1', 503: '14', 504: '4' };

export function statusAttributes(instance: Instance, outcome: Outcome): readonly string[] {
  const { status, error } = outcome;
  const list =
    instance.service.transport === 'grpc'
      ? ['rpc.grpc.status_code', GRPC_STATUS[status] ?? '13']
      : ['http.response.status_code', String(status)];
  if (error) list.push('error.type', error.type);
  return list;
}
