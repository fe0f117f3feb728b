import {
  asObject,
  RowSink,
  TimeReader,
  epochNs,
  headJson,
  headJsonLines,
  isJsonObject,
  jsonElements,
  jsonLines,
  readRecords,
  type Described,
  type FileFormat,
  type Head,
  type JsonElement,
  type ReadChoices,
} from '../../core/connect';
import { labelsOf, type StreamLabels } from './labels';
import { LokiLines, entryOf } from './lines';

/** Where streams' lines stand: answers of queries, of tail and of the push API, and those of Loki 0.x. */
const LISTS = ['data.result.*.values', 'streams.*.values', 'streams.*.entries'];

const describe = (time: Described['time'], zone: string) => (): Described => ({
  signals: ['logs'],
  time,
  zone,
  clock: 'the shipper, or the application where the shipper parsed its time',
  guessed: false,
});

/**
 * Streams of Loki as its HTTP API answers them (grafana.com/docs/loki/latest/reference/loki-http-api): labels, and
 * lines with times in nanoseconds, each maybe with structured metadata. One line is in memory at a time.
 */
export const lokiJson: FileFormat = {
  id: 'loki-json',
  title: 'Loki query answer',
  tables: ['resources', 'logs'],
  sniff: sniffAnswer,
  describe: describe('ns', 'UTC'),
  read: (source, signal, choices) => {
    const streams = new Streams(choices);
    const elements = jsonElements(source, signal, {
      lists: LISTS,
      onList: (enclosing, path, document) => streams.begin(enclosing, path, document),
    });
    return readRecords(elements, {
      sink: streams.sink,
      signal: 'logs',
      add: (element) => streams.add(element),
    });
  },
};

/** What `logcli query -o jsonl` prints: an object a line with `labels`, `line` and `timestamp`. */
export const logcliJsonl: FileFormat = {
  id: 'logcli-jsonl',
  title: 'Loki lines of logcli, JSON lines',
  tables: ['resources', 'logs'],
  sniff: sniffLines,
  describe: describe('text', 'stated'),
  read: (source, signal, choices) => {
    const sink = new RowSink();
    const lines = new LokiLines(sink, choices);
    const times = new TimeReader(sink.notices, choices);
    const known = new Map<string, StreamLabels>();
    return readRecords(jsonLines(source, signal), {
      sink,
      signal: 'logs',
      add: ({ labels, line, timestamp }) => {
        const ts = times.read(timestamp);
        if (ts === undefined) return 'the record has no time';
        if (typeof line !== 'string') return 'the record has no line';
        const key = JSON.stringify(labels ?? {});
        let of = known.get(key);
        if (!of) {
          if (known.size > 10_000) known.clear();
          known.set(key, (of = labelsOf(labels)));
        }
        return lines.add(of, { line, metadata: {} }, ts);
      },
    });
  },
};

const NO_LABELS: StreamLabels = { resource: {}, fields: {} };

class Streams {
  readonly sink = new RowSink();
  private readonly lines: LokiLines;
  private readonly times: TimeReader;
  private readonly unit: NonNullable<ReadChoices['timeUnit']>;
  /** Of streams whose lines have not been handed on yet; undefined for series of numbers. */
  private readonly open = new Map<string, StreamLabels | undefined>();
  private current = '';

  constructor(choices: ReadChoices = {}) {
    this.lines = new LokiLines(this.sink, choices);
    this.times = new TimeReader(this.sink.notices, choices);
    this.unit = choices.timeUnit ?? 'ns';
  }

  begin(enclosing: unknown, path: string, document: number): void {
    const { stream, labels, metric } = asObject(enclosing);
    const given = stream ?? labels;
    this.open.set(
      `${document} ${path}`,
      metric !== undefined ? undefined : given === undefined ? NO_LABELS : labelsOf(given),
    );
  }

  add({ path, document, value }: JsonElement): string {
    const key = `${document} ${path}`;
    if (key !== this.current) {
      this.open.delete(this.current);
      this.current = key;
    }
    const labels = this.open.get(key);
    if (!labels) return 'it is a sample of a metric query, not a line';
    const entry = entryOf(value);
    if (!entry) return 'it is not a time with a line';
    const ts = /^-?\d+$/.test(entry.time)
      ? epochNs(entry.time, this.unit)
      : this.times.read(entry.time);
    if (ts === undefined) return 'its time is none that is known';
    if (labels === NO_LABELS) {
      this.sink.notices.add(
        'labels-unknown',
        'warning',
        (n) => `${n} lines stand in streams whose labels do not stand before them; they have none.`,
      );
    }
    return this.lines.add(labels, entry, ts);
  }
}

function sniffAnswer(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  if (!isJsonObject(value)) return NO;
  const { data, streams } = value;
  const result = isJsonObject(data) ? data['result'] : streams;
  const first: unknown = Array.isArray(result) ? result[0] : undefined;
  const kind = isJsonObject(data) ? data['resultType'] : undefined;
  if (isJsonObject(first) && (isJsonObject(first['stream']) || 'entries' in first)) {
    return {
      confidence: 0.97,
      why: 'A JSON document of streams with labels and lines, as Loki answers.',
    };
  }
  return kind === 'streams' ? { confidence: 0.97, why: 'An answer of Loki with "streams".' } : NO;
}

function sniffLines(head: Head): { confidence: number; why: string } {
  const lines = headJsonLines(head);
  const fits = lines.filter(({ labels, line, timestamp, ...rest }) => {
    const own = isJsonObject(labels) || (labels === undefined && Object.keys(rest).length === 0);
    return own && typeof line === 'string' && typeof timestamp === 'string';
  });
  if (fits.length === 0 || fits.length < lines.length * 0.8) return NO;
  return {
    confidence: 0.96,
    why: 'JSON lines with "labels", "line" and "timestamp", as logcli prints.',
  };
}

const NO = { confidence: 0, why: '' };
