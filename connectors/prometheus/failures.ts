import { FaultlineError } from '../../core/base';
import type { Notice } from '../../core/model';
import type { MsWindow } from './windows';

/** Metrics that could not be had for a time, and why. */
export interface Lost {
  readonly names: readonly string[];
  readonly window: MsWindow;
  readonly why: string;
}

const REFUSALS = ['connector/refused', 'connector/bad-answer', 'connector/limit'];

/** Whether one query failed for good, while others may work: not sign-in, network or cancel. */
export function isRefusal(error: unknown): error is FaultlineError {
  return error instanceof FaultlineError && REFUSALS.includes(error.code);
}

/** Why the backend refused; anything else is thrown on. */
export function refusalOf(error: unknown): string {
  if (isRefusal(error)) return error.message;
  throw error;
}

export function lostNotice({ names, window, why }: Lost): Notice {
  const time = `${new Date(window.from).toISOString()}..${new Date(window.to).toISOString()}`;
  return {
    code: 'query-failed',
    severity: 'warning',
    count: names.length,
    message: `${names.join(', ')} could not be pulled for ${time}: ${why}`,
    detail: { metrics: names, window: time },
  };
}
