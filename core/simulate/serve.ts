import { callService } from './call';
import { runCache, runDatabase, runExternal } from './call-stores';
import { Gate, waitFor, type Process } from './kernel';
import { failureLog } from './log-texts';
import { draw, serverAttributes, statusAttributes } from './place';
import { KIND, SEVERITY } from './recorder';
import type { Language, Step, TopicDef } from './system-types';
import {
  OK,
  known,
  type Arrival,
  type Instance,
  type Outcome,
  type Place,
  type World,
} from './world';

/** Uses the processor of the instance's host: slower when more runs there than it has cores. */
export function* useCpu(place: Place, median: number): Process {
  const { world, instance } = place;
  const { kernel } = world;
  while (kernel.now < instance.pausedUntil) yield instance.pausedUntil - kernel.now;
  const { host } = instance;
  const work = draw(world, median);
  host.running++;
  const contention = Math.max(1, (host.running + host.stress) / host.cores);
  yield work * contention;
  host.running--;
  host.busyMs += work;
  instance.cpuMs += work;
}

/** Runs steps one after the other until one fails. */
export function* runSteps(place: Place, steps: readonly Step[]): Process<Outcome> {
  for (const step of steps) {
    const outcome = yield* runStep(place, step);
    if (outcome.error) return outcome;
    if (place.instance.epoch !== place.epoch) return DEAD;
  }
  return OK;
}

/** The process died in the middle; nobody hears of this outcome. */
const DEAD: Outcome = { status: 0, error: { type: 'killed', message: 'process killed' } };

function* runStep(place: Place, step: Step): Process<Outcome> {
  const { world } = place;
  if ('chance' in step && step.chance !== undefined && world.rng.next() >= step.chance) return OK;
  switch (step.do) {
    case 'cpu':
      yield* useCpu(place, step.ms);
      return OK;
    case 'call':
      return yield* callService(place, step);
    case 'db':
      return yield* runDatabase(place, step);
    case 'cache':
      return yield* runCache(place, step);
    case 'external':
      return yield* runExternal(place, step);
    case 'publish':
      return publish(place, step.topic);
    case 'fail':
      return defect(place);
    case 'parallel':
      return yield* runParallel(place, step.steps);
    case 'span': {
      const { kernel, recorder } = world;
      const parent = place.span?.id ?? '';
      const { resource } = place.instance;
      const span = recorder.open(
        place.trace,
        parent,
        KIND.internal,
        step.name,
        resource,
        kernel.now,
      );
      const outcome = yield* runSteps({ ...place, span }, step.steps);
      if (place.instance.epoch === place.epoch) {
        recorder.close(span, kernel.now, outcome.error?.message);
      }
      return outcome;
    }
  }
}

function* runParallel(place: Place, steps: readonly Step[]): Process<Outcome> {
  const { kernel } = place.world;
  const gates = steps.map((step) => {
    const gate = new Gate<Outcome>();
    kernel.spawn(runStep(place, step), (outcome) => gate.fire(outcome));
    return gate;
  });
  let worst = OK;
  for (const gate of gates) {
    const outcome = yield* waitFor(gate);
    if (outcome.error && !worst.error) worst = outcome;
  }
  return worst;
}

function publish(place: Place, topicName: string): Outcome {
  const { world, instance, trace } = place;
  const { kernel, recorder } = world;
  const topic = known(world.topics, topicName);
  const span = recorder.open(
    trace,
    place.span?.id ?? '',
    KIND.producer,
    `publish ${topicName}`,
    instance.resource,
    kernel.now,
    [
      'messaging.system',
      topic.def.system ?? 'kafka',
      'messaging.destination.name',
      topicName,
      'messaging.operation.type',
      'send',
      'server.address',
      topic.def.broker,
      'server.port',
      topic.def.system === 'rabbitmq' ? '5672' : '9092',
    ],
  );
  recorder.close(span, kernel.now + 0.8);
  topic.produced++;
  for (const group of topic.groups.values()) {
    group.waiting.push({ spanId: span?.id ?? '', trace, attempts: 0 });
  }
  return OK;
}

/** An instance takes a request: a worker, the steps, the reply. */
export function* serve(
  world: World,
  instance: Instance,
  arrival: Arrival,
  reply: Gate<Outcome>,
): Process {
  const { kernel } = world;
  const operation = instance.operations[arrival.op];
  if (!operation) throw new Error(`${instance.service.name} has no operation ${arrival.op}`);
  const epoch = instance.epoch;
  const arrived = kernel.now;
  instance.inFlight.add(reply);
  const worker = instance.workers.acquire();
  if (worker === undefined) {
    instance.rejected++;
    instance.inFlight.delete(reply);
    yield* rejectBusy(world, instance, arrival, reply);
    return;
  }
  if (worker !== true && !(yield* waitFor(worker))) return;
  const place = yield* handle(world, instance, arrival, reply, epoch, arrived);
  instance.inFlight.delete(reply);
  if (instance.epoch !== epoch) return;
  instance.workers.release();
  reply.fire(place);
}

function* handle(
  world: World,
  instance: Instance,
  arrival: Arrival,
  reply: Gate<Outcome>,
  epoch: number,
  arrived: number,
): Process<Outcome> {
  const { kernel, recorder } = world;
  const { trace, op } = arrival;
  const operation = instance.operations[op]!;
  const grpc = instance.service.transport === 'grpc';
  // gRPC carries the deadline: work that nobody waits for any more isn't begun.
  if (grpc && reply.fired) return GONE;
  const span = recorder.open(
    trace,
    arrival.parent,
    arrival.topic ? KIND.consumer : KIND.server,
    operation.name,
    instance.resource,
    kernel.now,
    arrival.topic
      ? consumerAttributes(instance, arrival.topic)
      : serverAttributes(instance, operation.name),
  );
  if (span) span.link = arrival.link;
  const place: Place = { world, instance, epoch, trace, span, op };
  const outcome = flagFailure(world, place) ?? (yield* runSteps(place, operation.steps));
  if (instance.epoch !== epoch) return outcome;
  const answered: Outcome = outcome.error
    ? { status: outcome.status === 0 ? 500 : outcome.status, error: outcome.error }
    : OK;
  if (!arrival.topic) span?.attributes.push(...statusAttributes(instance, answered));
  recorder.close(span, kernel.now, answered.error?.message);
  count(world, instance, op, kernel.now - arrived, answered.status);
  afterRequest(place, answered, kernel.now - arrived);
  return answered;
}

function count(world: World, instance: Instance, op: string, ms: number, status: number): void {
  instance.statsOf(op).observe(ms, status);
  known(world.services, instance.service.name).totals.observe(ms, status);
}

function consumerAttributes(instance: Instance, topic: TopicDef): readonly string[] {
  return [
    'messaging.system',
    topic.system ?? 'kafka',
    'messaging.destination.name',
    topic.name,
    'messaging.operation.type',
    'process',
    'messaging.consumer.group.name',
    instance.service.name,
  ];
}

const GONE: Outcome = { status: 499, error: { type: 'cancelled', message: 'deadline exceeded' } };

/** What code that was never run before throws. */
const DEFECTS: Readonly<Record<Language, { readonly type: string; readonly message: string }>> = {
  java: {
    type: 'java.lang.NullPointerException',
    message:
      'Cannot invoke "TierTable.lookup(String)" because the return value of "Context.tiers()" is null',
  },
  dotnet: {
    type: 'System.NullReferenceException',
    message: 'Object reference not set to an instance of an object.',
  },
  nodejs: { type: 'TypeError', message: "Cannot read properties of undefined (reading 'tier')" },
  python: { type: 'KeyError', message: "'tier'" },
  go: {
    type: '*runtime.Error',
    message: 'runtime error: invalid memory address or nil pointer dereference',
  },
  ruby: { type: 'NoMethodError', message: "undefined method `tier' for nil:NilClass" },
  php: { type: 'TypeError', message: 'Argument 1 passed to tierOf() must not be null' },
  rust: { type: 'panic', message: 'called `Option::unwrap()` on a `None` value' },
  erlang: { type: 'FunctionClauseError', message: 'no function clause matching in Tier.of/1' },
};

/** A feature flag that makes a share of a service's requests fail. */
function flagFailure(world: World, place: Place): Outcome | undefined {
  const share = world.flags.get(`${place.instance.service.name}/fail`);
  return share === undefined || world.rng.next() >= share ? undefined : defect(place);
}

function defect({ world, instance, span }: Place): Outcome {
  const { type, message } = DEFECTS[instance.service.language];
  world.recorder.exception(span, world.kernel.now, type, message);
  return { status: 500, error: { type, message } };
}

function afterRequest(place: Place, outcome: Outcome, ms: number): void {
  const { world, instance, trace, span } = place;
  const leak = world.flags.get(`${instance.service.name}/leak`);
  if (leak !== undefined && instance.version !== instance.service.version) instance.leaked += leak;
  const log = failureLog(place, outcome, ms);
  if (!log) return;
  world.recorder.log(world.kernel.now, instance.resource, log.severity, log.body, {
    trace,
    span,
    attributes: log.attributes,
  });
}

function* rejectBusy(
  world: World,
  instance: Instance,
  arrival: Arrival,
  reply: Gate<Outcome>,
): Process {
  const { kernel, recorder } = world;
  const start = kernel.now;
  yield 0.3;
  const outcome: Outcome = {
    status: 503,
    error: { type: '503', message: 'too many requests in progress' },
  };
  const name = instance.operations[arrival.op]!.name;
  const span = recorder.open(
    arrival.trace,
    arrival.parent,
    KIND.server,
    name,
    instance.resource,
    start,
    [...serverAttributes(instance, name), ...statusAttributes(instance, outcome)],
  );
  recorder.close(span, kernel.now, outcome.error?.message);
  count(world, instance, arrival.op, kernel.now - start, 503);
  if (world.rng.next() < 0.2) {
    const { waiting, busy } = instance.workers;
    const body = world.def.texts.rejected(waiting, busy);
    recorder.log(kernel.now, instance.resource, SEVERITY.warn, body, {
      trace: arrival.trace,
      span,
    });
  }
  reply.fire(outcome);
}
