import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ParseError,
  groupBy,
  parseCount,
  parseLogQuery,
  type Count,
  type StoredLine,
} from './logql';

export interface LokiOptions {
  /** max_entries_limit_per_query, 5000 unless given. */
  readonly maxEntries?: number;
  /** Whether a tenant must be named, as with auth_enabled. */
  readonly tenants?: boolean;
  /** volume_enabled, and the index' statistics. */
  readonly volumes?: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const ok = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) });
const refuse = (status: number, body: string): Answer => ({ status, body });

/**
 * A server that answers as Loki's documentation says (loki-http-api.md of 3.x): half-open times, limits, directions,
 * selectors and filters, instant counts, categorized labels, and its refusals. It is no Loki.
 */
export async function startLokiApi(
  lines: readonly StoredLine[],
  options: LokiOptions = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const held = [...lines].sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0));
  const server = createServer((req, res) => {
    let answer: Answer;
    try {
      answer = answerOf(req, held, options);
    } catch (error) {
      answer = refuse(error instanceof ParseError ? 400 : 500, String(error));
    }
    const type = answer.status === 200 ? 'application/json' : 'text/plain';
    res.writeHead(answer.status, { 'content-type': type }).end(answer.body);
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

function answerOf(
  req: IncomingMessage,
  lines: readonly StoredLine[],
  options: LokiOptions,
): Answer {
  const url = new URL(req.url ?? '/', 'http://localhost');
  const of = (name: string): string => url.searchParams.get(name) ?? '';
  if (options.tenants && !req.headers['x-scope-orgid']) return refuse(401, 'no org id');
  const [from, to] = [BigInt(of('start') || '0'), BigInt(of('end') || '9223372036854775807')];
  const here = (query: string): readonly StoredLine[] => {
    const { selects } = parseLogQuery(query);
    return lines.filter((line) => line.ts >= from && line.ts < to && selects(line));
  };
  switch (url.pathname) {
    case '/loki/api/v1/status/buildinfo':
      return ok({ version: '3.5.0', revision: 'documented' });
    case '/loki/api/v1/labels':
      return ok({
        status: 'success',
        data: [...new Set(lines.flatMap(({ labels }) => Object.keys(labels)))].sort(),
      });
    case '/loki/api/v1/series':
      return ok({
        status: 'success',
        data: streamsOf(here(of('match[]'))).map(([, labels]) => labels),
      });
    case '/loki/api/v1/index/stats': {
      if (options.volumes === false) return refuse(404, '404 page not found');
      const found = here(of('query'));
      const streams = streamsOf(found).length;
      return ok({ streams, chunks: streams, entries: found.length, bytes: bytesOf(found) });
    }
    case '/loki/api/v1/index/volume':
      if (options.volumes === false) return refuse(404, '404 page not found');
      return ok(vectorOf(here(of('query')), [of('targetLabels')], bytesOf));
    case '/loki/api/v1/query':
      return counted(lines, of('query'), BigInt(of('time')));
    case '/loki/api/v1/query_range':
      return ranged(req, url, lines, options.maxEntries ?? 5000);
    default:
      return refuse(404, '404 page not found');
  }
}

const bytesOf = (lines: readonly StoredLine[]): number =>
  lines.reduce((sum, { line }) => sum + line.length, 0);

function streamsOf(
  lines: readonly StoredLine[],
): readonly (readonly [string, StoredLine['labels']])[] {
  return [...new Map(lines.map(({ labels }) => [JSON.stringify(labels), labels] as const))];
}

/** Lines by labels, with a value of each group. */
function grouped(
  lines: readonly StoredLine[],
  by: readonly string[],
): readonly (readonly [Readonly<Record<string, string>>, readonly StoredLine[]])[] {
  const labelsOf = ({ labels, metadata }: StoredLine): Record<string, string> =>
    Object.fromEntries(
      by
        .map((name) => [name, metadata[name] ?? labels[name] ?? ''] as const)
        .filter(([, value]) => value !== ''),
    );
  return [...groupBy(lines, (line) => JSON.stringify(labelsOf(line)))].map(
    ([key, group]) => [JSON.parse(key) as Record<string, string>, group] as const,
  );
}

function vectorOf(
  lines: readonly StoredLine[],
  by: readonly string[],
  measure: (lines: readonly StoredLine[]) => number,
): object {
  const result = grouped(lines, by).map(([metric, group]) => ({
    metric,
    value: [0, String(measure(group))],
  }));
  return { status: 'success', data: { resultType: 'vector', result, stats: {} } };
}

/** The range before an instant is open at its start and closed at its end. */
function countedAt(lines: readonly StoredLine[], count: Count, time: bigint): StoredLine[] {
  const { keeps } = parseLogQuery(count.log);
  const end = time - count.offset;
  return lines.filter((line) => line.ts > end - count.range && line.ts <= end && keeps(line));
}

function counted(lines: readonly StoredLine[], query: string, time: bigint): Answer {
  const count = parseCount(query);
  if (!count) return refuse(400, 'log queries are not supported as an instant query type');
  return ok(vectorOf(countedAt(lines, count, time), count.by, (group) => group.length));
}

/** Instants of a range query of numbers lie on multiples of the step: start is rounded down, end up. */
function countedSteps(
  lines: readonly StoredLine[],
  count: Count,
  { from, to }: { readonly from: bigint; readonly to: bigint },
  step: bigint,
): Answer {
  const series = new Map<string, [number, string][]>();
  for (let time = from - (from % step); time < to + step; time += step) {
    for (const [metric, group] of grouped(countedAt(lines, count, time), count.by)) {
      const key = JSON.stringify(metric);
      const values = series.get(key) ?? [];
      series.set(key, values);
      values.push([Number(time / 1_000_000n) / 1000, String(group.length)]);
    }
  }
  const result = [...series].map(([key, values]) => ({
    metric: JSON.parse(key) as object,
    values,
  }));
  return ok({ status: 'success', data: { resultType: 'matrix', result, stats: {} } });
}

function ranged(
  req: IncomingMessage,
  { searchParams }: URL,
  lines: readonly StoredLine[],
  most: number,
): Answer {
  const [from, to] = [
    BigInt(searchParams.get('start') ?? ''),
    BigInt(searchParams.get('end') ?? ''),
  ];
  if (to < from) return refuse(400, 'end timestamp must not be before or equal to start time');
  const count = parseCount(searchParams.get('query') ?? '');
  if (count) {
    const step = BigInt(Math.round(Number(searchParams.get('step')) * 1000)) * 1_000_000n;
    return countedSteps(lines, count, { from, to }, step);
  }
  const limit = Number(searchParams.get('limit') ?? '100');
  if (limit > most) {
    return refuse(
      400,
      `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${most})`,
    );
  }
  const { keeps } = parseLogQuery(searchParams.get('query') ?? '');
  const found = lines.filter((line) => line.ts >= from && line.ts < to && keeps(line));
  const forward = searchParams.get('direction') === 'forward';
  const given = forward ? found.slice(0, limit) : found.slice(-limit).reverse();
  const apart = req.headers['x-loki-response-encoding-flags'] === 'categorize-labels';
  const groups = groupBy(given, ({ labels, metadata }) =>
    JSON.stringify(apart ? labels : { ...labels, ...metadata }),
  );
  const result = [...groups].map(([key, group]) => ({
    stream: JSON.parse(key) as unknown,
    values: group.map(({ ts, line, metadata }) => [
      String(ts),
      line,
      ...(apart ? [{ structuredMetadata: metadata }] : []),
    ]),
  }));
  const encodingFlags = apart ? { encodingFlags: ['categorize-labels'] } : {};
  return ok({
    status: 'success',
    data: { resultType: 'streams', ...encodingFlags, result, stats: {} },
  });
}
