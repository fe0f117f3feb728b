import type { CallStep, Step } from './system-types';

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
