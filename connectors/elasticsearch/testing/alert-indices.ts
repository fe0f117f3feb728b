import { beforeAll, expect, it } from 'vitest';
import type { Upstream } from '../../../core/connect';
import { hashOf, untilMark, type Pulled } from '../../../core/connect/testing/pulled';
import { Cluster, DATE, MS, START, iso, noticeOf } from './cluster';

const KEYWORD = { type: 'keyword' } as const;
const keywords = (names: string): Record<string, unknown> =>
  Object.fromEntries(names.split(' ').map((name) => [name, KEYWORD]));
const MINUTE = 60_000;
const at = (ms: number): bigint => START + BigInt(ms) * MS;

interface Alert {
  readonly starts_at: bigint;
  readonly ends_at: bigint | null;
  readonly name: string;
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly fingerprint: string;
}
const alertsOf = ({ tables }: Pulled): readonly Alert[] =>
  (tables.alerts ?? []) as unknown as readonly Alert[];

function kibanaAlert(id: string, start: number, end: number | undefined, more = {}): object {
  return {
    _id: id,
    '@timestamp': iso(end ?? 55 * MINUTE),
    'kibana.alert.uuid': id,
    'kibana.alert.rule.name': 'High error rate',
    'kibana.alert.rule.uuid': 'b1f0',
    'kibana.alert.rule.category': 'Custom threshold',
    'kibana.alert.instance.id': 'cart',
    'kibana.alert.status': end === undefined ? 'active' : 'recovered',
    'kibana.alert.start': iso(start),
    ...(end === undefined ? {} : { 'kibana.alert.end': iso(end) }),
    'kibana.alert.reason': 'Error rate is 12 %, above the threshold of 5 %.',
    'kibana.alert.evaluation.value': 12,
    'kibana.alert.evaluation.threshold': 5,
    'kibana.alert.group': [{ field: 'service.name', value: 'cart' }],
    'service.name': 'cart',
    ...more,
  };
}

/** Alerts as Kibana, OpenSearch, ElastAlert and Watcher are documented to keep them, in a real cluster. */
export function alertIndices(start: () => Promise<Upstream>): void {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = new Cluster(await start());
  }, 240_000);

  it('brings alerts of Kibana with their lives (documented shape), through their alias', async () => {
    const names = 'uuid rule.name rule.uuid rule.category instance.id status severity';
    const properties = {
      '@timestamp': DATE,
      ...Object.fromEntries(names.split(' ').map((name) => [`kibana.alert.${name}`, KEYWORD])),
      'kibana.alert.start': DATE,
      'kibana.alert.end': DATE,
      'service.name': KEYWORD,
    };
    const found = {
      '@timestamp': iso(5 * MINUTE),
      'kibana.alert.uuid': 'd',
      'kibana.alert.rule.name': 'Sign-in from two places',
      'kibana.alert.status': 'active',
      'kibana.alert.severity': 'high',
    };
    const documents = [
      kibanaAlert('before', -90 * MINUTE, -80 * MINUTE),
      kibanaAlert('into', -30 * MINUTE, 10 * MINUTE),
      kibanaAlert('within', 20 * MINUTE, 30 * MINUTE),
      kibanaAlert('open', 40 * MINUTE, undefined),
      kibanaAlert('after', 90 * MINUTE, 95 * MINUTE),
      found,
    ];
    const index = '.internal.alerts-observability.threshold.alerts-default-000001';
    await cluster.index(index, properties, documents as never, 1, { 'index.hidden': true });
    const add = { index, alias: '.alerts-observability.threshold.alerts-default', is_hidden: true };
    const actions = [{ add: { ...add, is_write_index: true } }];
    await cluster.send('POST', '/_aliases', { actions }).catch(async () => {
      // OpenSearch has no hidden aliases.
      const { is_hidden: _, ...shown } = add;
      await cluster.send('POST', '/_aliases', { actions: [{ add: shown }] });
    });
    const pulled = await cluster.pull({ index: '.alerts-*' });
    const alerts = alertsOf(pulled);
    expect(alerts.map(({ starts_at, ends_at }) => [starts_at, ends_at])).toEqual([
      [at(-30 * MINUTE), at(10 * MINUTE)],
      [at(5 * MINUTE), null],
      [at(20 * MINUTE), at(30 * MINUTE)],
      [at(40 * MINUTE), null],
    ]);
    expect(alerts[1]).toMatchObject({ name: 'Sign-in from two places', severity: 'high' });
    expect(alerts[2]).toMatchObject({
      name: 'High error rate',
      labels: { service: 'cart', 'service.name': 'cart', instance: 'cart' },
      annotations: { summary: expect.stringContaining('12 %'), value: '12', threshold: '5' },
    });
    // The same alert again and again has one fingerprint.
    expect(alerts[0]?.fingerprint).toBe(alerts[2]?.fingerprint);
    const totals = pulled.coverage.map(({ signal, rowsTotal, rowsKept }) => [
      signal,
      rowsTotal,
      rowsKept,
    ]);
    expect(totals).toEqual([['alerts', 4, 4]]);
    for (let nth = 0; nth < pulled.cursors.length; nth++) {
      const { kept, cursor } = untilMark(pulled, nth);
      const rest = await cluster.pull({ index: '.alerts-*' }, { resumeAt: cursor });
      expect(hashOf(kept.tables, rest.tables)).toBe(hashOf(pulled.tables));
    }
    const few = await cluster.pull({ index: '.alerts-*' }, { budget: 2 });
    expect(alertsOf(few).map(({ severity }) => severity)).toContain('high');
    expect(alertsOf(few).length).toBeLessThan(4);
    expect(noticeOf(few, 'rows-sampled')?.message).toMatch(/documents of alerts .* budget of 2/);
  });

  it('brings alerts of OpenSearch from their index and its history (documented shape)', async () => {
    const properties = {
      ...keywords('id monitor_id trigger_id state severity monitor_name trigger_name'),
      ...Object.fromEntries(['start_time', 'end_time', 'acknowledged_time'].map((n) => [n, DATE])),
    };
    const alert = (id: string, start: number, end: number | null, state: string): object => ({
      id,
      monitor_id: 'mon-1',
      monitor_name: 'Checkout',
      trigger_id: 'trg-1',
      trigger_name: 'Too slow',
      state,
      severity: '1',
      start_time: Number(at(start) / MS),
      end_time: end === null ? null : Number(at(end) / MS),
      error_message: null,
    });
    const older = alert('a', 5 * MINUTE, null, 'ACTIVE');
    const newer = alert('a', 5 * MINUTE, 9 * MINUTE, 'COMPLETED');
    const name = '.opendistro-alerting-alert-history-2026.09.22-1';
    await cluster.index('.opendistro-alerting-alerts', properties, [older] as never);
    await cluster.index(name, properties, [
      newer,
      alert('b', -9 * MINUTE, null, 'ACTIVE'),
    ] as never);
    const pulled = await cluster.pull({ index: '.opendistro-alerting-*' });
    const lives = alertsOf(pulled).map((one) => [one.starts_at, one.ends_at, one.severity]);
    expect(new Set(lives.map(String))).toEqual(
      new Set([
        String([at(5 * MINUTE), at(9 * MINUTE), 'sev-1']),
        String([at(5 * MINUTE), null, 'sev-1']),
        String([at(-9 * MINUTE), null, 'sev-1']),
      ]),
    );
  });

  it('brings what ElastAlert sent (documented shape), without an end', async () => {
    const properties = {
      ...keywords('rule_name alert_sent'),
      '@timestamp': DATE,
      alert_time: DATE,
      match_time: DATE,
    };
    const document = {
      rule_name: 'Refused payments',
      alert_sent: true,
      alert_time: iso(2 * MINUTE),
      match_time: iso(MINUTE),
      '@timestamp': iso(2 * MINUTE),
      alert_info: { type: 'slack' },
      match_body: { service: { name: 'payment' }, num_hits: 40 },
    };
    const status = { rule_name: 'Refused payments', hits: 3, matches: 1, '@timestamp': iso(0) };
    await cluster.index('elastalert_status', properties, [document]);
    await cluster.index('elastalert_status_status', properties, [status]);
    const pulled = await cluster.pull({ index: 'elastalert_status*' });
    expect(alertsOf(pulled)).toMatchObject([
      {
        name: 'Refused payments',
        starts_at: at(MINUTE),
        ends_at: null,
        labels: { service: 'payment' },
        annotations: { sent: 'true', 'alert_info.type': 'slack' },
      },
    ]);
    expect(noticeOf(pulled, 'alerts-without-end')).toMatchObject({ severity: 'info', count: 1 });
  });

  it('makes one alert of the executions of a watch while its condition was met (documented shape)', async () => {
    const properties = {
      ...keywords('watch_id state'),
      result: {
        properties: {
          execution_time: DATE,
          condition: { properties: { met: { type: 'boolean' } } },
        },
      },
      trigger_event: { properties: { triggered_time: DATE } },
    };
    const execution = (watch: string, minute: number, met: boolean | null): object => ({
      watch_id: watch,
      state: met === null ? 'failed' : met ? 'executed' : 'execution_not_needed',
      trigger_event: { type: 'schedule', triggered_time: iso(minute * MINUTE) },
      metadata: { name: `Watch ${watch}`, severity: 'critical' },
      result: {
        execution_time: iso(minute * MINUTE),
        ...(met === null ? {} : { condition: { type: 'compare', status: 'success', met } }),
        actions: met ? [{ id: 'mail', type: 'email', status: 'success' }] : [],
      },
    });
    const documents = [
      execution('a', 1, false),
      ...[2, 3, 5].map((minute) => execution('a', minute, true)),
      execution('a', 4, null),
      execution('a', 6, false),
      execution('b', 1, true),
    ];
    const index = '.watcher-history-16-2026.09.22';
    await cluster.index(index, { properties }, documents as never, 2);
    const pulled = await cluster.pull({ index: '.watcher-history-*' });
    expect(alertsOf(pulled)).toMatchObject([
      { name: 'Watch b', starts_at: at(MINUTE), ends_at: null, severity: 'critical' },
      {
        name: 'Watch a',
        starts_at: at(2 * MINUTE),
        ends_at: at(6 * MINUTE),
        annotations: { actions: 'mail: success' },
      },
    ]);
    expect(noticeOf(pulled, 'alert-start-unknown')).toMatchObject({ count: 1 });
  });
}
