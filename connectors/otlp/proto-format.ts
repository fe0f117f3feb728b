import { peekSource, type FileFormat, type FormatItem, type Head } from '../../core/connect';
import { framingOf, type Framed } from './proto-frames';
import { ProtoFileReader } from './read-proto';
import { rotatedSets } from './rotated';
import { OTLP_TABLES, OtlpRows } from './rows';

const HEAD = 64 << 10;

/** OTLP in protobuf: what the Collector's file exporter writes, or the body of one export request. */
export const otlpProto: FileFormat = {
  id: 'otlp-proto',
  title: 'OpenTelemetry, OTLP protobuf',
  tables: OTLP_TABLES,
  sniff,
  describe: (head) => ({
    signals: signalsOf(framingOf(head)),
    time: 'ns',
    zone: 'UTC',
    clock: 'the instrumented process',
    guessed: false,
  }),
  group: (files, signal) =>
    rotatedSets(files, signal, (head) => framingOf(head) !== undefined, 'OTLP in protobuf'),
  read: async function* (source, signal): AsyncGenerator<FormatItem> {
    const rows = new OtlpRows();
    const reader = new ProtoFileReader(rows);
    for (const part of source.parts ?? [source]) {
      const peeked = await peekSource(part, signal, HEAD, () => false);
      const framing = framingOf({ bytes: peeked.start.subarray(0, HEAD) })?.framing ?? 'length';
      yield* reader.read(peeked.source, framing, signal, source.parts ? `${part.name}, ` : '');
    }
    yield* rows.items(true);
  },
};

function signalsOf(framed: Framed | undefined) {
  if (framed?.signal) return [framed.signal];
  return ['spans', 'logs', 'samples'] as const;
}

function sniff(head: Head): { confidence: number; why: string } {
  const framed = framingOf(head);
  if (!framed) return { confidence: 0, why: '' };
  const { framing, packed, signal, messages } = framed;
  if (framing === 'bare') {
    const why = `It is one OTLP request in protobuf, of ${signal ?? ''}`;
    return messages > 0
      ? { confidence: 0.9, why: `${why}.` }
      : { confidence: 0.6, why: `${why}, and was cut.` };
  }
  return packed
    ? {
        confidence: messages > 1 ? 0.97 : 0.9,
        why: "Zstd frames, each behind its length, as the Collector's file exporter compresses.",
      }
    : {
        confidence: 0.97,
        why: `OTLP messages in protobuf (${signal ?? ''}), each behind its length, of the Collector's file exporter.`,
      };
}
