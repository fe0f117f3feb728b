import { describe, expect, it } from 'vitest';
import { parseInstant } from '../core/base';
import { linkSourceOf, readLink, type LinkPlace } from '../core/connect';
import { connectors } from '.';

const FROM = 1_795_269_600_000_000_000n;
const window = { from: FROM, to: FROM + 5_400_000_000_000n };
const traceId = '5b8efff798038103d269b633813fc60c';
const trace = { kind: 'trace', traceId, window } as const;
const alert: LinkPlace = {
  kind: 'alert',
  labels: { alertname: 'HighLatency', service: 'cart', note: 'a "b" \\ c' },
  window,
};
const series = (
  metric: string,
  labels: Record<string, string>,
  metricKind = 'gauge',
): LinkPlace => ({
  kind: 'series',
  metric,
  metricKind,
  labels,
  window,
});

function linkOf(id: string, endpoint: string, place: LinkPlace, config = {}) {
  const source = linkSourceOf(endpoint, config);
  const factory = connectors.find((one) => one.id === id);
  return source && factory?.linkTo?.(source, place);
}

/** What the page's address is read as again. */
function back(...[id, endpoint, place, config]: Parameters<typeof linkOf>) {
  const link = linkOf(id, endpoint, place, config);
  return link && readLink(link.url, connectors);
}

const PROXY = 'https://ops.example/grafana/api/datasources/proxy/uid/ds-1';
const through = { url: 'https://ops.example/grafana', grafana: 'ds-1' };
const asked = { from: String(window.from / 1_000_000n), to: String(window.to / 1_000_000n) };

describe('the address of a row at its backend', () => {
  it.each(['http://jaeger:16686', 'https://ops.example/jaeger/ui'])(
    'is a trace of Jaeger at %s',
    (url) => {
      expect(linkOf('jaeger', `${url}/`, trace)).toEqual({
        product: 'Jaeger',
        url: `${url}/trace/${traceId}`,
      });
      const read = { connector: 'jaeger', url, config: { trace: traceId } };
      expect(back('jaeger', url, trace)).toMatchObject(read);
    },
  );

  it('is a trace of Zipkin, as it spells ids of 64 bits', () => {
    const short = { kind: 'trace', traceId: '000000000000000048485a3953bb6124', window } as const;
    const url = 'http://zipkin:9411';
    expect(linkOf('zipkin', url, short)?.url).toBe(`${url}/zipkin/traces/48485a3953bb6124`);
    expect(linkOf('zipkin', `${url}/zipkin`, trace)?.url).toBe(`${url}/zipkin/traces/${traceId}`);
    const read = { connector: 'zipkin', url, config: { trace: short.traceId } };
    expect(back('zipkin', url, short)).toMatchObject(read);
  });

  it.each(['jaeger', 'tempo', 'zipkin'])('is a trace of %s in Grafana’s Explore', (connector) => {
    expect(linkOf(connector, PROXY, trace)?.product).toBe('Grafana');
    const config = { trace: traceId };
    expect(back(connector, PROXY, trace)).toMatchObject({
      connector,
      ...through,
      ...asked,
      config,
    });
  });

  it('names a span where the page can show one', () => {
    const span: LinkPlace = { ...trace, spanId: '00f067aa0ba902b7' };
    const url = 'http://jaeger:16686';
    expect(linkOf('jaeger', url, span)?.url).toBe(
      `${url}/trace/${traceId}?uiFind=00f067aa0ba902b7`,
    );
    expect(back('jaeger', url, span)).toMatchObject({ url, config: { trace: traceId } });
    expect(linkOf('zipkin', url, span)?.url).toBe(`${url}/zipkin/traces/${traceId}`);
    for (const id of ['jaeger', 'tempo', 'zipkin']) {
      const link = linkOf(id, PROXY, span)?.url ?? '';
      expect(decodeURIComponent(link)).toContain('"trace":{"spanId":"00f067aa0ba902b7"}');
    }
  });

  it.each([
    ['up', { job: 'cart', instance: '10.0.0.1:80' }, 'up{instance="10.0.0.1:80",job="cart"}'],
    ['node_load1', {}, 'node_load1'],
    ['q', { a: 'say "x" \\ {y}\n' }, 'q{a="say \\"x\\" \\\\ {y}\\n"}'],
    ['http.server.active', { 'k8s.pod': 'a' }, '{__name__="http.server.active","k8s.pod"="a"}'],
  ])('is the graph of %s', (metric, labels, match) => {
    const place = series(metric, labels);
    const link = back('prometheus', 'https://ops.example/prom', place);
    expect(link).toMatchObject({ connector: 'prometheus', url: 'https://ops.example/prom' });
    expect(link?.config).toEqual({ match });
    const [from, to] = [link?.from ?? '', link?.to ?? ''].map((text) => parseInstant(text, 0n));
    expect({ from, to }).toEqual(window);
    expect(back('prometheus', PROXY, place)).toMatchObject({
      ...through,
      ...asked,
      config: { match },
    });
  });

  it('is the graph of the buckets of a histogram, which is one series here', () => {
    const place = series('http_request_duration_seconds', { job: 'cart' }, 'histogram');
    const match = '{__name__=~"http_request_duration_seconds(_bucket)?",job="cart"}';
    expect(back('prometheus', 'http://prom:9090', place)?.config).toEqual({ match });
  });

  it('is the graph of an alert of Prometheus', () => {
    expect(back('prometheus', 'http://prom:9090', alert)?.config).toEqual({
      match: 'ALERTS{alertname="HighLatency",note="a \\"b\\" \\\\ c",service="cart"}',
    });
  });

  it('is an alert of Alertmanager, which is read as its matchers', () => {
    const url = 'https://ops.example/alertmanager';
    expect(back('alertmanager', url, alert)).toMatchObject({
      connector: 'alertmanager',
      url,
      config: { filter: 'alertname="HighLatency"\nnote="a \\"b\\" \\\\ c"\nservice="cart"' },
    });
    const typed = `${url}/#/alerts?filter=%7Bteam%3D~%22a%2Cb%22%2Cenv!%3D%22dev%22%7D`;
    expect(readLink(typed, connectors)?.config).toEqual({ filter: 'team=~"a,b"\nenv!="dev"' });
  });

  const line: LinkPlace = { kind: 'line', resource: { 'service.name': 'cart' }, window };

  it.each([
    [{ query: '{app="cart"} |= "x"' }, '{app="cart"} |= "x"'],
    [{}, '{service_name="cart"}'],
  ])('is what stands around a line of Loki in Grafana’s Explore: %o', (config, query) => {
    const link = back('loki', PROXY, line, config);
    expect(link).toMatchObject({ connector: 'loki', ...through, ...asked, config: { query } });
    expect(linkOf('loki', 'http://loki:3100', line, config)).toBeUndefined();
  });

  it('is what stands around a line in Kibana, where its address is known', () => {
    const kibana = 'https://kibana.example/s/shop';
    const config = { kibana, index: "logs-it's!*,app-*", service: 'svc' };
    const link = linkOf('elasticsearch', 'http://es:9200', line, config);
    expect(link?.product).toBe('Kibana');
    expect(decodeURIComponent(link?.url ?? '')).toContain(`query:'svc:"cart"'`);
    expect(back('elasticsearch', 'http://es:9200', line, config)).toMatchObject({
      connector: 'elasticsearch',
      from: '2026-11-21T14:00:00Z',
      to: '2026-11-21T15:30:00Z',
      config: { kibana, index: config.index },
    });
    expect(linkOf('elasticsearch', 'http://es:9200', line, { index: 'a' })).toBeUndefined();
    expect(back('elasticsearch', PROXY, line)).toMatchObject({
      connector: 'elasticsearch',
      ...through,
      ...asked,
    });
  });

  it('covers the window, where that is no whole second', () => {
    const place = { ...series('up', {}), window: { from: FROM + 1n, to: FROM + 2n } } as LinkPlace;
    expect(back('prometheus', 'http://prom:9090', place)).toMatchObject({
      from: '2026-11-21T14:00:00Z',
      to: '2026-11-21T14:00:01Z',
    });
  });

  it('holds no sign-in, and is none for what is no address of the web', () => {
    expect(linkOf('jaeger', 'http://me:secret@jaeger:16686/?token=s#t', trace)?.url).toBe(
      `http://jaeger:16686/trace/${traceId}`,
    );
    for (const endpoint of [
      '',
      'traces.json',
      '/tmp/a',
      's3://bucket/a',
      'javascript:alert(1)',
      'kafka:9092',
    ]) {
      expect(linkOf('jaeger', endpoint, trace)).toBeUndefined();
    }
  });

  it('is none where the backend has no page for it', () => {
    expect(linkOf('tempo', 'http://tempo:3200', trace)).toBeUndefined();
    expect(linkOf('jaeger', 'http://jaeger:16686', alert)).toBeUndefined();
    // Grafana's Explore does not know data sources by their numbers.
    expect(linkOf('tempo', 'https://g.example/api/datasources/proxy/7', trace)).toBeUndefined();
  });
});
