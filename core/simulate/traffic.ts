import { Gate } from './kernel';
import { known, type Instance, type Outcome, type World } from './world';

/** Requests from outside: a Poisson process whose rate swings slowly, spread over the entry's instances. */
export function startTraffic(world: World): void {
  const { kernel, def } = world;
  const rng = world.noise.fork('arrivals');
  const total = def.traffic.reduce((sum, c) => sum + c.weight, 0);
  const entry = known(world.services, def.entry);
  const phase = rng.next() * 2 * Math.PI;
  const rate = (): number =>
    world.perSecond *
    (world.flags.get('traffic') ?? 1) *
    (1 +
      0.1 * Math.sin(phase + kernel.now / 380_000) +
      0.04 * Math.sin(2 * phase + kernel.now / 61_000));
  const arrive = (): void => {
    let at = rng.next() * total;
    const kind = def.traffic.find((c) => (at -= c.weight) < 0) ?? def.traffic[0]!;
    const sampled = rng.next() < world.sampling && kernel.now >= world.from;
    const trace = world.recorder.trace(sampled);
    const instance = entry.pick();
    if (!instance) return;
    const reply = new Gate<Outcome>();
    kernel.spawn(world.behaviour.serve(world, instance, { trace, parent: '', op: kind.op }, reply));
  };
  kernel.every(() => (rng.exponential() * 1000) / rate(), arrive);
}

const POLL_MS = 200;
const ATTEMPTS = 4;

/** Consumers poll their topic and take as many messages as they have idle workers. */
export function startConsumers(world: World): void {
  const { kernel } = world;
  for (const service of world.services.values()) {
    const { consumes } = service.def;
    if (!consumes) continue;
    kernel.every(
      () => POLL_MS,
      () => {
        for (const instance of service.instances) {
          if (instance.up && !instance.draining) poll(world, instance, consumes);
        }
      },
    );
  }
}

function poll(
  world: World,
  instance: Instance,
  consumes: { readonly topic: string; readonly op: string; readonly newTrace?: boolean },
): void {
  const { kernel, recorder } = world;
  const topic = known(world.topics, consumes.topic);
  const group = known(topic.groups, instance.service.name);
  let idle = instance.workers.capacity - instance.workers.busy;
  while (idle-- > 0) {
    const message = group.waiting.shift();
    if (!message) return;
    const link = { trace: message.trace.id, span: message.spanId };
    const own = consumes.newTrace && message.spanId !== '';
    const trace = own ? recorder.trace(true) : message.trace;
    const reply = new Gate<Outcome>();
    reply.onFire((outcome) => {
      group.consumed++;
      if (!outcome.error || message.attempts + 1 >= ATTEMPTS) return;
      kernel.after(2000 * 2 ** message.attempts, () => {
        group.waiting.push({ ...message, attempts: message.attempts + 1 });
      });
    });
    const arrival = {
      trace,
      parent: own ? '' : message.spanId,
      op: consumes.op,
      topic: topic.def,
      link: own ? link : undefined,
    };
    kernel.spawn(world.behaviour.serve(world, instance, arrival, reply));
  }
}
