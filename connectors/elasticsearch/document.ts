import { isJsonObject, type JsonObject } from '../../core/connect';

/** A field by its dotted name, whether its objects nest, its keys carry the dots, or both mix. */
export function fieldOf(doc: JsonObject, path: string): unknown {
  const whole = doc[path];
  if (whole !== undefined) return whole;
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const inner = doc[path.slice(0, dot)];
    if (!isJsonObject(inner)) continue;
    const found = fieldOf(inner, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first of several values; a value alone is its own first. */
export function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

/** A value as attribute text: text as it is, everything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** A scalar (or the first of several) as text; '' where there is none. */
export function scalarText(value: unknown): string {
  const first = firstOf(value);
  if (typeof first === 'string') return first;
  return typeof first === 'number' || typeof first === 'boolean' ? String(first) : '';
}

/** A number or its text; undefined where it is neither. */
export function numberOf(value: unknown): number | undefined {
  const first = firstOf(value);
  if (typeof first === 'number') return first;
  if (typeof first !== 'string' || first.trim() === '') return undefined;
  const number = Number(first);
  return Number.isFinite(number) ? number : undefined;
}

/** A whole number of at most 64 bits, exactly; fractions are cut. */
export function integerOf(value: unknown): bigint | undefined {
  const first = firstOf(value);
  if (typeof first === 'string' && /^-?\d{1,19}$/.test(first)) return BigInt(first);
  const number = numberOf(first);
  return number === undefined || !Number.isFinite(number) ? undefined : BigInt(Math.trunc(number));
}

/** Calls `put` for each leaf of an object with its dotted path; lists are leaves, nulls are nothing. */
export function eachLeaf(
  object: JsonObject,
  put: (path: string, value: unknown) => void,
  prefix = '',
): void {
  for (const key in object) {
    const value = object[key];
    if (value === null || value === undefined) continue;
    if (isJsonObject(value)) eachLeaf(value, put, `${prefix}${key}.`);
    else put(prefix + key, value);
  }
}

/** An object's leaves as attributes; nothing where it is no object. */
export function attributesOf(value: unknown, prefix = ''): Record<string, string> {
  const out: Record<string, string> = {};
  if (isJsonObject(value)) {
    eachLeaf(value, (path, leaf) => (out[path] = valueText(leaf)), prefix);
  }
  return out;
}

/** A document's leaves by dotted path; what is taken is no attribute any more. */
export class Leaves {
  private readonly values = new Map<string, unknown>();

  constructor(doc: JsonObject) {
    eachLeaf(doc, (path, value) => this.values.set(path, value));
  }

  peek(path: string): unknown {
    return this.values.get(path);
  }

  take(path: string): unknown {
    const value = this.values.get(path);
    if (value !== undefined) this.values.delete(path);
    return value;
  }

  rest(): IterableIterator<[string, unknown]> {
    return this.values.entries();
  }
}

const HEX = /^[0-9a-fA-F]+$/;

/**
 * A trace id (32 digits) or span id (16) in lower-case hexadecimal; '' where it is absent or all zero.
 * Short ids are filled with zeros, the dashes of a UUID taken away; anything else stays as it is.
 */
export function hexId(value: unknown, digits: 32 | 16): string {
  const raw = scalarText(value);
  if (raw === '') return '';
  const bare = raw.includes('-') ? raw.replaceAll('-', '') : raw;
  if (bare.length > digits || !HEX.test(bare)) return raw;
  const hex = bare.toLowerCase().padStart(digits, '0');
  return /[^0]/.test(hex) ? hex : '';
}
