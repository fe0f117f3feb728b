import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRng } from '../../../core/base';

/** A span as a Tempo holds it; times are nanoseconds. */
export interface StoredSpan {
  readonly traceId: string;
  readonly service: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly failed: boolean;
  /** The resource' attributes and the span in OTLP JSON, with ids in base64 as Tempo writes them. */
  readonly resource: object;
  readonly span: object;
}

export interface TempoOptions {
  /** Most traces of a search; more are refused. */
  readonly maxLimit?: number;
  /** Whether /api/v2/traces is there. */
  readonly version2?: boolean;
  /** Ids of traces that are handed out in part. */
  readonly partial?: ReadonlySet<string>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const ok = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) });

type Trace = readonly StoredSpan[];
type Finds = (trace: Trace) => boolean;

const SERVICE = /resource\.service\.name = ("(?:[^"\\]|\\.)*")/g;

/** The part of TraceQL that is asked here: sets joined by &&, each of services, of errors, or of everything. */
function parseTraceQl(query: string): Finds | undefined {
  const sets = query.split(' && ').map((set) => set.replace(/^\(|\)$/g, '').trim());
  const finds = sets.map((set): Finds | undefined => {
    if (/^\{ *\}$/.test(set)) return () => true;
    if (set === '{ status = error }') return (trace) => trace.some(({ failed }) => failed);
    const services = [...set.matchAll(SERVICE)].map(([, name = '']) => String(JSON.parse(name)));
    if (services.length === 0 || set.replace(SERVICE, '').replace(/[{}| ]/g, '') !== '')
      return undefined;
    return (trace) => trace.some(({ service }) => services.includes(service));
  });
  return finds.includes(undefined) ? undefined : (trace) => finds.every((find) => find?.(trace));
}

/**
 * A server that answers as Tempo's documentation says (api_docs of 2.x): searches by seconds name any of the traces
 * that overlap the time, in another order each time and up to a limit; traces come by id, as OTLP JSON. It is no Tempo.
 */
export async function startTempoApi(
  spans: readonly StoredSpan[],
  options: TempoOptions = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const traces = new Map<string, StoredSpan[]>();
  for (const span of spans) {
    const trace = traces.get(span.traceId) ?? [];
    traces.set(span.traceId, trace);
    trace.push(span);
  }
  const random = createRng('tempo');
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    const { status, body } = answerOf(url, traces, options, () => random.next());
    res.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

const SECOND = 1_000_000_000n;

function answerOf(
  url: URL,
  traces: ReadonlyMap<string, Trace>,
  options: TempoOptions,
  random: () => number,
): Answer {
  const of = (name: string): string => url.searchParams.get(name) ?? '';
  const byId = /^\/api\/(v2\/)?traces\/([0-9a-f]+)$/.exec(url.pathname);
  if (byId) return traceOf(byId[2] ?? '', byId[1] !== undefined, traces, options);
  const [from, to] = [BigInt(of('start') || '0') * SECOND, BigInt(of('end') || '0') * SECOND];
  const here = [...traces.values()].filter(
    (trace) => trace.some(({ start }) => start <= to) && trace.some(({ end }) => end >= from),
  );
  switch (url.pathname) {
    case '/api/status/buildinfo':
      return ok({ version: '2.8.0', revision: 'documented' });
    case '/api/v2/search/tag/resource.service.name/values': {
      const names = new Set(here.flat().map(({ service }) => service));
      return ok({ tagValues: [...names].map((value) => ({ type: 'string', value })), metrics: {} });
    }
    case '/api/search': {
      const limit = Number(of('limit') || '20');
      const most = options.maxLimit ?? 1000;
      if (limit > most) return { status: 400, body: `limit ${limit} exceeds max limit ${most}` };
      const finds = parseTraceQl(of('q'));
      if (!finds) return { status: 400, body: `invalid TraceQL query: ${of('q')}` };
      const found = here
        .filter(finds)
        .map((trace) => ({ trace, at: random() }))
        .sort((a, b) => a.at - b.at)
        .slice(0, limit);
      return ok({
        traces: found.map(({ trace }) => ({
          // Leading zeros are left out.
          traceID: (trace[0]?.traceId ?? '').replace(/^0+/, ''),
          startTimeUnixNano: String(trace[0]?.start ?? 0n),
          spanSets: [{ matched: trace.length }],
        })),
        metrics: {},
      });
    }
    default:
      return { status: 404, body: '404 page not found' };
  }
}

function traceOf(
  id: string,
  second: boolean,
  traces: ReadonlyMap<string, Trace>,
  { version2 = true, partial }: TempoOptions,
): Answer {
  if (second && !version2) return { status: 404, body: '404 page not found' };
  const trace = traces.get(id.padStart(32, '0'));
  if (!trace) return { status: 404, body: '' };
  const list = trace.map(({ resource, span }) => ({
    resource,
    scopeSpans: [{ scope: {}, spans: [span] }],
  }));
  if (!second) return ok({ batches: list });
  const whole = partial?.has(id.padStart(32, '0')) ? list.slice(0, 1) : list;
  const status = whole === list ? {} : { status: 'PARTIAL', message: 'trace exceeds max size' };
  return ok({ trace: { resourceSpans: whole }, metrics: {}, ...status });
}
