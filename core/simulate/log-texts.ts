import type { Attributes } from '../model';
import { SEVERITY } from './recorder';
import type { StatementDef } from './system-types';
import type { Database, Instance, Outcome, Place, World } from './world';

export interface LogLine {
  readonly severity: number;
  readonly body: string;
  readonly attributes?: Attributes;
}

/** Share of good requests that leave a line. */
const ACCESS_SHARE = 0.04;

/** What a service writes about a request that has ended; undefined for most that went well. */
export function failureLog(place: Place, outcome: Outcome, ms: number): LogLine | undefined {
  const { world, instance } = place;
  const { rng } = world;
  const name = instance.operations[place.op]?.name ?? place.op;
  if (outcome.error) {
    const { type, message } = outcome.error;
    // The edge logs every failed request as an access line only.
    if (instance.service.name === world.def.entry) {
      return { severity: SEVERITY.warn, body: accessLine(world, name, outcome.status, ms) };
    }
    const body = errorText(instance, name, type, message);
    return { severity: SEVERITY.error, body, attributes: { 'exception.type': type } };
  }
  if (ms > 1500) {
    const body = `slow request ${name} took ${Math.round(ms)} ms`;
    return { severity: SEVERITY.warn, body };
  }
  const placed = place.op === 'place' || place.op === 'create';
  if (!placed && rng.next() >= ACCESS_SHARE) return undefined;
  if (instance.service.name === world.def.entry) {
    return { severity: SEVERITY.info, body: accessLine(world, name, outcome.status, ms) };
  }
  return { severity: SEVERITY.info, body: goodText(world, instance, place.op, name, ms) };
}

function accessLine(world: World, name: string, status: number, ms: number): string {
  const { rng } = world;
  const ip = `203.0.113.${1 + rng.int(254)}`;
  const path = name.replace('{id}', String(1000 + rng.int(9000)));
  return `${ip} - - "${path} HTTP/1.1" ${status} ${200 + rng.int(30_000)} ${Math.round(ms)}ms`;
}

function errorText(instance: Instance, name: string, type: string, message: string): string {
  switch (instance.service.language) {
    case 'java':
      return `request failed: ${name} ${type}: ${message}`;
    case 'python':
      return `Unhandled error in ${name}: ${type}(${message})`;
    case 'go':
      return `level=error msg="handler failed" op="${name}" err="${message}" type=${type}`;
    case 'dotnet':
      return `An unhandled exception has occurred while executing ${name}. ${type}: ${message}`;
    case 'nodejs':
      return `[error] ${name} failed with ${type}: ${message}`;
  }
}

function goodText(world: World, instance: Instance, op: string, name: string, ms: number): string {
  const { rng } = world;
  const id = 100_000 + rng.int(900_000);
  const took = Math.round(ms);
  switch (`${instance.service.name}.${op}`) {
    case 'checkout.place':
      return `level=info msg="order placed" order=${id} items=${1 + rng.int(6)} total=${5 + rng.int(200)}.${10 + rng.int(90)} ms=${took}`;
    case 'order.create':
      return `order ${id} created, state=NEW, took ${took} ms`;
    case 'identity.login':
      return `User u${id} signed in from 198.51.100.${rng.int(255)}`;
    case 'search.query':
      return `query "${SEARCHES[rng.int(SEARCHES.length)]}" matched ${rng.int(900)} documents in ${took} ms`;
    case 'email.send':
      return `sent mail order-confirmation to customer ${id} in ${took} ms`;
    case 'fulfilment.fulfil':
      return `level=info msg="shipment booked" order=${id} warehouse=W${1 + rng.int(4)}`;
    case 'payment.charge':
      return `charge ch_${id} authorised, amount=${5 + rng.int(200)}.00 EUR, took ${took} ms`;
    default:
      return `${name} completed in ${took} ms`;
  }
}

const SEARCHES = ['kettle', 'red lamp', 'usb c cable', 'garden chair', 'mug', 'wool blanket'];

/** The caller's line about another attempt. */
export function retryLog(place: Place, target: string, attempt: number, outcome: Outcome): void {
  const { world, instance, trace, span } = place;
  const body = `retrying call to ${target}, attempt ${attempt + 1}: ${outcome.error?.type ?? ''}`;
  world.recorder.log(world.kernel.now, instance.resource, SEVERITY.warn, body, { trace, span });
}

/** Both databases write what took over half a second into their own log; nobody traces them. */
export function slowStatementLog(
  world: World,
  database: Database,
  statement: StatementDef,
  ms: number,
): void {
  if (ms < 500) return;
  const { recorder, kernel } = world;
  const { def } = database;
  const resource = recorder.resources.intern({
    'host.name': def.host,
    'service.name': def.name,
    'db.system.name': def.system,
  });
  const body =
    def.system === 'postgresql'
      ? `LOG:  duration: ${ms.toFixed(3)} ms  execute <unnamed>: ${statement.text}`
      : `# Query_time: ${(ms / 1000).toFixed(6)}  Rows_examined: ${statement.rows} ${statement.text};`;
  recorder.log(kernel.now, resource, SEVERITY.info, body);
}
