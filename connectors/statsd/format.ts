import {
  RowSink,
  TimeReader,
  headLines,
  placeOfTags,
  readRecords,
  textLines,
  type FileFormat,
  type Head,
  type ReadChoices,
  type SeriesHead,
} from '../../core/connect';
import { parseStatsd, type StatsdLine } from './line';

/**
 * Captured StatsD messages, one a line (github.com/statsd/statsd, docs/metric_types.md; DogStatsD's tags and
 * times as docs.datadoghq.com has them). A message says no time unless it ends with `|T…`: the capture must
 * have put one in front of it.
 */
export const statsd: FileFormat = {
  id: 'statsd',
  title: 'StatsD messages',
  tables: ['resources', 'metric_series', 'samples'],
  sniff,
  describe: (head) => {
    const lines = headLines(head).map(parseStatsd);
    const timed = lines.some((line) => typeof line !== 'string' && line.time !== '');
    return {
      signals: ['samples'],
      time: timed ? 'text' : null,
      zone: timed ? 'stated' : 'unknown',
      clock: 'whoever captured the messages',
      guessed: timed,
    };
  },
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'samples',
      add: (line, where) => reader.add(line, where),
    });
  },
};

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headLines(head);
  const fits = lines.filter((line) => typeof parseStatsd(line) !== 'string').length;
  if (fits === 0 || fits < lines.length * 0.8) return { confidence: 0, why: '' };
  return { confidence: 0.93, why: 'Its lines are name:value|type, as StatsD takes them.' };
}

const ABOUT: Readonly<Record<string, Pick<SeriesHead, 'kind' | 'unit' | 'temporality'>>> = {
  c: { kind: 'counter', temporality: 'delta' },
  g: { kind: 'gauge' },
  ms: { kind: 'gauge', unit: 'milliseconds' },
  h: { kind: 'gauge' },
  d: { kind: 'gauge' },
};

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;

  constructor(choices: ReadChoices = {}) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  /** The values of a message; each that can't be taken is a dropped record. */
  add(text: string, where: string): string {
    const line = parseStatsd(text);
    if (typeof line === 'string') return line;
    const ts = line.time === '' ? undefined : this.times.read(line.time);
    const late = ts === undefined ? this.late(line.time) : '';
    for (const [i, word] of line.values.entries()) {
      const value = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(word) ? Number(word) : undefined;
      const reason = late || whyNot(line, word, value);
      if (reason !== '' || ts === undefined || value === undefined) {
        const place = line.values.length > 1 ? `${where}, value ${i + 1}` : where;
        this.sink.drop('samples', place, text, reason);
      } else this.sink.sample(this.series(line), ts, this.scaled(line, value));
    }
    return '';
  }

  private late(time: string): string {
    if (time !== '') return 'the time can not be read';
    this.sink.notices.add(
      'messages-without-time',
      'warning',
      (n) =>
        `${n} messages say no time, so they have no place in the case. Capture them with the time in front of each line, or with DogStatsD's |T.`,
    );
    return 'the message has no time';
  }

  /** Of a sampled counter only a share of the calls is sent. */
  private scaled({ type, rate }: StatsdLine, value: number): number {
    if (type !== 'c' || rate === 1) return value;
    this.sink.notices.add(
      'sampled-counts-scaled',
      'info',
      (n) => `${n} counts were sampled by the sender; they were divided by their sample rate.`,
    );
    return value / rate;
  }

  private series({ name, type, tags }: StatsdLine): bigint {
    return this.sink.series({ metric: name, ...ABOUT[type], ...placeOfTags(tags) });
  }
}

function whyNot({ type }: StatsdLine, word: string, value: number | undefined): string {
  if (type === 's') return 'a set counts distinct members and has no number';
  if (value === undefined) return 'the value is not a number';
  if (type === 'g' && /^[-+]/.test(word))
    return 'the gauge is a change of a value that is not known';
  return '';
}
