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
    const trace = '5b8efff798038103d269b633813fc60c';
    const link = { connector: 'jaeger', title: 'a trace of Jaeger', config: { trace } };
    expect(read(`http://jaeger:16686/trace/${trace}?uiFind=a`)).toEqual({
      ...link,
      url: 'http://jaeger:16686',
    });
    expect(read(`https://ops.example/ui/trace/${trace.toUpperCase()}/`)).toEqual({
      ...link,
      url: 'https://ops.example/ui',
    });
    expect(read('jaeger:16686/api/v3/traces/d269b633813fc60c')).toMatchObject({
      url: 'http://jaeger:16686',
      config: { trace: '0000000000000000d269b633813fc60c' },
    });
    expect(read('http://jaeger:16686/trace/00000000000000000000000000000000')).toBeUndefined();
  });

  it('of traces of Tempo in Grafana’s Explore', () => {
    const explore = (query: string): string => {
      const queries = [{ refId: 'A', query, datasource: { type: 'tempo', uid: 't' } }];
      const panes = { x: { queries, range: { from: '1764000000000', to: '1764003600000' } } };
      return `https://grafana.example/explore?panes=${encodeURIComponent(JSON.stringify(panes))}`;
    };
    expect(read(explore('{ status = error }'))).toMatchObject({
      connector: 'tempo',
      grafana: 't',
      config: { query: '{ status = error }' },
      from: '1764000000000',
      to: '1764003600000',
    });
    const trace = '5b8efff798038103d269b633813fc60c';
    expect(read(explore(trace))).toMatchObject({ grafana: 't', config: { trace } });
    expect(read(explore('8efff798038103d269b633813fc60c'))?.config).toEqual({
      trace: `00${trace.slice(2)}`,
    });
    for (const page of ['api/traces', 'api/v2/traces']) {
      expect(read(`https://tempo.example/t/${page}/${trace}?start=1764000000`)).toEqual({
        connector: 'tempo',
        url: 'https://tempo.example/t',
        title: 'a trace of Tempo',
        config: { trace },
      });
    }
  });

  it('of Zipkin: a search with its time, and a trace', () => {
    expect(
      read(
        'http://zipkin:9411/zipkin/?serviceName=cart&lookback=15m&endTs=1764000900000&annotationQuery=error&limit=10',
      ),
    ).toEqual({
      connector: 'zipkin',
      url: 'http://zipkin:9411',
      title: 'a search of Zipkin for cart',
      config: {},
      from: '1764000000000',
      to: '1764000900000',
    });
    const page = 'https://ops.example/trace/zipkin/?endTs=1764000900000';
    const from = '1764000000000';
    expect(read(`${page}&lookback=range&startTs=${from}`)).toMatchObject({ from });
    expect(read(`${page}&lookback=millis&millis=900000`)).toMatchObject({
      url: 'https://ops.example/trace',
      from,
    });
    for (const page of ['zipkin/traces', 'zipkin/api/v2/trace', 'api/v2/trace']) {
      expect(read(`http://zipkin:9411/${page}/48485a3953bb6124`)).toEqual({
        connector: 'zipkin',
        url: 'http://zipkin:9411',
        title: 'a trace of Zipkin',
        config: { trace: '000000000000000048485a3953bb6124' },
      });
    }
  });

  it('of lines in Grafana’s Explore, and of Loki’s API', () => {
    const query = '{app="cart"} |= "timeout"';
    const panes = {
      x: {
        queries: [{ refId: 'A', expr: query, datasource: { type: 'loki', uid: 'l' } }],
        range: { from: 'now-3h', to: 'now' },
      },
    };
    const explore = `https://grafana.example/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify(panes))}`;
    expect(read(explore)).toEqual({
      connector: 'loki',
      url: 'https://grafana.example',
      grafana: 'l',
      title: 'Grafana’s Explore',
      config: { query },
      from: 'now-3h',
      to: 'now',
      lacks: expect.stringContaining('token') as unknown,
    });
    const [start, end] = ['1764000000000000000', '1764003600000000000'];
    const api = `http://loki:3100/loki/api/v1/query_range?query=${encodeURIComponent(query)}&start=${start}&end=${end}`;
    expect(read(api)).toMatchObject({
      connector: 'loki',
      url: 'http://loki:3100',
      config: { query },
      from: start,
      to: end,
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

  it('of a trace in Kibana’s APM', () => {
    const trace = '5b8efff798038103d269b633813fc60c';
    const link = {
      connector: 'elasticsearch',
      url: '',
      title: 'a trace of Kibana',
      config: { trace, kibana: 'https://kibana.example/s/shop' },
    };
    const apm = 'https://kibana.example/s/shop/app/apm';
    expect(read(`${apm}/link-to/trace/${trace}?rangeFrom=now-1h`)).toMatchObject(link);
    expect(
      read(`${apm}/services/cart/transactions/view?kuery=&traceId=${trace}&transactionId=a`),
    ).toMatchObject(link);
    expect(read(`${apm}/services/cart/overview?rangeFrom=now-1h`)).toBeUndefined();
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
    for (const type of ['jaeger', 'zipkin']) {
      const trace = '5b8efff798038103d269b633813fc60c';
      expect(read(explore(type, { query: trace }))).toMatchObject({
        ...through(type, type),
        config: { trace },
      });
    }
    expect(read(explore('mysql', { rawSql: 'select 1' }))).toBeUndefined();
  });
});
