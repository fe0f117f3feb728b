import { FaultlineError } from '../../core/base';
import { WireReader, type DroppedRecord } from '../../core/connect';
import type { Batch, Notice, Signal } from '../../core/model';
import { SIGNAL_OF_KEY, otlpKeys } from './dialects';
import { JsonDecoder } from './json';
import { shapeOf } from './proto-shape';
import { ProtobufDecoder } from './protobuf';
import { OtlpRows } from './rows';

/** What a message of a stream is, by its content. */
export interface OtlpMessage {
  readonly encoding: 'json' | 'protobuf';
  readonly signal: Signal;
}

const BRACE = '{'.charCodeAt(0);
/** The key of the signal stands before this. */
const LOOKED_AT = 4096;

/** What one message (an export request, or the Collector's traces, logs or metrics data) holds; undefined for another kind. */
export function otlpMessageOf(bytes: Uint8Array): OtlpMessage | undefined {
  if (bytes[0] === BRACE) {
    const start = new TextDecoder().decode(bytes.subarray(0, LOOKED_AT));
    // `batches` alone is too common a word.
    const found = otlpKeys(start).find(({ key }) => key.startsWith('resource'));
    const signal = found && SIGNAL_OF_KEY[found.key];
    return signal && { encoding: 'json', signal };
  }
  if (bytes.length === 0) return undefined;
  const { valid, signal } = shapeOf(bytes);
  return valid && signal ? { encoding: 'protobuf', signal } : undefined;
}

/** Messages of a stream, each in whatever signal and encoding, into rows that share resources and series. */
export class OtlpMessages {
  private readonly rows = new OtlpRows();
  private readonly json = new JsonDecoder(this.rows);

  /** `where` is the message's place, for what must be dropped. True where there was anything to read in it. */
  add(bytes: Uint8Array, where: string): boolean {
    this.rows.where = where;
    const message = otlpMessageOf(bytes);
    if (!message) return false;
    if (message.encoding === 'json') {
      const text = new TextDecoder().decode(bytes);
      this.json.decode(text, 0, text.length);
    } else this.protobuf(bytes, message.signal);
    return true;
  }

  private protobuf(bytes: Uint8Array, signal: Signal): void {
    try {
      new ProtobufDecoder(new WireReader(bytes, 'OTLP message'), this.rows, signal).request();
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error;
      this.rows.drop(signal, 0, '', error.message);
    }
  }

  /** What has gathered, each resource and series once. Call it at the end. */
  take(): {
    readonly batches: readonly Batch[];
    readonly dropped: readonly DroppedRecord[];
    readonly notices: readonly Notice[];
  } {
    const dropped = this.rows.takeDropped();
    return { batches: this.rows.take(), dropped, notices: this.rows.notices.take() };
  }
}
