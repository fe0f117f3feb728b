import { isJsonObject, type JsonObject } from '../../core/connect';

const HEX = /^[0-9a-f]+$/;
const HEX_ANY = /^[0-9a-fA-F]+$/;

/**
 * A trace id (32 digits) or span id (16) in lower-case hexadecimal; '' where it is absent or all zero;
 * undefined where it is neither. Base64, as some senders write, and ids without leading zeros are read.
 */
export function idOf(raw: string, digits: 32 | 16): string | undefined {
  if (raw === '') return '';
  let hex = raw;
  if (raw.length !== digits || !HEX.test(raw)) {
    if (raw.length <= digits && HEX_ANY.test(raw)) {
      hex = raw.toLowerCase().padStart(digits, '0');
    } else {
      const decoded = base64Hex(raw);
      if (decoded?.length !== digits) return undefined;
      hex = decoded;
    }
  }
  return /[^0]/.test(hex) ? hex : '';
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64Hex(raw: string): string | undefined {
  const text = raw.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  let hex = '';
  let hold = 0;
  let bits = 0;
  for (const c of text) {
    const value = BASE64.indexOf(c);
    if (value < 0) return undefined;
    hold = ((hold << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    hex += ((hold >> bits) & 255).toString(16).padStart(2, '0');
  }
  return hex;
}

export function base64Of(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out += BASE64[n >> 18]! + BASE64[(n >> 12) & 63]!;
    out += i + 1 < bytes.length ? BASE64[(n >> 6) & 63]! : '=';
    out += i + 2 < bytes.length ? BASE64[n & 63]! : '=';
  }
  return out;
}

/** A number as attribute text; what JSON has no word for as NaN, Infinity, -Infinity. */
export function doubleText(value: number): string {
  return String(value);
}

/** A double from JSON: a number or one of the texts that protobuf's JSON uses. */
export function doubleOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) && value !== 'NaN' ? undefined : number;
}

/** What an OTLP AnyValue in JSON means, as plain JSON: for nested values and log bodies. */
export function plainOf(any: unknown): unknown {
  if (!isJsonObject(any)) return any ?? null;
  if (any['stringValue'] !== undefined) return any['stringValue'];
  if (any['boolValue'] !== undefined) return any['boolValue'];
  if (any['intValue'] !== undefined) return plainInteger(any['intValue']);
  if (any['doubleValue'] !== undefined) {
    const value = doubleOf(any['doubleValue']);
    return value === undefined || !Number.isFinite(value) ? String(value) : value;
  }
  if (any['bytesValue'] !== undefined) return any['bytesValue'];
  if (any['arrayValue'] !== undefined) return listOf(any['arrayValue']).map(plainOf);
  if (any['kvlistValue'] !== undefined) return plainMap(any['kvlistValue']);
  return null;
}

export function plainInteger(value: unknown): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function listOf(value: unknown): readonly unknown[] {
  const values = isJsonObject(value) ? value['values'] : undefined;
  return Array.isArray(values) ? values : [];
}

function plainMap(value: unknown): JsonObject {
  return Object.fromEntries(
    listOf(value)
      .filter(isJsonObject)
      .map(({ key, value: v }) => [String(key), plainOf(v)]),
  );
}

/** A plain value as attribute text. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : (JSON.stringify(value) ?? '');
}

const LEVELS: readonly (readonly [RegExp, number])[] = [
  [/^trace|^finest/i, 1],
  [/^debug|^fine|^verbose/i, 5],
  [/^info|^notice/i, 9],
  [/^warn/i, 13],
  [/^err|^severe/i, 17],
  [/^fatal|^crit|^alert|^emerg|^panic/i, 21],
];

/** OpenTelemetry's severity number of a level's word; 0 where it is not known. */
export function severityOf(word: string): number {
  return LEVELS.find(([pattern]) => pattern.test(word))?.[1] ?? 0;
}
