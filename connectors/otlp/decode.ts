import { FaultlineError } from '../../core/base';
import { WireReader, droppedCounts, type DroppedRecord } from '../../core/connect';
import type { Batch, DroppedCount, Notice, Signal } from '../../core/model';
import { JsonDecoder } from './json';
import { ProtobufDecoder } from './protobuf';
import { OtlpRows } from './rows';

export type OtlpSignal = 'traces' | 'logs' | 'metrics';
export type OtlpEncoding = 'json' | 'protobuf';

export interface Decoded {
  readonly batches: readonly Batch[];
  /** Records that could not be taken over; what the sender is told. */
  readonly dropped: number;
  readonly droppedExamples: readonly DroppedRecord[];
  /** The same by service and time. */
  readonly droppedAt: readonly DroppedCount[];
  readonly notices: readonly Notice[];
}

const SIGNALS: Readonly<Record<OtlpSignal, Signal>> = {
  traces: 'spans',
  logs: 'logs',
  metrics: 'samples',
};

/**
 * The batches of one export request (OTLP/HTTP body or gRPC message, decompressed). Single records that
 * are not valid are dropped and counted. Throws 'format/damaged' where the body as a whole can't be read.
 */
export function decodeOtlp(signal: OtlpSignal, encoding: OtlpEncoding, body: Uint8Array): Decoded {
  const rows = new OtlpRows();
  if (encoding === 'json') decodeJson(body, rows);
  else new ProtobufDecoder(new WireReader(body, 'OTLP message'), rows, SIGNALS[signal]).request();
  const droppedRecords = rows.takeDropped();
  return {
    batches: rows.take(),
    dropped: droppedRecords.length,
    droppedExamples: droppedRecords.slice(0, 3),
    droppedAt: droppedCounts(droppedRecords),
    notices: rows.notices.take(),
  };
}

function decodeJson(body: Uint8Array, rows: OtlpRows): void {
  const text = new TextDecoder().decode(body);
  if (text.trim() === '' || text.trim() === '{}') return;
  // A body is whole or refused: a sender repeats what it was not told to have been taken.
  const damage = new JsonDecoder(rows).decode(text, 0, text.length);
  if (damage) throw new FaultlineError('format/damaged', `Not OTLP in JSON: ${damage}.`);
}
