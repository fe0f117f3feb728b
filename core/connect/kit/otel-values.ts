import type { Attributes } from '../../model';
import { isJsonObject } from '../import-json';
import { objectIn } from './json-exact';
import { cellText } from './mapping-shape';

const METRIC_KINDS = ['gauge', 'counter', 'histogram', 'summary', 'unknown'] as const;

/** OpenTelemetry's kind of a metric, by its name, else by what it has. */
export function metricKind(named: string, histogram: boolean, monotonic: unknown) {
  const kind = METRIC_KINDS.find((one) => one === named);
  if (kind) return kind;
  if (histogram) return 'histogram';
  if (monotonic === undefined || monotonic === null) return 'unknown';
  return monotonic === true ? 'counter' : 'gauge';
}

/** An integer of 64 bits; undefined for others. */
export function nsOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined;
  return typeof value === 'number' && Number.isFinite(value)
    ? BigInt(Math.round(value))
    : undefined;
}

/** A value as text; of a tagged body (type, str) its text. */
export function plainText(value: unknown): string {
  if (isJsonObject(value) && typeof value['str'] === 'string') return value['str'];
  if (typeof value === 'object' && value !== null) {
    return JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v));
  }
  return cellText(value);
}

/** A map as a record of texts; a list of keys and values is one, too, and a JSON object in a text. */
export function attributesOf(given: unknown): Attributes {
  const value = typeof given === 'string' ? objectIn(given) : given;
  const found: Record<string, string> = {};
  if (Array.isArray(value)) {
    for (const pair of value) {
      if (isJsonObject(pair)) found[plainText(pair['key'])] = plainText(pair['value']);
    }
  } else if (isJsonObject(value)) {
    for (const [key, of] of Object.entries(value)) {
      if (of !== null && of !== undefined) found[key] = plainText(of);
    }
  }
  return found;
}
