import { TIMED_OUT, backoff, within } from './call';
import { Gate, waitFor, type Process } from './kernel';
import { slowStatementLog } from './log-texts';
import { KIND, type OpenSpan } from './recorder';
import { draw, networkDelay } from './place';
import type { CacheStep, DatabaseStep, ExternalStep, StatementDef } from './system-types';
import { OK, externalOf, known, type Database, type Outcome, type Place } from './world';

const POOL_TIMEOUT = 1000;
const STATEMENT_TIMEOUT = 10_000;

/** A statement: a connection of the instance's pool, then a slot inside the database. */
export function* runDatabase(place: Place, step: DatabaseStep): Process<Outcome> {
  const { world, instance, trace } = place;
  const { kernel, recorder } = world;
  const database = known(world.databases, step.db);
  const statement = database.statement(step.statement);
  const pool = instance.connectionsTo(step.db);
  const connection = pool.acquire();
  if (connection === undefined) return poolExhausted(step.db);
  if (connection !== true) {
    kernel.after(POOL_TIMEOUT, () => pool.giveUp(connection));
    if (!(yield* waitFor(connection))) {
      const outcome = poolExhausted(step.db);
      recorder.exception(place.span, kernel.now, outcome.error!.type, outcome.error!.message);
      return outcome;
    }
  }
  const span = recorder.open(
    trace,
    place.span?.id ?? '',
    KIND.client,
    `${statement.verb} ${statement.table}`,
    instance.resource,
    kernel.now,
    databaseAttributes(database, statement),
  );
  const outcome = yield* execute(place, database, statement);
  if (instance.epoch !== place.epoch) return outcome;
  pool.release();
  if (outcome.error) span?.attributes.push('error.type', outcome.error.type);
  recorder.close(span, kernel.now, outcome.error?.message);
  return outcome;
}

function poolExhausted(db: string): Outcome {
  const message = `${db}: no connection from the pool within ${POOL_TIMEOUT} ms`;
  return { status: 500, error: { type: 'ConnectionPoolTimeout', message } };
}

function databaseAttributes(database: Database, statement: StatementDef): readonly string[] {
  const { def } = database;
  return [
    'db.system.name',
    def.system,
    'db.namespace',
    def.namespace,
    'db.operation.name',
    statement.verb,
    'db.collection.name',
    statement.table,
    'db.query.text',
    statement.text,
    'server.address',
    def.name,
    'server.port',
    String(def.port),
  ];
}

function* execute(place: Place, database: Database, statement: StatementDef): Process<Outcome> {
  const { world, instance } = place;
  const { kernel } = world;
  const loss = Math.max(instance.host.loss, database.host.loss);
  const sent = (): void => void instance.host.retransmits++;
  yield networkDelay(world, loss, sent);
  if (!database.up) {
    const message = `connection to ${database.def.name} refused`;
    return { status: 500, error: { type: 'ConnectionRefused', message } };
  }
  const started = kernel.now;
  database.active++;
  const slot = database.slots.acquire();
  if (slot !== true && slot !== undefined) {
    kernel.after(STATEMENT_TIMEOUT, () => database.slots.giveUp(slot));
    if (!(yield* waitFor(slot))) {
      database.active--;
      const message = 'canceling statement due to statement timeout';
      return { status: 500, error: { type: '57014', message } };
    }
  }
  const work = draw(world, statement.ms, 0.4);
  yield work;
  database.slots.release();
  database.active--;
  database.busyMs += work;
  database.host.busyMs += work;
  database.rowsRead += statement.rows;
  database.commits++;
  slowStatementLog(world, database, statement, kernel.now - started);
  yield networkDelay(world, loss, sent);
  return OK;
}

/** A cache command; a miss, or a cache that doesn't answer where there is a way round, goes on with `miss`. */
export function* runCache(place: Place, step: CacheStep): Process<Outcome> {
  const { world, instance, trace } = place;
  const { kernel, recorder } = world;
  const cache = known(world.caches, step.cache);
  const span = recorder.open(
    trace,
    place.span?.id ?? '',
    KIND.client,
    step.verb,
    instance.resource,
    kernel.now,
    [
      'db.system.name',
      'redis',
      'db.operation.name',
      step.verb,
      'server.address',
      cache.def.name,
      'server.port',
      String(cache.def.port),
    ],
  );
  const loss = Math.max(instance.host.loss, cache.host.loss);
  const sent = (): void => void instance.host.retransmits++;
  if (cache.up) {
    yield (
      networkDelay(world, loss, sent) + draw(world, cache.def.ms) + networkDelay(world, loss, sent)
    );
    cache.commands++;
    recorder.close(span, kernel.now);
    if (step.hit === undefined) return OK;
    const hit = world.rng.next() < step.hit;
    if (hit) cache.hits++;
    else cache.misses++;
    return hit ? OK : yield* world.behaviour.runSteps(place, step.miss ?? []);
  }
  yield 250;
  if (instance.epoch !== place.epoch) return TIMED_OUT;
  const message = `${cache.def.name}:${cache.def.port}: i/o timeout`;
  span?.attributes.push('error.type', 'timeout');
  recorder.exception(span, kernel.now, 'CacheTimeout', message);
  recorder.close(span, kernel.now, message);
  if (step.fallback) return yield* world.behaviour.runSteps(place, step.miss ?? []);
  return step.verb === 'SETEX' ? OK : { status: 500, error: { type: 'CacheTimeout', message } };
}

/** A call to a party outside the system, which has no spans of its own. */
export function* runExternal(place: Place, step: ExternalStep): Process<Outcome> {
  const { world } = place;
  let outcome = OK;
  for (let attempt = 0; attempt <= step.retries; attempt++) {
    if (attempt > 0) yield backoff(world, attempt) * 2;
    if (place.instance.epoch !== place.epoch) return TIMED_OUT;
    outcome = yield* attemptExternal(place, step);
    if (!outcome.error) return OK;
  }
  const { type, message } = outcome.error!;
  return { status: 502, error: { type, message: `${step.host}: ${message}` } };
}

function* attemptExternal(place: Place, step: ExternalStep): Process<Outcome> {
  const { world, instance, trace } = place;
  const { kernel, recorder } = world;
  const external = externalOf(world, step.host);
  const span: OpenSpan | undefined = recorder.open(
    trace,
    place.span?.id ?? '',
    KIND.client,
    'POST',
    instance.resource,
    kernel.now,
    [
      'http.request.method',
      'POST',
      'url.full',
      `https://${step.host}${step.route}`,
      'server.address',
      step.host,
      'server.port',
      '443',
    ],
  );
  const answer = new Gate<Outcome>();
  const time = draw(world, step.ms * external.factor, 0.45);
  const loss = instance.host.loss;
  const way = networkDelay(world, loss, () => void instance.host.retransmits++);
  const luck = world.rng.next();
  if (luck >= external.hanging) {
    const failed = luck < external.hanging + external.failing;
    const error = { type: '503', message: 'service unavailable' };
    kernel.after(way + time, () => answer.fire(failed ? { status: 503, error } : OK));
  }
  const outcome = yield* within(world, answer, step.timeout);
  if (instance.epoch !== place.epoch) return outcome;
  if (outcome !== TIMED_OUT) {
    span?.attributes.push('http.response.status_code', String(outcome.status));
  }
  if (outcome.error) span?.attributes.push('error.type', outcome.error.type);
  recorder.close(span, kernel.now, outcome.error?.message);
  return outcome;
}
