import { hashHex, parseRfc3339 } from '../../core/base';
import {
  headJsonLines,
  jsonAttributes,
  jsonText,
  readJsonTable,
  type FileFormat,
  type Head,
  type JsonObject,
} from '../../core/connect';
import type { BatchBuilder, ResourceInterner } from '../../core/model';

/** Labels that place an alert besides its entity; they become the resource, too. */
const PLACES = [
  'service',
  'pod',
  'node',
  'host',
  'namespace',
  'container',
  'instance',
  'job',
] as const;

/** One alert per line: `ts`, `fingerprint`, `name`, `entity`, `severity`?, `labels`. */
export const alertsJsonl: FileFormat = {
  id: 'alerts-jsonl',
  title: 'Alerts, JSON lines',
  tables: ['resources', 'alerts'],
  sniff,
  describe: () => ({
    signals: ['alerts'],
    time: 'text',
    zone: 'stated',
    clock: 'the alerting system',
    guessed: false,
  }),
  read: (source, signal) =>
    readJsonTable(source, signal, { table: 'alerts', signal: 'alerts', add }),
};

function add(value: JsonObject, rows: BatchBuilder<'alerts'>, resources: ResourceInterner): string {
  const { ts, fingerprint, name, entity, severity, labels, ends_at: ends, annotations } = value;
  const startsAt = typeof ts === 'string' ? parseRfc3339(ts) : undefined;
  if (startsAt === undefined) return 'the alert has no time (ts, RFC 3339)';
  if (typeof name !== 'string' || name === '') return 'the alert has no name';
  const endsAt = typeof ends === 'string' ? parseRfc3339(ends) : undefined;
  if (endsAt !== undefined && endsAt < startsAt) return 'the alert ends before it starts';
  const own = jsonAttributes(labels);
  const resource: Record<string, string> = {};
  if (typeof entity === 'string' && entity !== '') resource['entity'] = entity;
  for (const key of PLACES) {
    const place = own[key];
    if (place) resource[key] = place;
  }
  const { col } = rows;
  col.fingerprint.push(
    typeof fingerprint === 'string' && fingerprint !== ''
      ? fingerprint
      : hashHex(JSON.stringify([name, entity, labels])),
  );
  col.name.push(name);
  col.starts_at.push(startsAt);
  col.ends_at.push(endsAt ?? null);
  col.severity.push(severity === undefined || severity === null ? '' : jsonText(severity));
  col.resource_id.push(resources.intern(resource));
  col.labels.push(own);
  col.annotations.push(jsonAttributes(annotations));
  rows.endRow();
  return '';
}

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headJsonLines(head);
  const fits = lines.filter(
    ({ ts, name, fingerprint, entity, fault_id: fault }) =>
      typeof ts === 'string' &&
      typeof name === 'string' &&
      (fingerprint !== undefined || entity !== undefined) &&
      fault === undefined,
  );
  return fits.length > lines.length / 2
    ? { confidence: 0.92, why: 'JSON lines with "ts", "name" and "fingerprint".' }
    : { confidence: 0, why: '' };
}
