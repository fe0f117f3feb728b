import { describe, expect, it } from 'vitest';
import { readLink } from '../../core/connect';
import { connectors } from '..';
import { selectorsOf } from './promql';

const read = (text: string) => readLink(text, connectors);

describe('an address of Prometheus', () => {
  it('is read as graph: series, window and base address', () => {
    const expr = encodeURIComponent(
      'sum by (service) (rate(http_requests_total{code=~"5.."}[5m])) / on(service) up',
    );
    expect(
      read(
        `https://ops.example/prom/graph?g0.expr=${expr}&g0.tab=0&g0.range_input=2h&g0.end_input=2026-11-21%2014:30:00`,
      ),
    ).toEqual({
      connector: 'prometheus',
      url: 'https://ops.example/prom',
      title: 'a Prometheus graph',
      config: { match: 'http_requests_total{code=~"5.."}; up' },
      from: '2026-11-21T12:30:00Z',
      to: '2026-11-21T14:30:00Z',
    });
  });

  it('is read as version 3 writes it, with several graphs, up to now', () => {
    expect(read('prom:9090/query?g0.expr=up&g0.range_input=15m&g1.expr=node_load1')).toMatchObject({
      url: 'http://prom:9090',
      config: { match: 'up; node_load1' },
      from: 'now-15m',
      to: 'now',
    });
  });

  it('is read as a call of the API', () => {
    expect(
      read('http://prom:9090/api/v1/query_range?query=up&start=1764000000&end=1764003600&step=15'),
    ).toMatchObject({ config: { match: 'up' }, from: '1764000000', to: '1764003600' });
  });

  it('is none where it asks for nothing', () => {
    expect(read('http://prom:9090/')).toBeUndefined();
    expect(read('http://prom:9090/graph')).toBeUndefined();
    expect(read('prom:9090')).toBeUndefined();
    expect(read('not an address at all')).toBeUndefined();
  });
});

describe('an address of Grafana', () => {
  const explore = (pane: object, name = 'panes'): string =>
    `https://grafana.example/explore?schemaVersion=1&${name}=${encodeURIComponent(JSON.stringify(pane))}&orgId=1`;
  const range = { from: 'now-3h', to: 'now' };

  it('is read as Explore: series, time, and the data source to ask through it', () => {
    const datasource = { type: 'prometheus', uid: 'abc' };
    const queries = [
      { refId: 'A', expr: 'rate(http_requests_total{job="api"}[5m])', datasource },
      { refId: 'B', expr: '{app="api"}', datasource: { type: 'loki', uid: 'def' } },
    ];
    expect(read(explore({ x1y: { datasource: 'abc', queries, range } }))).toEqual({
      connector: 'prometheus',
      url: 'https://grafana.example',
      grafana: 'abc',
      title: 'Grafana’s Explore',
      config: { match: 'http_requests_total{job="api"}' },
      from: 'now-3h',
      to: 'now',
      lacks: 'It is asked through Grafana: sign in with a token of Grafana’s.',
    });
    expect(read(explore({ queries: [{ expr: 'up' }], range }, 'left'))).toMatchObject({
      config: { match: 'up' },
    });
  });

  it('is read as a dashboard: the time alone', () => {
    expect(
      read('https://grafana.example/d/abc-1/shop?from=1764000000000&to=1764003600000&orgId=1'),
    ).toMatchObject({
      url: 'https://grafana.example',
      grafana: '',
      config: {},
      from: '1764000000000',
      to: '1764003600000',
    });
    expect(read('https://grafana.example/d/abc-1/shop?from=now%2Fd&to=now')).toBeUndefined();
    expect(
      read(
        explore({ x: { queries: [{ expr: '{a="b"}', datasource: { type: 'mysql' } }], range } }),
      ),
    ).toBeUndefined();
    expect(read('https://grafana.example/explore?panes=%7Bbroken')).toBeUndefined();
  });
});

describe('selectorsOf', () => {
  it.each([
    ['up', ['up']],
    ['rate(a:b_total{x="}(",y!~`z`}[5m] offset 1h)', ['a:b_total{x="}(",y!~`z`}']],
    ['{__name__=~"job:.+"}', ['{__name__=~"job:.+"}']],
    ['sum(a) by (b, c) > bool 3 and on (d) e', ['a', 'e']],
    ['sum without (instance) (f) * on (g) group_left (h) i', ['f', 'i']],
    ['histogram_quantile(0.99, sum by (le) (rate(j_bucket[5m])))', ['j_bucket']],
    ['label_replace(k, "dst", "$1", "src", "(.*)") @ start()', ['k']],
    ['count(l unless m) or vector(0) # n', ['l', 'm']],
    ['max_over_time(rate(o[1m])[10m:30s]) == inf', ['o']],
    ['1e3 + 0x1F', []],
  ])('%s', (expression, selectors) => {
    expect(selectorsOf(expression)).toEqual(selectors);
  });
});
