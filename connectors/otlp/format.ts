import { lineBlocks, type FileFormat, type FormatItem, type Head } from '../../core/connect';
import type { Signal } from '../../core/model';
import { JsonDecoder } from './json';
import { OtlpRows } from './rows';

/** One document may be written over many lines; it is held whole up to this many characters. */
const DOCUMENT_MAX = 256 << 20;

/** OTLP in JSON: one request per line (the Collector's file exporter) or one document. */
export const otlpJson: FileFormat = {
  id: 'otlp-json',
  title: 'OpenTelemetry, OTLP JSON lines',
  tables: [
    'resources',
    'spans',
    'span_events',
    'span_links',
    'logs',
    'metric_series',
    'samples',
    'histogram_samples',
    'exemplars',
  ],
  sniff,
  describe: ({ text }) => ({
    signals: [signalOf(text)],
    time: 'ns',
    zone: 'UTC',
    clock: 'the instrumented process',
    guessed: false,
  }),
  read: async function* (source, signal): AsyncGenerator<FormatItem> {
    const rows = new OtlpRows();
    const lines = new Lines(rows);
    let malformed = 0;
    for await (const block of lineBlocks(source, signal)) {
      malformed += block.malformed;
      if (block.passedOver) {
        const { line, start, bytes } = block.passedOver;
        rows.where = `line ${line}`;
        rows.drop(signalOf(start), 0, start, `the line has over ${bytes} bytes`);
      }
      for (const _ of lines.block(block.text, block.firstLine)) yield* itemsOf(rows);
      yield* itemsOf(rows);
    }
    lines.end();
    yield* itemsOf(rows);
    for (const batch of rows.take()) yield { kind: 'batch', batch };
    if (malformed > 0) {
      rows.notices.add(
        'malformed-text',
        'warning',
        (n) => `${n} places are no UTF-8 and stand as U+FFFD.`,
        malformed,
      );
    }
    for (const notice of rows.notices.take()) yield { kind: 'notice', notice };
  },
};

function* itemsOf(rows: OtlpRows): Generator<FormatItem> {
  for (const record of rows.takeDropped()) yield { kind: 'dropped', record };
  if (!rows.full) return;
  for (const batch of rows.take()) yield { kind: 'batch', batch };
}

/** Feeds lines to the decoder; a document over several lines is put together first. */
class Lines {
  private readonly decoder: JsonDecoder;
  private document: string[] | undefined;
  private documentLine = 0;
  private size = 0;
  private first = true;

  constructor(private readonly rows: OtlpRows) {
    this.decoder = new JsonDecoder(rows);
  }

  /** Yields after each line, so that full batches can be handed on. */
  *block(text: string, firstLine: number): Generator<void> {
    let line = firstLine;
    for (let from = 0; from < text.length; line++) {
      let end = text.indexOf('\n', from);
      if (end < 0) end = text.length;
      if (this.document) {
        this.gather(text.slice(from, end + 1));
      } else if (!isBlank(text, from, end)) {
        if (this.first && opensDocument(text.slice(from, Math.min(end, from + 80)))) {
          this.document = [];
          this.documentLine = line;
          this.gather(text.slice(from, end + 1));
        } else {
          this.rows.where = `line ${line}`;
          this.decoder.decode(text, from, end);
          yield;
        }
        this.first = false;
      }
      from = end + 1;
    }
  }

  end(): void {
    if (!this.document) return;
    const text = this.document.join('');
    this.rows.where = `document from line ${this.documentLine}`;
    if (this.size > DOCUMENT_MAX) {
      const reason = `one document of over ${DOCUMENT_MAX >> 20} MiB; write one request per line`;
      this.rows.drop(signalOf(text), 0, text, reason);
    } else this.decoder.decode(text, 0, text.length);
  }

  private gather(piece: string): void {
    this.size += piece.length;
    if (this.size <= DOCUMENT_MAX || this.document!.length === 0) this.document!.push(piece);
  }
}

/** The first line of a document that goes on: an opening only, or an opening and a key. */
function opensDocument(start: string): boolean {
  return /^\s*[[{]\s*("resource(Spans|Logs|Metrics)"\s*:\s*\[?\s*\{?\s*)?$/.test(start);
}

function isBlank(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (text.charCodeAt(at) > 32) return false;
  return true;
}

const KEY = /"(resourceSpans|resourceLogs|resourceMetrics|batches)"\s*:\s*\[/;

function signalOf(text: string): Signal {
  const key = KEY.exec(text)?.[1];
  return key === 'resourceLogs' ? 'logs' : key === 'resourceMetrics' ? 'samples' : 'spans';
}

function sniff({ text }: Head): { confidence: number; why: string } {
  const start = text.trimStart();
  if (!start.startsWith('{') && !start.startsWith('[')) return { confidence: 0, why: '' };
  const key = KEY.exec(text);
  if (!key) return { confidence: 0, why: '' };
  const atStart = /^[[{\s]*$/.test(text.slice(0, key.index));
  if (key[1] === 'batches' && !text.includes('"scopeSpans"')) return { confidence: 0, why: '' };
  return {
    confidence: atStart ? 0.99 : 0.8,
    why: `Its JSON has "${key[1]}", OTLP's word for ${signalOf(key[0])}.`,
  };
}
