import type { TextEncoding } from './pages';

/** An integer of one to nine bytes, and where it ends; undefined where the bytes end before. */
export function varint(
  bytes: Uint8Array,
  at: number,
): { readonly value: number | bigint; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 7; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  const [eighth, ninth] = [bytes[at + 7], bytes[at + 8]];
  if (eighth === undefined) return undefined;
  const wide = BigInt(value) * 128n + BigInt(eighth & 0x7f);
  if (eighth < 0x80) return { value: narrow(wide), end: at + 8 };
  if (ninth === undefined) return undefined;
  return { value: narrow(BigInt.asIntN(64, wide * 256n + BigInt(ninth))), end: at + 9 };
}

const narrow = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

export type Value = null | number | bigint | string | Uint8Array;

/** Decodes records of one database (sqlite.org/fileformat2.html, 2.1). */
export class RecordReader {
  private readonly strict: InstanceType<typeof TextDecoder>;
  private readonly lenient: InstanceType<typeof TextDecoder>;
  /** Texts that were malformed, since the last look. */
  malformed = 0;

  constructor(encoding: TextEncoding) {
    this.strict = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    this.lenient = new TextDecoder(encoding, { ignoreBOM: true });
  }

  /** The values of a record; a text where it does not fit its own lengths. */
  read(payload: Uint8Array, most: number): Value[] | string {
    const head = varint(payload, 0);
    if (!head || typeof head.value !== 'number' || head.value > payload.length) {
      return 'its record has no whole header';
    }
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const values: Value[] = [];
    let at = head.value;
    for (let type = head.end; type < head.value;) {
      const serial = varint(payload, type);
      if (!serial || typeof serial.value !== 'number' || serial.end > head.value) {
        return 'its record has no whole header';
      }
      type = serial.end;
      const length = lengthOf(serial.value);
      if (length < 0 || at + length > payload.length) return 'its values go beyond its record';
      if (values.length >= most) return 'it has more values than its table has columns';
      values.push(this.value(serial.value, view, at, length));
      at += length;
    }
    return at === payload.length ? values : 'its values do not fill its record';
  }

  private value(type: number, view: DataView, at: number, length: number): Value {
    if (type === 0) return null;
    if (type === 8 || type === 9) return type - 8;
    if (type === 7) return view.getFloat64(at);
    if (type < 7) return integer(view, at, length);
    const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
    return type % 2 === 0 ? bytes.slice() : this.text(bytes);
  }

  private text(bytes: Uint8Array): string {
    try {
      return this.strict.decode(bytes);
    } catch {
      this.malformed++;
      return this.lenient.decode(bytes);
    }
  }
}

/** Bytes that a value of a serial type takes; -1 for types that there are not. */
function lengthOf(type: number): number {
  if (type >= 12) return (type - 12 - (type % 2)) / 2;
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, -1, -1][type] ?? -1;
}

function integer(view: DataView, at: number, length: number): number | bigint {
  switch (length) {
    case 1:
      return view.getInt8(at);
    case 2:
      return view.getInt16(at);
    case 3:
      return view.getInt16(at) * 256 + view.getUint8(at + 2);
    case 4:
      return view.getInt32(at);
    case 6:
      return view.getInt16(at) * 0x1_0000_0000 + view.getUint32(at + 2);
    default:
      return narrow(view.getBigInt64(at));
  }
}
