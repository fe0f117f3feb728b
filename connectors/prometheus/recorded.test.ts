import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import { pullAll } from '../../core/connect/testing/pulled';
import { testEnv } from '../../core/connect/testing/upstreams';
import { limitInWords } from './limits';
import { flavourOf } from './probe';
import { prometheus } from '.';

// Thanos, Mimir and Cortex do not start here: answers as their documentation and their own tests have them
// (thanos docs/components/query.md; mimir pkg/util/globalerror, pkg/distributor/distributor_test.go).

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}
type Answer = readonly [status: number, body: unknown];

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A local server that answers what was recorded; the requests it got. */
async function backend(
  answer: (asked: Asked) => Answer,
  settings: Readonly<Record<string, string>> = {},
) {
  const asked: Asked[] = [];
  server = createServer((req, res) => {
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => {
      const url = new URL(req.url ?? '/', 'http://127.0.0.1');
      const body = Buffer.concat(pieces).toString();
      const form = new URLSearchParams(body === '' ? url.search : body);
      const one = { path: url.pathname, headers: req.headers, form };
      asked.push(one);
      const [status, said] = answer(one);
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(typeof said === 'string' ? said : JSON.stringify(said));
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { upstream } = createUpstream({ url });
  const connector = prometheus.open(prometheus.config.parse(settings), testEnv(upstream));
  return { connector, asked };
}

const data = (found: unknown, more: object = {}): Answer => [
  200,
  { status: 'success', data: found, ...more },
];
const vector = (result: readonly object[], more: object = {}): Answer =>
  data({ resultType: 'vector', result }, more);
const notFound: Answer = [404, '404 page not found'];
const FROM = 1_750_000_000;
const WINDOW = { from: BigInt(FROM) * 1_000_000_000n, to: BigInt(FROM + 600) * 1_000_000_000n };
const MIMIR_SERIES =
  'expanding series: the query exceeded the maximum number of series (limit: 3 series) (err-mimir-max-series-per-query). To adjust the related per-tenant limit, configure -querier.max-fetched-series-per-query, or contact your service administrator.';
const MIMIR_LENGTH =
  'the total query time range exceeds the limit (query length: 10m0s, limit: 5m0s) (err-mimir-max-total-query-length). To adjust the related per-tenant limit, configure -query-frontend.max-total-query-length, or contact your service administrator.';

/** Six series of one metric, a sample each minute, answered as one query asks for them. */
function answerQuery({ path, form }: Asked): Answer {
  if (path !== '/api/v1/query') return notFound;
  const query = form.get('query') ?? '';
  const at = Number(form.get('time'));
  const ms = Number(/\[(\d+)ms\]/.exec(query)?.[1] ?? 0);
  const end = Math.round(at * 1000);
  const isOf = (i: number): boolean => {
    const wanted = /instance=(~?)"([^"]*)"/.exec(query);
    if (!wanted) return true;
    return (wanted[2] ?? '').replaceAll('\\', '').split('|').includes(`i${i}`);
  };
  const chosen = [0, 1, 2, 3, 4, 5].filter(isOf);
  const points = (i: number): readonly (readonly [number, string])[] =>
    Array.from({ length: 10 }, (_, n): [number, string] => [
      FROM + n * 60,
      String(n * 10 + i),
    ]).filter(([t]) => t * 1000 > end - ms && t * 1000 <= end);
  if (query.includes('vector(1)[1m:1m]')) return vector([{ metric: {}, value: [at, '1'] }]);
  if (/alertstate|prometheus_build_info|le="/.test(query)) return vector([]);
  if (query.startsWith('count by (__name__)')) {
    const n = chosen.filter((i) => points(i).length > 0).length;
    return vector(n === 0 ? [] : [{ metric: { __name__: 'jobs' }, value: [at, String(n)] }]);
  }
  if (query.startsWith('count by')) return vector([]);
  if (query.startsWith('label_replace')) {
    const n = chosen.reduce((all, i) => all + points(i).length, 0);
    return vector([{ metric: { metric: 'jobs' }, value: [at, String(n)] }]);
  }
  const result = chosen.map((i) => ({
    metric: { __name__: 'jobs', instance: `i${i}` },
    values: points(i),
  }));
  return data({ resultType: 'matrix', result: result.filter(({ values }) => values.length > 0) });
}

describe('recorded answers of Mimir', () => {
  it('are asked for one tenant, and the hint is there where none is given', async () => {
    const answer = ({ path, headers, ...rest }: Asked): Answer => {
      if (headers['x-scope-orgid'] === undefined) return [401, 'no org id\n'];
      if (path.endsWith('/buildinfo')) {
        return data({ application: 'Grafana Mimir', version: '2.14.0', revision: 'x' });
      }
      return answerQuery({ path, headers, ...rest });
    };
    const { connector, asked } = await backend(answer, { tenant: 'shop|pay' });
    const probe = await connector.probe(new AbortController().signal);
    expect(probe).toMatchObject({ product: 'Grafana Mimir 2.14.0', version: '2.14.0' });
    expect(probe.facts.join()).toContain('limits are those of the tenant');
    expect(new Set(asked.map(({ headers }) => headers['x-scope-orgid']))).toEqual(
      new Set(['shop|pay']),
    );
    server?.close();
    const other = await backend(answer);
    await expect(other.connector.probe(new AbortController().signal)).rejects.toMatchObject({
      code: 'connector/auth',
      message: expect.stringContaining('tenant') as string,
    });
  });

  const whole = async (): Promise<readonly unknown[]> => {
    const { connector } = await backend(answerQuery);
    const { tables } = await pullAll(connector, { windows: [WINDOW], budget: 1e6 });
    server?.close();
    return [tables.samples?.length, tables.metric_series];
  };

  it('over the length of a query: shorter pieces bring the same rows', async () => {
    const expected = await whole();
    const { connector } = await backend((asked) => {
      const ms = Number(/\[(\d+)ms\]/.exec(asked.form.get('query') ?? '')?.[1] ?? 0);
      if (ms <= 300_000) return answerQuery(asked);
      return [400, { status: 'error', errorType: 'bad_data', error: MIMIR_LENGTH }];
    });
    const { tables, notices } = await pullAll(connector, { windows: [WINDOW], budget: 1e6 });
    expect([tables.samples?.length, tables.metric_series]).toEqual(expected);
    expect(tables.samples).toHaveLength(60);
    expect(notices.find(({ code }) => code === 'limit-met')?.message).toContain('length');
    expect(notices.map(({ code }) => code)).not.toContain('query-failed');
  });

  it('over the series of a query: fewer instances at a time bring the same rows', async () => {
    const expected = await whole();
    const { connector } = await backend((asked) => {
      if (asked.path === '/api/v1/label/instance/values') {
        return data(['i0', 'i1', 'i2', 'i3', 'i4', 'i5']);
      }
      if (asked.path.startsWith('/api/v1/label/')) return data(['jobs']);
      const query = asked.form.get('query') ?? '';
      const named = /instance=~?"([^"]*)"/.exec(query)?.[1]?.split('|').length ?? 6;
      const touches = /__name__|jobs/.test(query) && !/build_info|alertstate/.test(query);
      if (!touches || named <= 3) return answerQuery(asked);
      return [422, { status: 'error', errorType: 'execution', error: MIMIR_SERIES }];
    });
    const { tables, notices } = await pullAll(connector, { windows: [WINDOW], budget: 1e6 });
    expect([tables.samples?.length, tables.metric_series]).toEqual(expected);
    expect(notices.find(({ code }) => code === 'limit-met')).toBeDefined();
    expect(notices.map(({ code }) => code)).not.toContain('query-failed');
  });
});

describe('recorded answers of Thanos', () => {
  const STORES = {
    sidecar: [{ name: 'prom-a:10901', lastError: null, minTime: 1_700_000_000_000 }],
    store: [{ name: 'bucket:10901', lastError: 'rpc error: code = Unavailable' }],
  };
  const thanos = (asked: Asked): Answer => {
    if (asked.path === '/api/v1/status/buildinfo') return data({ version: '0.31.0' });
    if (asked.path === '/api/v1/stores') return data(STORES);
    if (asked.path === '/api/v1/status/flags') return data({ 'query.replica-label': 'replica' });
    return answerQuery(asked);
  };

  it('tell its stores, and which of them fails', async () => {
    const { connector } = await backend(thanos);
    const probe = await connector.probe(new AbortController().signal);
    expect(probe).toMatchObject({ product: 'Thanos 0.31.0' });
    expect(probe.facts).toEqual(
      expect.arrayContaining(['1 sidecar stores', '1 store stores', 'replicas by replica are one']),
    );
    expect(probe.notices).toMatchObject([{ code: 'stores-failing', count: 1 }]);
  });

  it('come without replicas, in raw resolution, and what a store failed to give is a notice', async () => {
    const why = 'receive series from Addr: bucket:10901: rpc error: code = Unavailable';
    const { connector, asked } = await backend((one) => {
      const [status, said] = thanos(one);
      const warns = status === 200 && one.path === '/api/v1/query';
      return [status, warns ? { ...(said as object), warnings: [why] } : said];
    });
    const { notices, tables } = await pullAll(connector, { windows: [WINDOW], budget: 1e6 });
    expect(tables.samples).toHaveLength(60);
    const queries = asked.filter(({ path }) => path === '/api/v1/query');
    expect(notices.find(({ code }) => code === 'backend-warning')).toMatchObject({
      count: queries.length,
      message: expect.stringContaining(why) as string,
    });
    for (const { form } of queries) {
      expect(form.get('dedup')).toBe('true');
      expect(form.get('partial_response')).toBe('true');
      expect(form.get('max_source_resolution')).toBe('0s');
    }
    server?.close();
    const strict = await backend(thanos, { partial: 'never' });
    await pullAll(strict.connector, { windows: [WINDOW], budget: 1e6 });
    const asks = strict.asked.filter(({ path }) => path === '/api/v1/query');
    expect(new Set(asks.map(({ form }) => form.get('partial_response')))).toEqual(
      new Set(['false']),
    );
  });

  it('are averages where raw samples are gone, which is said, also after a resume', async () => {
    const gone = (one: Asked): Answer => {
      if (one.path === '/api/v1/query' && one.form.get('max_source_resolution') === '0s') {
        return (one.form.get('query') ?? '').includes('[1m:1m]') ? thanos(one) : vector([]);
      }
      return thanos(one);
    };
    const { connector, asked } = await backend(gone);
    const request = { windows: [WINDOW], budget: 1e6 };
    const { notices, tables, cursors } = await pullAll(connector, request);
    expect(notices.find(({ code }) => code === 'downsampled')).toMatchObject({
      severity: 'warning',
      detail: { resolution: '5m' },
    });
    expect(tables.samples).toHaveLength(60);
    asked.length = 0;
    await pullAll(connector, { ...request, resumeAt: cursors[0] });
    const again = asked.filter(({ path }) => path === '/api/v1/query');
    for (const { form } of again) expect(form.get('max_source_resolution')).toBe('5m');
  });
});

describe('words of refusals', () => {
  it.each([
    [MIMIR_SERIES, 'series'],
    [MIMIR_LENGTH, 'length'],
    ['the query exceeded the maximum number of chunks (err-mimir-max-chunks-per-query)', 'samples'],
    ['exceeded series limit: limit 100 violated (got 101)', 'series'],
    ['query processing would load too many samples into memory in query execution', 'samples'],
    ['exceeded maximum resolution of 11,000 points per timeseries.', 'points'],
    [
      'too many points for the given step; cannot exceed -search.maxPointsPerTimeseries=3',
      'points',
    ],
    ['too long query; got 17000 bytes; mustn’t exceed `-search.maxQueryLen=16384`', 'expression'],
    ['the number of matching timeseries exceeds 300000; either narrow down', 'series'],
    ['the query time range exceeds the limit (query length: 2h, limit: 1h)', 'length'],
    ['parse error: unexpected end of input', undefined],
  ])('%s', (text, limit) => {
    expect(limitInWords(text)).toBe(limit);
  });

  it('tell the members of the family apart by what only one of them has', () => {
    expect(flavourOf('Grafana Mimir', '2.14.0', false, undefined)).toBe('mimir');
    expect(flavourOf('Cortex', '1.16.0', false, undefined)).toBe('cortex');
    expect(flavourOf(undefined, '0.31.0', true, undefined)).toBe('thanos');
    expect(flavourOf(undefined, '2.24.0', false, false)).toBe('victoriametrics');
    expect(flavourOf(undefined, '3.1.0', false, true)).toBe('prometheus');
    expect(flavourOf(undefined, '', false, undefined)).toBe('compatible');
  });
});
