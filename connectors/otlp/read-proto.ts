import { FaultlineError } from '../../core/base';
import {
  WireReader,
  chunksOf,
  decodeUtf8,
  inflate,
  type ByteSource,
  type FormatItem,
} from '../../core/connect';
import type { Signal } from '../../core/model';
import { JsonDecoder } from './json';
import { ProtobufDecoder } from './protobuf';
import { isZstd, type Framing } from './proto-frames';
import { shapeOf, shapeOfResource } from './proto-shape';
import type { OtlpRows } from './rows';

/** One message is held whole up to this many bytes. */
export const MESSAGE_MAX = 256 << 20;

/** Reads a file of OTLP in protobuf, one message in memory at a time. */
export class ProtoFileReader {
  private readonly json: JsonDecoder;
  private readonly reader = new WireReader(new Uint8Array(), 'OTLP message');
  private readonly decoders = new Map<Signal, ProtobufDecoder>();
  private signal: Signal = 'spans';

  constructor(private readonly rows: OtlpRows) {
    this.json = new JsonDecoder(rows);
  }

  /** `place` stands before the place of each record, for one file of several. */
  async *read(
    source: ByteSource,
    framing: Framing,
    abort: AbortSignal,
    place = '',
  ): AsyncGenerator<FormatItem> {
    const pieces = new Pieces(chunksOf(source.stream(), abort));
    const word = framing === 'length' ? 'message' : 'resource';
    for (let number = 1; ; number++) {
      const from = pieces.offset;
      const length = await (framing === 'length' ? pieces.uint32() : pieces.resourceLength());
      if (length === undefined) break;
      this.rows.where = `${place}${word} ${number} at byte ${from}`;
      const fault = typeof length === 'string' ? length : tooLong(length);
      if (fault !== '') {
        this.drop(`${fault}; what follows could not be read`);
        break;
      }
      const bytes = await pieces.take(Number(length));
      if (!bytes) {
        this.drop('the file ends within it');
        break;
      }
      if (framing === 'bare') this.resource(bytes);
      else if (isZstd(bytes, 0)) await this.packed(bytes, abort);
      else this.message(bytes);
      yield* this.rows.items();
    }
    await pieces.end();
    yield* this.rows.items();
  }

  private async packed(bytes: Uint8Array, abort: AbortSignal): Promise<void> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of inflate('zstd', one(bytes), abort)) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MESSAGE_MAX) break;
      }
    } catch (error) {
      if (!(error instanceof Error) || abort.aborted) throw error;
      return this.drop(`its zstd frame is damaged: ${error.message}`);
    }
    if (length > MESSAGE_MAX) return this.drop(tooLong(length));
    const whole = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    this.message(whole);
  }

  /** One request; JSON where the exporter's format is json and only its compression makes messages of it. */
  private message(bytes: Uint8Array): void {
    if (bytes[0] === 123) {
      const { text } = decodeUtf8(bytes, true);
      this.json.decode(text, 0, text.length);
      return;
    }
    const { signal, valid } = shapeOf(bytes);
    if (!valid) return this.drop('it is no request of OTLP in protobuf');
    this.guarded(signal, bytes, (decoder) => decoder.request());
  }

  private resource(bytes: Uint8Array): void {
    const { signal, valid } = shapeOfResource(bytes);
    if (!valid) return this.drop('it is no resource of OTLP in protobuf');
    this.guarded(signal, bytes, (decoder) => decoder.resource());
  }

  /** What was read before a damage is kept; the rest of the message is one dropped record. */
  private guarded(
    signal: Signal | undefined,
    bytes: Uint8Array,
    read: (decoder: ProtobufDecoder) => void,
  ): void {
    this.signal = signal ?? this.signal;
    this.reader.reset(bytes);
    try {
      read(this.decoder());
    } catch (error) {
      if (!(error instanceof FaultlineError) || error.code !== 'format/damaged') throw error;
      this.drop(error.message);
    }
  }

  private decoder(): ProtobufDecoder {
    let decoder = this.decoders.get(this.signal);
    if (!decoder) {
      decoder = new ProtobufDecoder(this.reader, this.rows, this.signal);
      this.decoders.set(this.signal, decoder);
    }
    return decoder;
  }

  private drop(reason: string): void {
    this.rows.drop(this.signal, 0, '(protobuf)', reason);
  }
}

function tooLong(length: number): string {
  return length > MESSAGE_MAX
    ? `it would have ${length} bytes, of at most ${MESSAGE_MAX >> 20} MiB`
    : '';
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** Takes so many bytes off a stream of chunks of any size. */
class Pieces {
  offset = 0;
  private held: Uint8Array = new Uint8Array();
  private at = 0;

  constructor(private readonly chunks: AsyncGenerator<Uint8Array>) {}

  /** The next bytes; undefined where there are not as many. */
  async take(length: number): Promise<Uint8Array | undefined> {
    const have = this.held.length - this.at;
    if (have < length && !(await this.more(length - have))) return undefined;
    const out = this.held.subarray(this.at, this.at + length);
    this.at += length;
    this.offset += length;
    return out;
  }

  private async more(length: number): Promise<boolean> {
    const parts = [this.held.subarray(this.at)];
    let missing = length;
    while (missing > 0) {
      const { done, value } = await this.chunks.next();
      if (done) break;
      parts.push(value);
      missing -= value.length;
    }
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.held = whole;
    this.at = 0;
    return missing <= 0;
  }

  /** A length of four bytes, big-endian; undefined at the end. */
  async uint32(): Promise<number | string | undefined> {
    const bytes = await this.take(4);
    if (bytes) return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    return this.left > 0 ? 'the file ends within its length' : undefined;
  }

  /** Tag and length of the next element of field 1; undefined at the end. */
  async resourceLength(): Promise<number | string | undefined> {
    const tag = await this.take(1);
    if (!tag) return undefined;
    if (tag[0] !== 0x0a) return 'it does not begin with a resource';
    let length = 0;
    for (let i = 0; i < 5; i++) {
      const byte = (await this.take(1))?.[0];
      if (byte === undefined) return 'the file ends within its length';
      length += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return length;
    }
    return 'its length is no number';
  }

  async end(): Promise<void> {
    await this.chunks.return(undefined);
  }

  private get left(): number {
    return this.held.length - this.at;
  }
}
