import { parseRfc3339 } from '../../core/base';
import {
  asList,
  Redactor,
  RowSink,
  alertFingerprint,
  headJson,
  isJsonObject,
  jsonAttributes,
  jsonRecords,
  placeOf,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
} from '../../core/connect';

/**
 * What Alertmanager's API v2 answers for /alerts and /alerts/groups (`amtool alert query -o json` prints the
 * same), and Grafana's under /api/alertmanager/grafana. Source: alertmanager/api/v2/openapi.yaml.
 */
export const alertmanagerAlerts: FileFormat = {
  id: 'alertmanager-alerts',
  title: 'Alertmanager alerts, API v2',
  tables: ['resources', 'alerts'],
  sniff,
  describe: () => ({
    signals: ['alerts'],
    time: 'text',
    zone: 'stated',
    clock: 'Alertmanager and what sends alerts to it',
    guessed: false,
  }),
  read: (source, signal) => {
    const reader = new Reader();
    return readRecords(jsonRecords(source, signal, { lists: ['', 'data'] }), {
      sink: reader.sink,
      signal: 'alerts',
      add: ({ value }, where) => reader.record(value, where),
    });
  },
};

class Reader {
  readonly sink = new RowSink();
  private readonly redactor = new Redactor(this.sink.notices);
  /** Alerts that stand in a group of every receiver they go to. */
  private readonly grouped = new Set<string>();

  /** An alert, or a group of them. */
  record(value: JsonObject, where: string): string {
    const { alerts, receiver, labels } = value;
    if (!Array.isArray(alerts)) return this.alert(value, {});
    const group = Object.entries(jsonAttributes(labels)).map(([key, text]) => `${key}=${text}`);
    const name = isJsonObject(receiver) ? receiver['name'] : undefined;
    const routing = {
      ...(group.length > 0 ? { 'alertmanager.group': group.join(', ') } : {}),
      ...(typeof name === 'string' ? { 'alertmanager.receivers': name } : {}),
    };
    for (const [i, alert] of (alerts as readonly unknown[]).entries()) {
      if (this.isAgain(alert)) continue;
      const reason = isJsonObject(alert)
        ? this.alert(alert, routing)
        : 'the alert is not an object';
      const place = `${where}.alerts[${i}]`;
      if (reason !== '') this.sink.drop('alerts', place, JSON.stringify(alert), reason);
    }
    return '';
  }

  private isAgain(alert: unknown): boolean {
    if (!isJsonObject(alert) || typeof alert['fingerprint'] !== 'string') return false;
    const key = `${alert['fingerprint']} ${String(alert['startsAt'])}`;
    if (!this.grouped.has(key)) {
      this.grouped.add(key);
      return false;
    }
    this.sink.notices.add(
      'alerts-in-several-groups',
      'info',
      (n) => `${n} alerts stand in the group of another receiver, too, and were taken once.`,
    );
    return true;
  }

  private alert(alert: JsonObject, routing: Readonly<Record<string, string>>): string {
    const labels = jsonAttributes(alert['labels']);
    const name = labels['alertname'] ?? '';
    const startsAt = instant(alert['startsAt']);
    if (startsAt === undefined) return 'the alert has no startsAt';
    if (name === '') return 'the alert has no label alertname';
    const endsAt = this.end(alert);
    const { fingerprint } = alert;
    this.sink.alert({
      fingerprint:
        typeof fingerprint === 'string' && fingerprint !== ''
          ? fingerprint
          : alertFingerprint(labels),
      name,
      startsAt,
      ...(endsAt === undefined ? {} : { endsAt }),
      severity: labels['severity'] ?? '',
      resource: placeOf(labels),
      labels,
      annotations: {
        ...this.redactor.attributes(jsonAttributes(alert['annotations'])),
        ...routing,
        ...stateOf(alert),
      },
    });
    return '';
  }

  /**
   * An end after the alert's last update is when Alertmanager would forget it if nothing came any more: a guess
   * of the future, no end.
   */
  private end({ endsAt: given, updatedAt }: JsonObject): bigint | undefined {
    const end = instant(given);
    if (end === undefined) return undefined;
    const updated = instant(updatedAt);
    if (updated !== undefined && end <= updated) return end;
    this.sink.notices.add(
      'end-is-a-guess',
      'info',
      (n) =>
        `${n} alerts name the time at which they would be forgotten; they have no end yet and are kept without one.`,
    );
    return undefined;
  }
}

/** State, silences, inhibitions and receivers, named as the connector names them. */
function stateOf({ status, receivers }: JsonObject): Readonly<Record<string, string>> {
  const out: Record<string, string> = {};
  const names = asList(receivers).flatMap((receiver) =>
    isJsonObject(receiver) && typeof receiver['name'] === 'string' ? [receiver['name']] : [],
  );
  if (names.length > 0) out['alertmanager.receivers'] = names.join(', ');
  if (!isJsonObject(status)) return out;
  const { state, silencedBy, inhibitedBy, mutedBy } = status;
  if (typeof state === 'string') out['alertmanager.state'] = state;
  if (asList(inhibitedBy).length > 0) out['alertmanager.inhibited'] = 'true';
  const silences = asList(silencedBy).filter((id) => typeof id === 'string');
  if (silences.length > 0) out['alertmanager.silenced_by'] = silences.sort().join(', ');
  const mutes = asList(mutedBy).filter((id) => typeof id === 'string');
  if (mutes.length > 0) out['alertmanager.muted_by'] = mutes.sort().join(', ');
  return out;
}

/** RFC 3339; Go's zero time means that there is none. */
function instant(value: unknown): bigint | undefined {
  const ts = typeof value === 'string' ? parseRfc3339(value) : undefined;
  return ts !== undefined && ts > 0n ? ts : undefined;
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const list: unknown = isJsonObject(value) ? value['data'] : value;
  const first: unknown = asList(list)[0];
  if (!isJsonObject(first)) return NO;
  const inner: unknown = asList(first['alerts'])[0];
  const alert = isJsonObject(inner) ? inner : first;
  const known = ['startsAt', 'endsAt', 'fingerprint', 'status', 'receivers', 'updatedAt'].filter(
    (key) => key in alert,
  );
  return 'startsAt' in alert && known.length >= 3
    ? {
        confidence: 0.96,
        why: 'A list of alerts with "startsAt" and "fingerprint", as Alertmanager answers.',
      }
    : NO;
}

const NO = { confidence: 0, why: '' };
