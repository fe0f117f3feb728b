import { FaultlineError, type TimeWindow } from '../../core/base';
import {
  RetryCount,
  parseAnswer,
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
import {
  dependenciesAnswer,
  servicesAnswer,
  traceAnswer,
  tracesAnswer,
  type JaegerSpan,
  type RawTrace,
} from './answers';
import { faultOf, spansOf, traceIdOf } from './rows';

const SENTENCES: Sentences = {
  'jaeger-warnings': ['info', (n, what) => `Jaeger warns about ${n} spans, such as: ${what}.`],
};

/** Jaeger's query API as its own screen uses it: /api/…, the same in 1.x and 2.x. */
export class JaegerClient implements TraceStore {
  readonly name = 'Jaeger';
  readonly resolution = 1000n;
  readonly together = false;
  readonly findsErrors = true;
  readonly sentences = SENTENCES;
  readonly retries = new RetryCount();

  constructor(private readonly env: ConnectorEnv) {}

  async services(signal: AbortSignal): Promise<readonly string[]> {
    const request = { method: 'GET', path: '/api/services' } as const;
    const { data } = await sendJson(this.env, request, servicesAnswer, this.options(signal));
    return [...data].sort();
  }

  foundBy(): Promise<'span'> {
    return Promise.resolve('span');
  }

  isOwn(service: string): boolean {
    return /^jaeger(-|$)/.test(service);
  }

  /**
   * Whole traces with a span of the service that starts in the slice; the newest where there are more
   * than `limit`. Both ends count for Jaeger, which compares nanoseconds that it does not show: whoever
   * asks has to leave out what starts at the end.
   */
  async traces(
    { services = [], slice, limit, errorsOnly }: TraceQuery,
    signal: AbortSignal,
  ): Promise<TracePage> {
    const query: [string, string][] = [
      ['service', services[0] ?? ''],
      ['start', String(slice.from / 1000n)],
      ['end', String((slice.to + 999n) / 1000n)],
      ['limit', String(limit)],
    ];
    if (errorsOnly) query.push(['tags', '{"error":"true"}']);
    const request = { method: 'GET', path: '/api/traces', query } as const;
    const answer = await sendJson(this.env, request, tracesAnswer, this.options(signal));
    const failures = answer.errors.map(({ msg }) => msg ?? 'no reason given');
    return { traces: answer.data.map(foundOf), failures };
  }

  async trace(id: string, signal: AbortSignal): Promise<FoundTrace | undefined> {
    const request = { method: 'GET', path: `/api/traces/${id}` } as const;
    const accept = [404];
    const response = await send(this.env, request, { ...this.options(signal), accept });
    if (response.status === 404) return undefined;
    const [raw] = parseAnswer(response, tracesAnswer, request.path).data;
    return raw && foundOf(raw);
  }

  /** Undefined where this Jaeger's storage has none to give. */
  async calls(
    window: TimeWindow,
    signal: AbortSignal,
  ): Promise<readonly ServiceCalls[] | undefined> {
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

function foundOf(raw: RawTrace): FoundTrace {
  return {
    id: traceIdOf(raw.traceID),
    read: (tally) => Promise.resolve(readTrace(raw, tally)),
  };
}

function readTrace(raw: RawTrace, tally: TraceTally): readonly StoredSpan[] | undefined {
  const parsed = traceAnswer.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    tally.add('traces-damaged', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    return undefined;
  }
  const trace = parsed.data;
  const spans: JaegerSpan[] = [];
  for (const span of trace.spans) {
    const fault = faultOf(span, trace.processes);
    if (fault === '') spans.push(span);
    else {
      const service = trace.processes[span.processID]?.serviceName;
      tally.drop(fault, [placeOfDropped(JSON.stringify(span), { service })]);
    }
    if (span.warnings.length > 0) tally.add('jaeger-warnings', span.warnings[0]);
  }
  return spansOf(trace, spans);
}
