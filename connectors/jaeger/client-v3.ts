import { z } from 'zod';
import { FaultlineError, formatRfc3339 } from '../../core/base';
import {
  RetryCount,
  TraceTally,
  decodedTraces,
  send,
  sendJson,
  type ConnectorEnv,
  type DecodeTraces,
  type FoundTrace,
  type StoredSpan,
  type TracePage,
  type TraceQuery,
  type TraceStore,
} from '../../core/connect';

const servicesAnswer = z.object({
  services: z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []),
});

/**
 * Jaeger's API version 3, whose traces are OTLP: /api/v3/…, of 1.x and 2.x. It counts nanoseconds, but has neither
 * dependencies nor, before 2.x, a search for errors.
 */
export class JaegerV3Client implements TraceStore {
  readonly name = 'Jaeger';
  readonly resolution = 1n;
  readonly together = false;
  readonly findsErrors = false;
  readonly sentences = {};
  readonly retries = new RetryCount();

  constructor(
    private readonly env: ConnectorEnv,
    private readonly decode: DecodeTraces,
  ) {}

  async services(signal: AbortSignal): Promise<readonly string[]> {
    const request = { method: 'GET', path: '/api/v3/services' } as const;
    const { services } = await sendJson(this.env, request, servicesAnswer, this.options(signal));
    return [...services].sort();
  }

  foundBy(): Promise<'span'> {
    return Promise.resolve('span');
  }

  isOwn(service: string): boolean {
    return /^jaeger(-|$)/.test(service);
  }

  async traces(
    { services = [], slice, limit }: TraceQuery,
    signal: AbortSignal,
  ): Promise<TracePage> {
    const query: [string, string][] = [
      ['query.service_name', services[0] ?? ''],
      ['query.start_time_min', formatRfc3339(slice.from)],
      ['query.start_time_max', formatRfc3339(slice.to)],
      // 1.x and 2.x have different words for it.
      ['query.num_traces', String(limit)],
      ['query.search_depth', String(limit)],
    ];
    const request = { method: 'GET', path: '/api/v3/traces', query } as const;
    const { status, body } = await send(this.env, request, {
      ...this.options(signal),
      accept: [404],
    });
    if (status === 404) return { traces: [], failures: [] };
    return { failures: [], traces: this.found(body) };
  }

  async trace(id: string, signal: AbortSignal): Promise<FoundTrace | undefined> {
    const request = { method: 'GET', path: `/api/v3/traces/${id}` } as const;
    const { status, body } = await send(this.env, request, {
      ...this.options(signal),
      accept: [404],
    });
    return status === 404 ? undefined : this.found(body)[0];
  }

  private found(body: Uint8Array): readonly FoundTrace[] {
    const remarks = new TraceTally();
    return [...decodedTraces(this.decoded(body), remarks)].map(([id, spans], i) => ({
      id,
      read: (tally) => {
        // What was said of the answer is said with its first trace.
        if (i === 0) tally.join(remarks);
        return Promise.resolve(spans.map(withoutOwn));
      },
    }));
  }

  private decoded(body: Uint8Array): ReturnType<DecodeTraces> {
    try {
      return this.decode('traces', 'json', body);
    } catch (error) {
      if (!(error instanceof FaultlineError) || error.code !== 'format/damaged') throw error;
      throw new FaultlineError('connector/bad-answer', error.message, { cause: error });
    }
  }

  private options(signal: AbortSignal): { signal: AbortSignal; retries: RetryCount } {
    return { signal, retries: this.retries };
  }
}

/** Without what Jaeger notes on every span for itself. */
function withoutOwn({ service, row }: StoredSpan): StoredSpan {
  const { 'internal.span.format': _, ...attributes } = row.attributes ?? {};
  return { service, row: { ...row, attributes } };
}
