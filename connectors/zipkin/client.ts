import { z } from 'zod';
import { FaultlineError, type TimeWindow } from '../../core/base';
import {
  RetryCount,
  TimeReader,
  parseAnswer,
  jsonText,
  placeOfDropped,
  send,
  sendJson,
  type ConnectorEnv,
  type FoundTrace,
  type Sentences,
  type ServiceCalls,
  type StoredSpan,
  type TracePage,
  type TraceQuery,
  type TraceStore,
  type TraceTally,
} from '../../core/connect';
import { SharedIds, serviceOf, shortTraceId, traceIdOf } from './shared';
import { ZipkinRows } from './spans';

const servicesAnswer = z.array(z.string());
const traceAnswer = z.array(z.unknown());
const tracesAnswer = z.array(traceAnswer);
const linksAnswer = z.array(
  z.object({ parent: z.string(), child: z.string(), callCount: z.number().default(0) }),
);
const infoAnswer = z.looseObject({
  zipkin: z.looseObject({ version: z.string().optional() }).optional(),
});

const SENTENCES: Sentences = {
  'traces-without-id': ['warning', (n) => `${n} traces came without an id and were left out.`],
};

/** Zipkin's HTTP API, version 2 (zipkin-api, zipkin2-api.yaml). */
export class ZipkinClient implements TraceStore {
  readonly name = 'Zipkin';
  /** It is asked by milliseconds. */
  readonly resolution = 1_000_000n;
  readonly together = false;
  readonly findsErrors = true;
  readonly sentences = SENTENCES;
  readonly retries = new RetryCount();

  constructor(private readonly env: ConnectorEnv) {}

  async services(signal: AbortSignal): Promise<readonly string[]> {
    const request = { method: 'GET', path: '/api/v2/services' } as const;
    return [...(await sendJson(this.env, request, servicesAnswer, this.options(signal)))].sort();
  }

  /** Its memory storage looks at the start of a trace, the others at each span. */
  async foundBy(signal: AbortSignal): Promise<'span' | 'start'> {
    const request = { method: 'GET', path: '/health' } as const;
    const accept = [404, 405, 500];
    const { body } = await send(this.env, request, { ...this.options(signal), accept });
    return new TextDecoder().decode(body).includes('InMemoryStorage') ? 'start' : 'span';
  }

  isOwn(service: string): boolean {
    return service === 'zipkin-server' || service === 'zipkin';
  }

  /**
   * Whole traces with a span of the service in the slice (see `foundBy`), both ends counting; the newest where there
   * are more than `limit`. Zipkin has no pages.
   */
  async traces(
    { services = [], slice, limit, errorsOnly }: TraceQuery,
    signal: AbortSignal,
  ): Promise<TracePage> {
    const [from, to] = [slice.from / 1_000_000n, (slice.to + 999_999n) / 1_000_000n];
    const query: [string, string][] = [
      ['serviceName', services[0] ?? ''],
      ['endTs', String(to)],
      ['lookback', String(to > from ? to - from : 1n)],
      ['limit', String(limit)],
    ];
    if (errorsOnly) query.push(['annotationQuery', 'error']);
    const request = { method: 'GET', path: '/api/v2/traces', query } as const;
    const lists = await sendJson(this.env, request, tracesAnswer, this.options(signal));
    return { traces: lists.map(foundOf), failures: [] };
  }

  /** Zipkin spells ids of 64 bits without the zeros that make them 128. */
  async trace(id: string, signal: AbortSignal): Promise<FoundTrace | undefined> {
    const request = { method: 'GET', path: `/api/v2/trace/${shortTraceId(id)}` } as const;
    const accept = [404];
    const response = await send(this.env, request, { ...this.options(signal), accept });
    if (response.status === 404) return undefined;
    return foundOf(parseAnswer(response, traceAnswer, request.path));
  }

  /** Undefined where its storage waits for a job that counts them, and none ran. */
  async calls(
    { from, to }: TimeWindow,
    signal: AbortSignal,
  ): Promise<readonly ServiceCalls[] | undefined> {
    const end = (to + 999_999n) / 1_000_000n;
    const query: [string, string][] = [
      ['endTs', String(end)],
      ['lookback', String(end - from / 1_000_000n)],
    ];
    const request = { method: 'GET', path: '/api/v2/dependencies', query } as const;
    try {
      return await sendJson(this.env, request, linksAnswer, this.options(signal));
    } catch (error) {
      const refused = error instanceof FaultlineError && error.code === 'connector/refused';
      if (refused) return undefined;
      throw error;
    }
  }

  /** '' where a server that is like Zipkin does not say. */
  async version(signal: AbortSignal): Promise<string> {
    const request = { method: 'GET', path: '/info' } as const;
    const { status, body } = await send(this.env, request, {
      ...this.options(signal),
      accept: [404, 405],
    });
    if (status !== 200) return '';
    try {
      const said = infoAnswer.safeParse(JSON.parse(new TextDecoder().decode(body)));
      return said.data?.zipkin?.version ?? '';
    } catch {
      return '';
    }
  }

  private options(signal: AbortSignal): { signal: AbortSignal; retries: RetryCount } {
    return { signal, retries: this.retries };
  }
}

function foundOf(spans: readonly unknown[]): FoundTrace {
  const [first] = spans;
  const given = typeof first === 'object' && first && 'traceId' in first ? first.traceId : '';
  const id = traceIdOf(given);
  return { id, read: (tally) => Promise.resolve(readTrace(id, spans, tally)) };
}

/** The spans of a trace; those that share an id are told apart, as in a file. */
function readTrace(
  id: string,
  spans: readonly unknown[],
  tally: TraceTally,
): readonly StoredSpan[] | undefined {
  if (id === '') {
    tally.add('traces-without-id');
    return undefined;
  }
  const stored: StoredSpan[] = [];
  const notices = {
    add: (...[code, severity, say, count]: Parameters<TraceTally['note']>) =>
      tally.note(code, severity, say, count),
  };
  const shared = new SharedIds();
  shared.trace(spans);
  const times = new TimeReader(notices, { timeUnit: 'µs' });
  let service = '';
  const sink = {
    notices,
    span: (row: StoredSpan['row']) => void stored.push({ service, row }),
    drop: () => undefined,
  };
  const rows = new ZipkinRows(sink, times, shared);
  for (const span of spans) {
    const endpoint = typeof span === 'object' && span && 'localEndpoint' in span ? span : {};
    service = serviceOf('localEndpoint' in endpoint ? endpoint.localEndpoint : undefined);
    const fault = rows.add(span);
    if (fault !== '') tally.drop(fault, [placeOfDropped(jsonText(span), { service })]);
  }
  return stored;
}
