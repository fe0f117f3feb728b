import { randomAccess, unsnappy, type ByteSource } from '../../core/connect';

/** How the bodies stand in a file: one alone, or each behind its length. */
export type Framing = 'one' | 'uint32' | 'varint';

const MOST_BODY = 64 << 20;

/** How a file begins, if it is a capture of remote-write requests. */
export function framingOf(head: Uint8Array): Framing | undefined {
  if (isBody(head)) return 'one';
  for (const framing of ['uint32', 'varint'] as const) {
    const { length, size } = lengthAt(head, framing);
    if (length !== undefined && length > 0 && length <= MOST_BODY) {
      if (isBody(head.subarray(size, size + length))) return framing;
    }
  }
  return undefined;
}

export interface Body {
  readonly where: string;
  readonly bytes: Uint8Array;
  /** Why the file can't be read behind it, else ''. */
  readonly fault: string;
}

/** The bodies of a file, still compressed. */
export async function* bodiesOf(
  source: ByteSource,
  framing: Framing,
  signal: AbortSignal,
): AsyncGenerator<Body> {
  const file = await randomAccess(source, signal);
  if (framing === 'one') {
    const fault = file.size > MOST_BODY ? `it has over ${MOST_BODY} bytes as one body` : '';
    yield { where: 'the body', bytes: await file.read(0, Math.min(file.size, MOST_BODY)), fault };
    return;
  }
  for (let at = 0, number = 1; at < file.size; number++) {
    const { length, size } = lengthAt(await file.read(at, 10), framing);
    const where = `body ${number}, byte ${at}`;
    const end = length === undefined ? Number.POSITIVE_INFINITY : at + size + length;
    if (length === undefined || length === 0 || length > MOST_BODY) {
      yield {
        where,
        bytes: new Uint8Array(),
        fault: 'the length before the body can not be right',
      };
      return;
    }
    const bytes = await file.read(at + size, length);
    yield { where, bytes, fault: end > file.size ? 'the file ends within the body' : '' };
    at = end;
  }
}

function lengthAt(
  bytes: Uint8Array,
  framing: Framing,
): { readonly length: number | undefined; readonly size: number } {
  if (framing === 'uint32') {
    const [a = 0, b = 0, c = 0, d] = bytes;
    const length = d === undefined ? undefined : ((a * 256 + b) * 256 + c) * 256 + d;
    return { length, size: 4 };
  }
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = bytes[at];
    if (byte === undefined) break;
    length += (byte & 127) * 128 ** at;
    if (byte < 128) return { length, size: at + 1 };
  }
  return { length: undefined, size: 0 };
}

/** True where a snappy block begins as a WriteRequest (1.0) or a Request (2.0) does. */
function isBody(block: Uint8Array): boolean {
  const { bytes } = unsnappy(block);
  const [tag, length, inner, more] = bytes;
  if (tag === 0x22) {
    // The first symbol is the empty text.
    return length === 0 && inner === 0x22 && isWord(bytes, 3);
  }
  if (tag === 0x1a) {
    // Metadata: type and name of a family.
    return inner === 0x12
      ? isWord(bytes, 3)
      : inner === 0x08 && bytes[4] === 0x12 && isWord(bytes, 5);
  }
  if (tag !== 0x0a || length === undefined || more === undefined) return false;
  // A series: its first label, and of that the name.
  const at = length < 128 ? 2 : 3;
  return bytes[at] === 0x0a && bytes[at + 2] === 0x0a && isWord(bytes, at + 3);
}

/** A length and as many letters as a name may have. */
function isWord(bytes: Uint8Array, at: number): boolean {
  const length = bytes[at] ?? 0;
  const word = bytes.subarray(at + 1, at + 1 + length);
  if (length === 0 || length > 127 || word.length < length) return false;
  return /^[a-zA-Z_:][a-zA-Z0-9_:.]*$/.test(String.fromCharCode(...word));
}
