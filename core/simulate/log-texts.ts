import type { Attributes } from '../model';
import { SEVERITY } from './recorder';
import type { Language, LogTexts, StatementDef } from './system-types';
import type { Database, Outcome, Place, World } from './world';

export interface LogLine {
  readonly severity: number;
  readonly body: string;
  readonly attributes?: Attributes;
}

/** Share of good requests that leave a line. */
const ACCESS_SHARE = 0.04;

/** What a service writes about a request that has ended; undefined for most that went well. */
export function failureLog(place: Place, outcome: Outcome, ms: number): LogLine | undefined {
  const { world, instance, op } = place;
  const { rng, def } = world;
  const { texts } = def;
  const { service } = instance;
  const name = instance.operations[op]?.name ?? op;
  if (outcome.error) {
    const { type, message } = outcome.error;
    // The edge logs every failed request as an access line only.
    if (service.name === def.entry) {
      return { severity: SEVERITY.warn, body: texts.access(rng, name, outcome.status, ms) };
    }
    const body = texts.failed(service.language, name, type, message);
    return { severity: SEVERITY.error, body, attributes: { 'exception.type': type } };
  }
  if (ms > 1500) return { severity: SEVERITY.warn, body: texts.slow(name, Math.round(ms)) };
  const where = `${service.name}.${op}`;
  if (!texts.always.includes(where) && rng.next() >= ACCESS_SHARE) return undefined;
  if (service.name === def.entry) {
    return { severity: SEVERITY.info, body: texts.access(rng, name, outcome.status, ms) };
  }
  const id = 100_000 + rng.int(900_000);
  const took = Math.round(ms);
  const good = texts.good[where];
  const body = good ? good(rng, id, took) : texts.done(service.language, name, took);
  return { severity: SEVERITY.info, body };
}

function failed(language: Language, name: string, type: string, message: string): string {
  switch (language) {
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
    case 'ruby':
      return `${type} (${message}): app/controllers/${name.split(' ')[1] ?? name}`;
    case 'php':
      return `PHP Fatal error:  Uncaught ${type}: ${message} in /srv/app/src/Kernel.php:211 (${name})`;
    case 'rust':
      return `ERROR request{op="${name}"}: handler returned error=${type}: ${message}`;
    case 'erlang':
      return `** (${type}) ${message} in ${name}`;
  }
}

/** What most frameworks write by themselves. */
export const PLAIN_TEXTS: LogTexts = {
  good: {},
  always: [],
  done: (_, name, took) => `${name} completed in ${took} ms`,
  failed,
  slow: (name, took) => `slow request ${name} took ${took} ms`,
  retry: (target, attempt, type) => `retrying call to ${target}, attempt ${attempt}: ${type}`,
  rejected: (waiting, busy) => `request rejected: ${waiting} waiting, ${busy} in progress`,
  started: (service, version, seconds) => `Started ${service} ${version} in ${seconds} seconds`,
  access: (rng, name, status, ms) => {
    const ip = `203.0.113.${1 + rng.int(254)}`;
    const path = name.replace('{id}', String(1000 + rng.int(9000)));
    return `${ip} - - "${path} HTTP/1.1" ${status} ${200 + rng.int(30_000)} ${Math.round(ms)}ms`;
  },
};

/** The caller's line about another attempt. */
export function retryLog(place: Place, target: string, attempt: number, outcome: Outcome): void {
  const { world, instance, trace, span } = place;
  const body = world.def.texts.retry(target, attempt + 1, outcome.error?.type ?? '');
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
