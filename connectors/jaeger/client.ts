import { FaultlineError, type TimeWindow } from '../../core/base';
import { RetryCount, send, sendJson, type ConnectorEnv } from '../../core/connect';
import { dependenciesAnswer, servicesAnswer, tracesAnswer, type RawTrace } from './answers';

/** A half-open stretch of time in whole microseconds, which is how Jaeger tells time. */
export interface Micros {
  readonly from: bigint;
  readonly to: bigint;
}

export function microsOf({ from, to }: TimeWindow): Micros {
  return { from: (from + 999n) / 1000n, to: (to + 999n) / 1000n };
}

export interface TracePage {
  readonly traces: readonly RawTrace[];
  /** What Jaeger could not hand out, in its words. */
  readonly failures: readonly string[];
}

/** Jaeger's query API as its own screen uses it: /api/…, the same in 1.x and 2.x. */
export class JaegerClient {
  readonly retries = new RetryCount();

  constructor(private readonly env: ConnectorEnv) {}

  async services(signal: AbortSignal): Promise<readonly string[]> {
    const request = { method: 'GET', path: '/api/services' } as const;
    const { data } = await sendJson(this.env, request, servicesAnswer, this.options(signal));
    return [...data].sort();
  }

  /**
   * Whole traces with a span of the service that starts in the slice; the newest where there are more
   * than `limit`. Both ends count for Jaeger, which compares nanoseconds that it does not show: whoever
   * asks has to leave out what starts at `to`.
   */
  async traces(
    service: string,
    slice: Micros,
    { limit, errorsOnly, signal }: { limit: number; errorsOnly?: boolean; signal: AbortSignal },
  ): Promise<TracePage> {
    const query: [string, string][] = [
      ['service', service],
      ['start', String(slice.from)],
      ['end', String(slice.to)],
      ['limit', String(limit)],
    ];
    if (errorsOnly) query.push(['tags', '{"error":"true"}']);
    const request = { method: 'GET', path: '/api/traces', query } as const;
    const answer = await sendJson(this.env, request, tracesAnswer, this.options(signal));
    const failures = answer.errors.map(({ msg }) => msg ?? 'no reason given');
    return { traces: answer.data, failures };
  }

  /** Calls between services; undefined where this Jaeger's storage has none to give. */
  async dependencies(
    window: TimeWindow,
    signal: AbortSignal,
  ): Promise<readonly { parent: string; child: string; callCount: number }[] | undefined> {
    const query: [string, string][] = [
      ['endTs', String((window.to + 999_999n) / 1_000_000n)],
      ['lookback', String((window.to - window.from + 999_999n) / 1_000_000n)],
    ];
    const request = { method: 'GET', path: '/api/dependencies', query } as const;
    try {
      return (await sendJson(this.env, request, dependenciesAnswer, this.options(signal))).data;
    } catch (error) {
      const refused = error instanceof FaultlineError && error.code === 'connector/refused';
      if (refused) return undefined;
      throw error;
    }
  }

  /** What the start page says of itself ("v1.62.0"); '' where it says nothing. */
  async version(signal: AbortSignal): Promise<string> {
    const request = { method: 'GET', path: '/' } as const;
    const accept = [404, 500];
    const { body } = await send(this.env, request, { ...this.options(signal), accept });
    const said = /gitVersion"?:\s*"v?(\d[^"]*)"/.exec(new TextDecoder().decode(body));
    return said?.[1] ?? '';
  }

  private options(signal: AbortSignal): { signal: AbortSignal; retries: RetryCount } {
    return { signal, retries: this.retries };
  }
}
