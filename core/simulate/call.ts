import { Gate, waitFor, type Process } from './kernel';
import { retryLog } from './log-texts';
import { KIND } from './recorder';
import { networkDelay, serverAttributes, statusAttributes } from './place';
import type { CallStep } from './system-types';
import { Breaker, OK, known, type Instance, type Outcome, type Place, type World } from './world';

export const TIMED_OUT: Outcome = {
  status: 504,
  error: { type: 'timeout', message: 'no answer in time' },
};
const REFUSED: Outcome = {
  status: 503,
  error: { type: 'connection_refused', message: 'connection refused' },
};
const CIRCUIT_OPEN: Outcome = {
  status: 503,
  error: { type: 'circuit_open', message: 'circuit breaker is open' },
};

/** Waits for `gate`, at most so long. The one that answers later finds the gate fired. */
export function* within(world: World, gate: Gate<Outcome>, timeout: number): Process<Outcome> {
  world.kernel.after(timeout, () => gate.fire(TIMED_OUT));
  return yield* waitFor(gate);
}

/** Calls another service, with time-out, retries with backoff, and a circuit breaker where it is optional. */
export function* callService(place: Place, step: CallStep): Process<Outcome> {
  const { world, instance } = place;
  const { kernel } = world;
  const breaker = step.optional ? breakerOf(place, step.service) : undefined;
  if (breaker && kernel.now < breaker.openUntil) return OK;
  let outcome = OK;
  for (let attempt = 0; attempt <= step.retries; attempt++) {
    if (attempt > 0) {
      yield backoff(world, attempt);
      if (instance.epoch !== place.epoch) return CIRCUIT_OPEN;
      retryLog(place, step.service, attempt, outcome);
    }
    outcome = yield* attemptCall(place, step, attempt);
    if (!outcome.error) break;
  }
  breaker?.note(!outcome.error, kernel.now);
  if (!outcome.error || step.optional) return OK;
  const status = outcome.status === 504 ? 504 : outcome.status === 503 ? 503 : 500;
  const { type, message } = outcome.error;
  return { status, error: { type, message: `${step.service}: ${trim(message)}` } };
}

/** Messages pass up through many services; the innermost part is what tells. */
function trim(message: string): string {
  const parts = message.split(': ');
  return parts.length > 3 ? parts.slice(-3).join(': ') : message;
}

export function backoff(world: World, attempt: number): number {
  return 40 * 2 ** (attempt - 1) * (0.5 + world.rng.next());
}

function breakerOf(place: Place, target: string): Breaker {
  const { breakers } = place.world;
  const key = `${place.instance.pod}>${target}`;
  let breaker = breakers.get(key);
  if (!breaker) breakers.set(key, (breaker = new Breaker()));
  return breaker;
}

function* attemptCall(place: Place, step: CallStep, attempt: number): Process<Outcome> {
  const { world, instance, trace } = place;
  const { kernel, recorder } = world;
  const service = known(world.services, step.service);
  const target = service.pick();
  const name = service.def.operations[step.op]?.name ?? step.op;
  const span = recorder.open(
    trace,
    place.span?.id ?? '',
    KIND.client,
    service.def.transport === 'grpc' ? name : name.split(' ')[0]!,
    instance.resource,
    kernel.now,
  );
  let outcome: Outcome;
  if (target) {
    span?.attributes.push(...clientAttributes(target, name, attempt));
    outcome = yield* exchange(place, target, step, span?.id ?? '');
  } else {
    span?.attributes.push('server.address', step.service, 'server.port', '8080');
    yield 1 + world.rng.next();
    outcome = REFUSED;
  }
  if (instance.epoch !== place.epoch) return outcome;
  if (target && outcome.error?.type !== 'timeout') {
    span?.attributes.push(...statusAttributes(target, outcome));
  } else if (outcome.error) span?.attributes.push('error.type', outcome.error.type);
  const failed = outcome.error;
  if (failed) recorder.exception(span, kernel.now, failed.type, failed.message);
  recorder.close(span, kernel.now, failed?.message);
  return outcome;
}

function clientAttributes(target: Instance, name: string, attempt: number): readonly string[] {
  const list = [
    ...serverAttributes(target, name).filter(
      (_, i) => target.service.transport === 'grpc' || i < 2,
    ),
    'server.address',
    target.service.name,
    'server.port',
    target.service.transport === 'grpc' ? '50051' : '8080',
    'network.peer.address',
    target.address,
  ];
  if (attempt > 0) list.push('http.request.resend_count', String(attempt));
  return list;
}

/** The request on its way, the server's work, the reply on its way. */
function* exchange(
  place: Place,
  target: Instance,
  step: CallStep,
  spanId: string,
): Process<Outcome> {
  const { world, instance } = place;
  const { kernel } = world;
  const answer = new Gate<Outcome>();
  const reply = new Gate<Outcome>();
  const loss = Math.max(target.host.loss, instance.host.loss);
  const away = networkDelay(world, loss, () => retransmit(target, instance));
  reply.onFire((outcome) => {
    const back = networkDelay(world, loss, () => retransmit(target, instance));
    kernel.after(back, () => answer.fire(outcome));
  });
  const bytes = 900 + world.rng.int(2500);
  instance.host.sentBytes += bytes;
  target.host.receivedBytes += bytes;
  target.host.sentBytes += bytes * 4;
  instance.host.receivedBytes += bytes * 4;
  kernel.after(away, () => {
    if (!target.up) {
      answer.fire(REFUSED);
      return;
    }
    const arrival = { trace: place.trace, parent: spanId, op: step.op };
    kernel.spawn(world.behaviour.serve(world, target, arrival, reply));
  });
  const outcome = yield* within(world, answer, step.timeout);
  // Tells a gRPC server that nobody waits; a reply on its way finds the answer given.
  if (outcome === TIMED_OUT) reply.fire(TIMED_OUT);
  return outcome;
}

function retransmit(a: Instance, b: Instance): void {
  const host = a.host.loss >= b.host.loss ? a.host : b.host;
  host.retransmits++;
}
