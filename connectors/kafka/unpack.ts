import { Lz4Error, inflate, unlz4, unsnappy } from '../../core/connect';
import { UnpackError } from './unpack-error';

/** Compression of a record batch, by the lowest three bits of its attributes. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** More content than a batch can have: brokers refuse batches of a few MiB. */
const MOST = 256 << 20;

/** The records of a batch, decompressed. Throws UnpackError with the reason. */
export async function unpack(
  codec: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  switch (CODECS[codec]) {
    case 'none':
      return bytes;
    case 'gzip':
    case 'zstd':
      return inflated(CODECS[codec], bytes, signal);
    case 'snappy':
      return snappy(bytes);
    case 'lz4':
      return lz4(bytes);
    default:
      throw new UnpackError(`its compression has the number ${codec}, which is not known`);
  }
}

function lz4(bytes: Uint8Array): Uint8Array {
  try {
    return unlz4(bytes, MOST);
  } catch (error) {
    throw error instanceof Lz4Error ? new UnpackError(error.message) : error;
  }
}

async function inflated(
  kind: 'gzip' | 'zstd',
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of inflate(kind, once(bytes), signal)) {
      parts.push(part);
      size += part.length;
      if (size > MOST) throw new UnpackError('it is larger than any batch may be');
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    throw new UnpackError(error.message);
  }
  return joined(parts, size);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The start of what Java's SnappyOutputStream writes: 0x82 "SNAPPY" 0, two versions, then blocks behind their lengths. */
const JAVA = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0];
const JAVA_HEADER = 16;

function snappy(bytes: Uint8Array): Uint8Array {
  if (!JAVA.every((byte, i) => bytes[i] === byte)) return block(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let at = JAVA_HEADER; at < bytes.length;) {
    const length = at + 4 <= bytes.length ? view.getInt32(at) : -1;
    at += 4;
    if (length < 0 || at + length > bytes.length)
      throw new UnpackError('its snappy blocks are cut');
    const part = block(bytes.subarray(at, at + length));
    at += length;
    parts.push(part);
    size += part.length;
    if (size > MOST) throw new UnpackError('it is larger than any batch may be');
  }
  return joined(parts, size);
}

function block(bytes: Uint8Array): Uint8Array {
  const { bytes: out, fault } = unsnappy(bytes, MOST);
  if (fault !== '') throw new UnpackError(`its snappy block is damaged: ${fault}`);
  return out;
}
