import { describe, expect, it } from 'vitest';
import { readLink } from '../core/connect';
import { connectors } from '.';

const read = (text: string) => readLink(text, connectors);

describe('pasted addresses', () => {
  it('of a search of Jaeger', () => {
    expect(
      read(
        'https://jaeger.example/ui/search?end=1764003600000000&limit=20&lookback=1h&service=checkout&start=1764000000000000',
      ),
    ).toEqual({
      connector: 'jaeger',
      url: 'https://jaeger.example/ui',
      title: 'a search of Jaeger for checkout',
      config: {},
      from: '1764000000000000',
      to: '1764003600000000',
    });
    expect(read('http://jaeger:16686/search?service=cart&lookback=2h')).toMatchObject({
      from: 'now-2h',
      to: 'now',
    });
  });

  it('of a trace of Jaeger', () => {
    expect(read('http://jaeger:16686/trace/5b8efff798038103d269b633813fc60c')).toMatchObject({
      url: 'http://jaeger:16686',
      title: 'a trace of Jaeger',
      lacks: expect.stringContaining('time') as unknown,
    });
  });

  it('of Kibana, whose address is not that of the cluster', () => {
    const page =
      "https://kibana.example/app/discover#/?_g=(filters:!(),time:(from:'2026-11-21T14:00:00.000Z',to:'2026-11-21T14:30:00.000Z'))&_a=(columns:!(message),index:'logs-*',query:(language:kuery,query:''))";
    const link = {
      connector: 'elasticsearch',
      url: '',
      from: '2026-11-21T14:00:00.000Z',
      to: '2026-11-21T14:30:00.000Z',
      config: { index: 'logs-*' },
      lacks: expect.stringContaining('its address') as unknown,
    };
    expect(read(page)).toMatchObject(link);
    expect(
      read(page.replace(/#.*/, (hash) => `#${encodeURIComponent(hash.slice(1))}`)),
    ).toMatchObject(link);
  });

  it('of Kibana with a saved pattern and a relative time', () => {
    expect(
      read(
        'https://kibana.example/s/shop/app/discover#/?_g=(time:(from:now-15m,to:now))&_a=(index:90943e30-9a47-11e8-b64d-95841ca0b247)',
      ),
    ).toMatchObject({
      from: 'now-15m',
      to: 'now',
      config: {},
      lacks: expect.stringContaining('index pattern') as unknown,
    });
  });

  it('of Grafana’s Explore, by the kind of its data source', () => {
    const explore = (type: string, query: object) => {
      const datasource = { type, uid: `${type}-1` };
      const queries = [{ refId: 'A', datasource, ...query }];
      const pane = { datasource: `${type}-1`, queries, range: { from: 'now-1h', to: 'now' } };
      const panes = encodeURIComponent(JSON.stringify({ a: pane }));
      return `https://ops.example/grafana/explore?schemaVersion=1&panes=${panes}&orgId=1`;
    };
    const through = (connector: string, type: string) => ({
      connector,
      url: 'https://ops.example/grafana',
      grafana: `${type}-1`,
      from: 'now-1h',
      to: 'now',
    });
    for (const type of ['elasticsearch', 'grafana-opensearch-datasource']) {
      const link = read(explore(type, { query: 'level:error' }));
      expect(link).toMatchObject(through('elasticsearch', type));
    }
    expect(read(explore('jaeger', { query: 'abc' }))).toMatchObject(through('jaeger', 'jaeger'));
    expect(read(explore('prometheus', { expr: 'up' }))).toMatchObject(
      through('prometheus', 'prometheus'),
    );
    expect(read(explore('mysql', { rawSql: 'select 1' }))).toBeUndefined();
  });
});
