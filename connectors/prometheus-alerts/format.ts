import { parseRfc3339 } from '../../core/base';
import {
  Redactor,
  RowSink,
  alertFingerprint,
  headJson,
  isJsonObject,
  jsonAttributes,
  jsonRecords,
  jsonText,
  placeOf,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
} from '../../core/connect';

/**
 * What Prometheus answers for /api/v1/alerts and /api/v1/rules, and Grafana under /api/prometheus/grafana: alerts
 * as they were at that moment. Source: prometheus.io/docs/prometheus/latest/querying/api.
 */
export const prometheusAlerts: FileFormat = {
  id: 'prometheus-alerts',
  title: 'Prometheus alerts or rules, API v1',
  tables: ['resources', 'alerts'],
  sniff,
  describe: () => ({
    signals: ['alerts'],
    time: 'text',
    zone: 'stated',
    clock: 'the server that evaluates the rules',
    guessed: false,
  }),
  read: (source, signal) => {
    const reader = new Reader();
    const records = jsonRecords(source, signal, { lists: ['data.alerts', 'data.groups'] });
    return readRecords(records, {
      sink: reader.sink,
      signal: 'alerts',
      add: ({ path, value }, where) => reader.record(path, value, where),
    });
  },
};

class Reader {
  readonly sink = new RowSink();
  private readonly redactor = new Redactor(this.sink.notices);

  record(path: string | undefined, value: JsonObject, where: string): string {
    if (path === 'data.alerts') return this.alert(value, {});
    if (path === undefined) return 'the answer has neither alerts nor groups of rules';
    const { rules, name } = value;
    if (!Array.isArray(rules)) return 'the group has no list of rules';
    const group: Readonly<Record<string, string>> =
      typeof name === 'string' ? { 'prometheus.group': name } : {};
    for (const [i, rule] of (rules as readonly unknown[]).entries()) {
      this.rule(rule, group, `${where}.rules[${i}]`);
    }
    return '';
  }

  private rule(rule: unknown, group: Readonly<Record<string, string>>, where: string): void {
    if (!isJsonObject(rule)) {
      this.sink.drop('alerts', where, JSON.stringify(rule), 'the rule is not an object');
      return;
    }
    if (rule['type'] === 'recording') {
      this.sink.notices.add(
        'recording-rules',
        'info',
        (n) => `${n} recording rules have no alerts and were left out.`,
      );
      return;
    }
    if (typeof rule['lastError'] === 'string' && rule['lastError'] !== '') {
      this.sink.notices.add(
        'rules-failing',
        'warning',
        (n) => `${n} alerting rules could not be evaluated when the server was asked (lastError).`,
      );
    }
    const { alerts, duration } = rule;
    const about = {
      ...group,
      ...(typeof duration === 'number' && duration > 0 ? { 'prometheus.for': `${duration}s` } : {}),
    };
    for (const [i, alert] of (Array.isArray(alerts) ? (alerts as unknown[]) : []).entries()) {
      const reason = isJsonObject(alert) ? this.alert(alert, about) : 'the alert is not an object';
      const place = `${where}.alerts[${i}]`;
      if (reason !== '') this.sink.drop('alerts', place, JSON.stringify(alert), reason);
    }
  }

  private alert(alert: JsonObject, about: Readonly<Record<string, string>>): string {
    const labels = jsonAttributes(alert['labels']);
    const name = labels['alertname'] ?? '';
    const state = stateOf(alert['state']);
    if (name === '') return 'the alert has no label alertname';
    // Grafana lists every series of a rule; those that are well are no alerts.
    if (state === 'normal' || state === 'inactive') {
      this.sink.notices.add(
        'alerts-inactive',
        'info',
        (n) =>
          `${n} entries are series of alert rules for which nothing fires; they were left out.`,
      );
      return '';
    }
    const startsAt = instant(alert['activeAt']);
    if (startsAt === undefined) return 'the alert has no activeAt';
    this.say(state);
    const { value } = alert;
    this.sink.alert({
      fingerprint: alertFingerprint(labels),
      name,
      startsAt,
      severity: labels['severity'] ?? '',
      resource: placeOf(labels),
      labels,
      annotations: {
        ...this.redactor.attributes(jsonAttributes(alert['annotations'])),
        ...about,
        ...(state === '' ? {} : { 'prometheus.state': state }),
        ...(value === undefined || value === null ? {} : { 'prometheus.value': jsonText(value) }),
      },
    });
    return '';
  }

  private say(state: string): void {
    this.sink.notices.add(
      'start-is-active-at',
      'info',
      (n) =>
        `${n} alerts begin when their condition was first true (activeAt); a rule's "for" passes before it fires.`,
    );
    if (state !== 'pending') return;
    this.sink.notices.add(
      'alerts-pending',
      'info',
      (n) => `${n} alerts were pending, not firing; they say so in "prometheus.state".`,
    );
  }
}

/** Prometheus writes firing, pending, inactive; Grafana Alerting, Pending, Normal, NoData, Error, with reasons. */
function stateOf(value: unknown): string {
  const state = typeof value === 'string' ? value.toLowerCase() : '';
  if (state === 'alerting') return 'firing';
  return /^normal\b/.test(state) ? 'normal' : state;
}

function instant(value: unknown): bigint | undefined {
  const ts = typeof value === 'string' ? parseRfc3339(value) : undefined;
  return ts !== undefined && ts > 0n ? ts : undefined;
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const data: unknown = isJsonObject(value) ? value['data'] : undefined;
  if (!isJsonObject(data)) return NO;
  const { alerts, groups } = data;
  const alert: unknown = Array.isArray(alerts) ? alerts[0] : undefined;
  if (isJsonObject(alert) && 'activeAt' in alert) {
    return { confidence: 0.97, why: 'The answer of /api/v1/alerts: alerts with "activeAt".' };
  }
  const group: unknown = Array.isArray(groups) ? groups[0] : undefined;
  return isJsonObject(group) && Array.isArray(group['rules'])
    ? { confidence: 0.97, why: 'The answer of /api/v1/rules: groups with "rules".' }
    : NO;
}

const NO = { confidence: 0, why: '' };
