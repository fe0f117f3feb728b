import { FaultlineError, hashHex, parseRfc3339 } from '../../core/base';
import {
  NoticeCounts,
  Redactor,
  excerpt,
  isJsonObject,
  jsonAttributes,
  droppedCounts,
  placeInText,
  placeOf,
  redactText,
  type DroppedRecord,
  type JsonObject,
  type PostedRecords,
} from '../../core/connect';
import { BatchBuilder, ResourceInterner, type Batch } from '../../core/model';

interface Decoded extends PostedRecords {
  /** Those that were dropped. */
  readonly records: readonly DroppedRecord[];
}

/**
 * The alerts of an Alertmanager webhook (version 4, and Grafana's variant of it). Throws 'format/damaged'
 * where the body is none.
 */
export function decodeAlertWebhook(body: Uint8Array): Decoded {
  const value = parsed(body);
  if (!isJsonObject(value) || !Array.isArray(value['alerts'])) {
    throw new FaultlineError('format/damaged', 'Not an alert webhook: it has no list "alerts".');
  }
  const reader = new Reader();
  const dropped: DroppedRecord[] = [];
  const reasons = new Map<string, number>();
  for (const [i, alert] of value['alerts'].entries()) {
    const reason = isJsonObject(alert) ? reader.alert(alert) : 'the alert is not an object';
    if (!reason) continue;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    const text = JSON.stringify(alert);
    dropped.push({
      signal: 'alerts',
      where: `alerts[${i}]`,
      text: excerpt(redactText(text)),
      reason,
      ...placeInText(text),
    });
  }
  const left = value['truncatedAlerts'];
  if (typeof left === 'number' && left > 0) {
    reader.notices.add(
      'alerts-truncated',
      'warning',
      (n) => `The sender left ${n} alerts out (truncatedAlerts). Raise max_alerts there.`,
      left,
    );
  }
  return {
    batches: reader.take(),
    dropped: dropped.length,
    reasons,
    records: dropped,
    droppedAt: droppedCounts(dropped),
    notices: reader.notices.take(),
  };
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new FaultlineError('format/damaged', 'The alert webhook is not valid JSON.', { cause });
  }
}

class Reader {
  readonly notices = new NoticeCounts();
  private readonly redactor = new Redactor(this.notices);
  private readonly rows = new BatchBuilder('alerts');
  private readonly resources = new ResourceInterner();

  alert(alert: JsonObject): string {
    const labels = jsonAttributes(alert['labels']);
    const startsAt = instant(alert['startsAt']);
    const name = labels['alertname'] ?? '';
    if (startsAt === undefined) return 'the alert has no startsAt';
    if (name === '') return 'the alert has no label alertname';
    const endsAt = alert['status'] === 'firing' ? undefined : instant(alert['endsAt']);
    const { fingerprint } = alert;
    const { col } = this.rows;
    col.fingerprint.push(
      typeof fingerprint === 'string' && fingerprint !== ''
        ? fingerprint
        : hashHex(JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))),
    );
    col.name.push(name);
    col.starts_at.push(startsAt);
    col.ends_at.push(endsAt !== undefined && endsAt >= startsAt ? endsAt : null);
    col.severity.push(labels['severity'] ?? '');
    col.resource_id.push(this.resources.intern(placeOf(labels)));
    col.labels.push(labels);
    col.annotations.push({
      ...this.redactor.attributes(jsonAttributes(alert['annotations'])),
      ...grafanaOf(alert),
    });
    this.rows.endRow();
    return '';
  }

  take(): readonly Batch[] {
    const resources = this.resources.take();
    const rows = this.rows.rows > 0 ? this.rows.take() : undefined;
    return [resources, rows].filter((batch) => batch !== undefined);
  }
}

/** What Grafana says besides: where the alert is drawn, and the values of its queries. */
function grafanaOf(alert: JsonObject): Readonly<Record<string, string>> {
  const out = jsonAttributes(alert['values'], 'grafana.value.');
  for (const [key, name] of [
    ['dashboardURL', 'grafana.dashboard_url'],
    ['panelURL', 'grafana.panel_url'],
  ] as const) {
    const url = alert[key];
    if (typeof url === 'string' && url !== '') out[name] = url;
  }
  return out;
}

/** RFC 3339; Go's zero time means that there is none. */
function instant(value: unknown): bigint | undefined {
  const ts = typeof value === 'string' ? parseRfc3339(value) : undefined;
  return ts !== undefined && ts > 0n ? ts : undefined;
}
