import { type Described, type FileFormat, type FormatItem, type Head } from '../../core/connect';
import { otlpKeys, signalsOf } from './dialects';
import { JsonFileReader } from './read-json';
import { rotatedSets } from './rotated';
import { OTLP_TABLES, OtlpRows } from './rows';

/**
 * OTLP in JSON, in every manner in which it is found: one request a line (the Collector's file exporter), a
 * document or a list of them, answers of Tempo and Jaeger that wrap it, names as in the .proto files.
 */
export const otlpJson: FileFormat = {
  id: 'otlp-json',
  title: 'OpenTelemetry, OTLP JSON',
  tables: OTLP_TABLES,
  sniff,
  describe,
  group: (files, signal) =>
    rotatedSets(files, signal, (head) => sniff(head).confidence >= 0.8, 'OTLP in JSON'),
  read: async function* (source, signal): AsyncGenerator<FormatItem> {
    const rows = new OtlpRows();
    const reader = new JsonFileReader(rows);
    for (const part of source.parts ?? [source]) {
      yield* reader.read(part, signal, source.parts ? `${part.name}, ` : '');
    }
    yield* rows.items(true);
  },
};

function describe({ text }: Head): Described {
  return {
    signals: signalsOf(text),
    time: 'ns',
    zone: 'UTC',
    clock: 'the instrumented process',
    guessed: false,
  };
}

/** What may stand before the first list: openings, and the objects that Tempo and Jaeger put around it. */
const BEFORE = /^[[{\s]*("(trace|result)"\s*:\s*\{\s*)?$/;

function sniff({ text }: Head): { confidence: number; why: string } {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (!start.startsWith('{') && !start.startsWith('[')) return NO;
  const [first] = otlpKeys(start);
  if (!first) return NO;
  const { key, at } = first;
  if (key === 'batches' && !/"(scopeSpans|instrumentationLibrarySpans)"/.test(text)) return NO;
  const what = signalsOf(text).join(', ');
  return {
    confidence: BEFORE.test(start.slice(0, at)) ? 0.99 : 0.8,
    why: `Its JSON has "${key}", OTLP's word for a list of resources. In its beginning: ${what}.`,
  };
}

const NO = { confidence: 0, why: '' };
