import {
  PrometheusSeries,
  RowSink,
  epochNs,
  labelsEnd,
  parseGoFloat,
  parseLabels,
  readRecords,
  shareOfLines,
  textLines,
  type FileFormat,
  type Head,
  type TimeUnit,
} from '../../core/connect';
import { parseHistogram } from './histogram-text';

/**
 * What `promtool tsdb dump` prints: `{__name__="up", job="cart"} 1 1700000000000`, times in milliseconds. What
 * `dump-openmetrics` prints is OpenMetrics.
 */
export const promtoolDump: FileFormat = {
  id: 'promtool-dump',
  title: 'promtool tsdb dump',
  tables: ['resources', 'metric_series', 'samples', 'histogram_samples'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 'ms',
    zone: 'UTC',
    clock: 'the server that scraped',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices?.timeUnit ?? 'ms', choices?.metric);
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'samples',
      add: (line) => reader.add(line),
    });
  },
};

function sniff(head: Head): { confidence: number; why: string } {
  const share = shareOfLines(head, (line) => {
    if (!line.startsWith('{') || !line.includes('__name__="')) return false;
    const end = labelsEnd(line);
    return end > 0 && line[end] === ' ' && /\s-?\d+$/.test(line.slice(end));
  });
  if (share < 0.8) return { confidence: 0, why: '' };
  return { confidence: 0.96, why: 'Its lines are {__name__="…"} value time, as promtool dumps.' };
}

interface Known {
  readonly text: string;
  readonly labels: Readonly<Record<string, string>>;
  plain?: bigint;
  native?: bigint;
}

class Reader {
  readonly sink = new RowSink();
  private readonly series: PrometheusSeries;
  /** A dump goes series by series: the labels of the line before are mostly those of the next. */
  private last: Known | undefined;

  constructor(
    private readonly unit: TimeUnit,
    nameless: string | undefined,
  ) {
    this.series = new PrometheusSeries(this.sink, nameless);
  }

  add(line: string): string {
    const known = this.known(line);
    if (typeof known === 'string') return known;
    const timeAt = line.lastIndexOf(' ');
    const at = known.text.length + 1;
    if (timeAt < at) return 'the line has no value or no time';
    const ts = epochNs(line.slice(timeAt + 1), this.unit);
    if (ts === undefined) return 'the time can not be read';
    const word = line.slice(at, timeAt).trim();
    if (word.startsWith('{')) {
      const point = parseHistogram(word);
      if (!point) return 'the histogram can not be read';
      return this.series.native((known.native ??= this.series.id(known.labels, true)), ts, point);
    }
    const value = parseGoFloat(word);
    if (value === undefined) return 'the value is not a number';
    this.sink.sample((known.plain ??= this.series.id(known.labels)), ts, value);
    return '';
  }

  private known(line: string): Known | string {
    const { last } = this;
    if (last && line.startsWith(last.text) && line.charCodeAt(last.text.length) === 32) return last;
    const end = labelsEnd(line);
    if (end < 0) return 'the line does not begin with a label set';
    if (line.charCodeAt(end) !== 32) return 'the line has no value or no time';
    const text = line.slice(0, end);
    const labels = parseLabels(text);
    if (!labels) return 'the labels can not be read';
    return (this.last = { text, labels });
  }
}
