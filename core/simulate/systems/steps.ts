import type { CallStep, OperationDef, ServiceDef, StatementDef, Step } from '../system-types';

export const cpu = (ms: number): Step => ({ do: 'cpu', ms });
export const all = (...steps: Step[]): Step => ({ do: 'parallel', steps });
export const db = (name: string, statement: string, chance?: number): Step => ({
  do: 'db',
  db: name,
  statement,
  chance,
});
export const call = (
  service: string,
  op: string,
  timeout: number,
  retries = 0,
  more: Partial<CallStep> = {},
): Step => ({ do: 'call', service, op, timeout, retries, ...more });
export const read = (verb: string, hit: number, ...miss: Step[]): Step => ({
  do: 'cache',
  cache: 'session-cache',
  verb,
  hit,
  miss,
  fallback: true,
});
export const write = (verb: string): Step => ({ do: 'cache', cache: 'session-cache', verb });
export const verify = call('identity', 'verify', 800, 1);

/** A read of a cache that goes through `miss` where it doesn't find its key. */
export const cached = (cache: string, hit: number, ...miss: Step[]): Step => ({
  do: 'cache',
  cache,
  verb: 'GET',
  hit,
  miss,
  fallback: true,
});
export const put = (cache: string): Step => ({ do: 'cache', cache, verb: 'SETEX' });
export const publish = (topic: string): Step => ({ do: 'publish', topic });
export const within = (name: string, ...steps: Step[]): Step => ({ do: 'span', name, steps });
export const outside = (
  host: string,
  route: string,
  ms: number,
  timeout: number,
  retries: number,
  chance?: number,
): Step => ({ do: 'external', host, route, ms, timeout, retries, chance });

export const operation = (name: string, ...steps: Step[]): OperationDef => ({ name, steps });

type Made = Pick<ServiceDef, 'name' | 'language' | 'version' | 'instances' | 'operations'> &
  Partial<ServiceDef>;

/** A service with what most have: HTTP, sixteen workers, no connections of its own. */
export const service = (made: Made): ServiceDef => ({
  transport: 'http',
  workers: 16,
  queue: made.consumes ? Number.POSITIVE_INFINITY : 64,
  connections: 0,
  memory: { base: 220, limit: 640 },
  ...made,
});

export const statement = (
  verb: string,
  table: string,
  text: string,
  ms: number,
  rows: number,
): StatementDef => ({ verb, table, text, ms, rows });

/** A call that does without an answer. */
export const maybe = (name: string, op: string, chance?: number): Step =>
  call(name, op, 400, 0, { optional: true, chance });
