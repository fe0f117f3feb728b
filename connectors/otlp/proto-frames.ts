import type { Head } from '../../core/connect';
import type { Signal } from '../../core/model';
import { shapeOf, type Shape } from './proto-shape';

/**
 * `length`: each message behind its length in four bytes, big-endian, as the Collector's file exporter writes
 * protobuf, and anything that it compresses message by message (exporter/fileexporter/file_writer.go,
 * exportMessageAsBuffer). `bare`: one request and nothing else.
 */
export type Framing = 'length' | 'bare';

export interface Framed {
  readonly framing: Framing;
  /** Messages are zstd frames, each of its own. */
  readonly packed: boolean;
  /** Undefined where it can't be seen (packed messages). */
  readonly signal: Signal | undefined;
  /** Whole messages that the head has. */
  readonly messages: number;
}

export function isZstd(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 0x28 && bytes[at + 1] === 0xb5 && bytes[at + 2] === 0x2f && bytes[at + 3] === 0xfd
  );
}

/** How the messages of a file stand in it; undefined where its head is no OTLP in protobuf. */
export function framingOf({ bytes }: Pick<Head, 'bytes'>): Framed | undefined {
  return lengthFramed(bytes) ?? bareRequest(bytes);
}

function lengthFramed(bytes: Uint8Array): Framed | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = isZstd(bytes, 4);
  let signal: Signal | undefined;
  let messages = 0;
  for (let at = 0; at + 8 <= bytes.length; messages++) {
    const length = view.getUint32(at);
    const from = at + 4;
    if (packed ? !isZstd(bytes, from) || length < 9 : !isMessage(bytes, from, length, found)) {
      // Something is wrong from here on; the first messages say what it is.
      return messages > 0 && (packed || signal)
        ? { framing: 'length', packed, signal, messages }
        : undefined;
    }
    at = from + length;
    if (at > bytes.length) break;
  }
  return packed || signal ? { framing: 'length', packed, signal, messages } : undefined;

  function found(shape: Shape): void {
    signal ??= shape.signal;
  }
}

function isMessage(
  bytes: Uint8Array,
  from: number,
  length: number,
  found: (shape: Shape) => void,
): boolean {
  if (length === 0) return true;
  const shape = shapeOf(bytes, from, from + length);
  found(shape);
  return shape.valid;
}

function bareRequest(bytes: Uint8Array): Framed | undefined {
  if (bytes[0] !== 0x0a) return undefined;
  // A file that is shorter than a head is whole, and its fields come out even, unless it was cut.
  const shape = shapeOf(bytes);
  const cut = !shape.valid || bytes.length >= 64 << 10;
  const { valid, signal } = cut ? shapeOf(bytes, 0, Number.MAX_SAFE_INTEGER) : shape;
  const messages = cut && bytes.length < 64 << 10 ? 0 : 1;
  return valid && signal ? { framing: 'bare', packed: false, signal, messages } : undefined;
}
