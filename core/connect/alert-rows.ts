import { BatchBuilder, ResourceInterner, type Attributes, type Batch } from '../model';
import { inSample, planBudget } from './budget';

/** Labels that say where an alert belongs; they become the resource, too. */
const PLACES = [
  'job',
  'service',
  'service_name',
  'app',
  'namespace',
  'pod',
  'container',
  'node',
  'host',
  'instance',
] as const;

export interface AlertRecord {
  readonly fingerprint: string;
  readonly startsAt: bigint;
  /** Undefined where it is not known to have ended. */
  readonly endsAt?: bigint;
  /** With `alertname`, and `severity` where it has one. */
  readonly labels: Attributes;
  readonly annotations: Attributes;
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/**
 * Alertmanager's fingerprint of an alert: FNV-1a over its sorted label names and values with 0xff between
 * (github.com/prometheus/common, model/signature.go), as 16 hexadecimal digits. The same alert from Prometheus
 * and from Alertmanager has the same one, unless external labels were added between.
 */
export function alertFingerprint(labels: Attributes): string {
  const encoder = new TextEncoder();
  let hash = FNV_OFFSET;
  const add = (byte: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  };
  for (const name of Object.keys(labels).sort()) {
    encoder.encode(name).forEach(add);
    add(0xff);
    encoder.encode(labels[name]).forEach(add);
    add(0xff);
  }
  return hash.toString(16).padStart(16, '0');
}

/** Where an alert belongs, as resource attributes. */
export function placeOf(labels: Attributes): Attributes {
  const resource: Record<string, string> = {};
  for (const key of PLACES) {
    const value = labels[key];
    if (value) resource[key] = value;
  }
  return resource;
}

/** Resources and alerts as batches, in the order given. */
export function alertBatches(records: readonly AlertRecord[]): readonly Batch[] {
  if (records.length === 0) return [];
  const resources = new ResourceInterner();
  const rows = new BatchBuilder('alerts');
  const { col } = rows;
  for (const { fingerprint, startsAt, endsAt, labels, annotations } of records) {
    col.fingerprint.push(fingerprint);
    col.name.push(labels['alertname'] ?? '');
    col.starts_at.push(startsAt);
    col.ends_at.push(endsAt !== undefined && endsAt >= startsAt ? endsAt : null);
    col.severity.push(labels['severity'] ?? '');
    col.resource_id.push(resources.intern(placeOf(labels)));
    col.labels.push(labels);
    col.annotations.push(annotations);
    rows.endRow();
  }
  const first = resources.take();
  return first ? [first, rows.take()] : [rows.take()];
}

/** Severities that a budget keeps whole. */
function isSevere({ labels }: AlertRecord): boolean {
  return /^(critical|crit|page|emergency|fatal|error|high|sev-?[01]|p[01])$/i.test(
    labels['severity'] ?? '',
  );
}

/** The alerts that a budget leaves: severe ones whole, of the others a sample by fingerprint and start. */
export function alertsWithin(
  records: readonly AlertRecord[],
  budget: number,
): { readonly kept: readonly AlertRecord[]; readonly sampled: boolean } {
  const severe = records.filter(isSevere).length;
  const { share, sampled } = planBudget(records.length, severe, budget);
  const kept = records.filter(
    (alert) => isSevere(alert) || inSample(`${alert.fingerprint} ${alert.startsAt}`, share),
  );
  return { kept, sampled };
}
