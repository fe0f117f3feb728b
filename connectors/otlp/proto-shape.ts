import { BYTES, FIXED32, FIXED64, VARINT } from '../../core/connect';
import type { Signal } from '../../core/model';

/** A field of a message; `to` may lie beyond the bytes that are at hand. */
interface Field {
  readonly number: number;
  readonly type: number;
  readonly from: number;
  readonly to: number;
}

/** What the bytes of an export request look like, without reading it: also of a start that was cut. */
export interface Shape {
  /** False where this is no message of `resource_spans`, `resource_logs` or `resource_metrics`. */
  readonly valid: boolean;
  /** Undefined where no record was seen. */
  readonly signal: Signal | undefined;
}

const NO: Shape = { valid: false, signal: undefined };
/** Fields of OTLP's messages have small numbers; 1000 is the old list of instrumentation libraries. */
const MOST = 1000;

/** The shape of the request in [from, to) of the bytes; `to` may lie beyond them. */
export function shapeOf(bytes: Uint8Array, from = 0, to = bytes.length): Shape {
  let signal: Signal | undefined;
  for (const field of fieldsOf(bytes, from, to)) {
    if (!field || field.number !== 1 || field.type !== BYTES) return NO;
    const found = shapeOfResource(bytes, field.from, field.to);
    if (!found.valid) return NO;
    signal ??= found.signal;
  }
  return { valid: true, signal };
}

/** The shape of a ResourceSpans, ResourceLogs or ResourceMetrics: resource = 1, scopes = 2, schema_url = 3. */
export function shapeOfResource(bytes: Uint8Array, from = 0, to = bytes.length): Shape {
  let signal: Signal | undefined;
  for (const field of fieldsOf(bytes, from, to)) {
    if (field?.type !== BYTES) return NO;
    if (field.number > 3 && field.number !== MOST) return NO;
    if (field.number !== 2 || signal) continue;
    for (const inner of fieldsOf(bytes, field.from, field.to)) {
      if (inner?.type !== BYTES || inner.number > 3) return NO;
      if (inner.number === 2) signal ??= signalOfRecord(bytes, inner.from, inner.to);
    }
  }
  return { valid: true, signal };
}

/** A Span, a LogRecord or a Metric, told apart by the types of their fields. */
function signalOfRecord(bytes: Uint8Array, from: number, to: number): Signal | undefined {
  const types = new Map<number, number>();
  for (const field of fieldsOf(bytes, from, to)) {
    if (!field) return undefined;
    types.set(field.number, field.type);
  }
  if (types.get(7) === FIXED64 || types.get(8) === FIXED64) return 'spans';
  if (types.get(1) === FIXED64 || types.get(11) === FIXED64) return 'logs';
  const named = types.get(1) === BYTES;
  if (named && [5, 7, 9, 10, 11].some((number) => types.get(number) === BYTES)) return 'samples';
  if (named && types.get(2) === BYTES) return 'spans';
  return types.get(2) === VARINT || types.get(5) === BYTES ? 'logs' : undefined;
}

/** The fields of a message as far as the bytes go; ends with undefined where they are none. */
function* fieldsOf(bytes: Uint8Array, from: number, to: number): Generator<Field | undefined> {
  const have = Math.min(to, bytes.length);
  let at = from;
  while (at < have) {
    const tag = varint(bytes, at, have);
    if (tag === 'cut') return void (to > have || (yield undefined));
    if (!tag || tag.value >>> 3 === 0 || tag.value >>> 3 > MOST) return void (yield undefined);
    const type = tag.value & 7;
    const start = tag.end;
    const field = (begin: number, end: number): Field => {
      return { number: tag.value >>> 3, type, from: begin, to: end };
    };
    if (type === BYTES || type === VARINT) {
      const number = varint(bytes, start, have);
      if (number === 'cut') return void (to > have || (yield undefined));
      if (!number) return void (yield undefined);
      at = type === BYTES ? number.end + number.value : number.end;
      if (at > to) return void (yield undefined);
      yield type === BYTES ? field(number.end, at) : field(start, at);
    } else if (type === FIXED64 || type === FIXED32) {
      at = start + (type === FIXED64 ? 8 : 4);
      if (at > to) return void (yield undefined);
      yield field(start, at);
    } else return void (yield undefined);
  }
}

/** A varint of at most 64 bits; its value is exact up to 2^53. */
function varint(
  bytes: Uint8Array,
  from: number,
  to: number,
): { readonly value: number; readonly end: number } | 'cut' | undefined {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    if (from + i >= to) return 'cut';
    const byte = bytes[from + i] ?? 0;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, end: from + i + 1 };
  }
  return undefined;
}
