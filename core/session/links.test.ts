import { afterEach, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { connectors } from '../../connectors';
import { RowSink } from '../connect';
import { openCaseStore, type CaseStore, type SourceIdentity } from '../store';
import { linkedChanges } from '../model/queries';
import { linksTo } from './links';

const TS = 1_795_269_600_000_000_000n;
const S = 1_000_000_000n;
const HOUR = 3_600n * S;
const TRACE = '5b8efff798038103d269b633813fc60c';
const identity = (connector: string, endpoint: string): SourceIdentity => ({
  connector,
  name: `${connector} of the shop`,
  endpoint,
  query: endpoint === '' ? '' : JSON.stringify({ windows: [], budget: 1, config: {} }),
  window: null,
});

let store: CaseStore;
afterEach(() => store.close());

async function caseOf(
  ...sources: readonly (readonly [SourceIdentity, (sink: RowSink) => void])[]
): Promise<void> {
  const engine = await openNativeEngine({ path: ':memory:' });
  store = await openCaseStore(engine, { now: 1n, create: { name: 'links' } });
  for (const [source, fill] of sources) {
    const sink = new RowSink();
    fill(sink);
    const writer = await store.beginSource(source, 1n);
    for (const batch of sink.batches()) writer.add(batch);
    await writer.finish();
  }
}

const span =
  (spanId: string) =>
  (sink: RowSink): void => {
    sink.span({ traceId: TRACE, spanId, name: 'GET /', start: TS, duration: S, resource: {} });
  };

it('a trace leads to every backend that has spans of it, not to files', async () => {
  const proxy = 'https://ops.example/api/datasources/proxy/uid/t1';
  await caseOf(
    [identity('jaeger', 'http://jaeger:16686'), span('00000000000000a1')],
    [identity('jaeger', ''), span('00000000000000a2')],
    [identity('tempo', proxy), span('00000000000000a3')],
    [identity('zipkin', 'http://zipkin:9411'), () => undefined],
  );
  const links = await linksTo(store, connectors, { kind: 'trace', traceId: TRACE });
  expect(links.map(({ product, source }) => [product, source])).toEqual([
    ['Jaeger', 'jaeger of the shop'],
    ['Grafana', 'tempo of the shop'],
  ]);
  expect(await linksTo(store, connectors, { kind: 'trace', traceId: 'ff' })).toEqual([]);
  // A span leads to the backend that has it.
  const of = (spanId: string) =>
    linksTo(store, connectors, { kind: 'trace', traceId: TRACE, spanId });
  expect((await of('00000000000000a1')).map(({ url }) => url)).toEqual([
    `http://jaeger:16686/trace/${TRACE}?uiFind=00000000000000a1`,
  ]);
  const [grafana, ...others] = await of('00000000000000a3');
  expect(new URL(grafana?.url ?? '').searchParams.get('panes')).toContain(
    '"panelsState":{"trace":{"spanId":"00000000000000a3"}}',
  );
  expect(others).toEqual([]);
  expect(await of('00000000000000a2')).toEqual([]);
});

it('a change and an alert lead to the pages whose addresses they give, whatever their source', async () => {
  const page = 'https://github.com/shop/cart/pull/7';
  await caseOf([
    identity('github-deployments', ''),
    (sink) => {
      const change = { ts: TS, kind: 'deployment', title: 'cart v2', version: 'v2', resource: {} };
      sink.change({ ...change, attributes: { 'vcs.change.url.full': page, by: 'me' } });
      sink.change({ ...change, attributes: { note: 'javascript:alert(1)' } });
    },
  ]);
  const of = (rowNo: bigint) => linksTo(store, connectors, { kind: 'change', sourceId: 1, rowNo });
  expect(await of(0n)).toEqual([
    { product: 'GitHub', page: 'vcs change', url: page, source: 'github-deployments of the shop' },
  ]);
  expect(await of(1n)).toEqual([]);
  expect((await store.run(linkedChanges({}))).col.row_no).toEqual(BigInt64Array.of(0n));
});

it('a series leads to its graph in the window shown, by the clock of its source', async () => {
  let seriesId = 0n;
  await caseOf([
    identity('prometheus', 'http://prom:9090'),
    (sink) => {
      const head = {
        metric: 'up',
        kind: 'gauge',
        unit: '',
        description: '',
        temporality: '',
      } as const;
      seriesId = sink.series({ ...head, resource: { job: 'cart' }, labels: { zone: 'a' } });
      sink.sample(seriesId, TS, 1);
    },
  ]);
  const row = { kind: 'series', seriesId, window: { from: TS, to: TS + HOUR } } as const;
  const end = async (): Promise<string | null> => {
    const [link] = await linksTo(store, connectors, row);
    return link ? new URL(link.url).searchParams.get('g0.end_input') : null;
  };
  const [link] = await linksTo(store, connectors, row);
  expect(new URL(link?.url ?? '').searchParams.get('g0.expr')).toBe('up{job="cart",zone="a"}');
  expect(await end()).toBe('2026-11-21 15:00:00');
  const setting = { sourceId: 1, shift: HOUR, lower: HOUR, upper: HOUR, anchors: 0, setAt: 1n };
  const given = { ...setting, confidence: 'high', how: 'as given', applied: true } as const;
  await store.setClocks({ settings: [given], raw: false });
  expect(await end()).toBe('2026-11-21 14:00:00');
});
