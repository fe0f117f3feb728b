import {
  EqualDigits,
  RowSink,
  TimeReader,
  epochNs,
  guessTimeUnit,
  headLines,
  placeOfTags,
  readRecords,
  textLines,
  unitOfName,
  type FileFormat,
  type Head,
  type ReadChoices,
} from '../../core/connect';
import { numberOfField, parseLine, type InfluxLine } from './line';

/** InfluxDB's line protocol, as Telegraf writes it and `influx_inspect export` and `influxd inspect` print it. */
export const influxLine: FileFormat = {
  id: 'influx-line',
  title: 'InfluxDB line protocol',
  tables: ['resources', 'metric_series', 'samples'],
  sniff,
  describe: (head) => {
    const time = firstTime(head);
    const unit = time === undefined ? 'ns' : (guessTimeUnit(Number(time)) ?? 'ns');
    return {
      signals: ['samples'],
      time: unit,
      zone: 'UTC',
      clock: 'the agent that measured',
      guessed: unit !== 'ns',
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

const isComment = (line: string): boolean =>
  line.startsWith('#') || line.startsWith('CREATE DATABASE ');

function firstTime(head: Head): string | undefined {
  for (const line of headLines(head)) {
    const parsed = isComment(line) ? '' : parseLine(line);
    if (typeof parsed !== 'string' && parsed.time !== '') return parsed.time;
  }
  return undefined;
}

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headLines(head).filter((line) => !isComment(line));
  const fits = lines.filter(isLine).length;
  if (fits === 0 || fits < lines.length * 0.8) return { confidence: 0, why: '' };
  return {
    confidence: 0.95,
    why: 'Its lines are measurement,tags fields time, as InfluxDB has them.',
  };
}

/** Strict, so that no log line passes: times, and values that are numbers, words for true or quoted. */
function isLine(line: string): boolean {
  const parsed = parseLine(line);
  if (typeof parsed === 'string' || parsed.measurement.includes('=')) return false;
  if (!/^-?\d{9,19}$/.test(parsed.time)) return false;
  return parsed.fields.every(([, value]) => numberOfField(value) !== 'the field is not a number');
}

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly digits = new EqualDigits();
  /** Ids by field, by what stands in front of the fields. */
  private readonly known = new Map<string, Map<string, bigint>>();

  constructor(private readonly choices: ReadChoices = {}) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  add(text: string, where: string): string {
    if (isComment(text)) return this.comment();
    const line = parseLine(text);
    if (typeof line === 'string') return line;
    const ts = line.time === '' ? undefined : this.time(line.time);
    const late = ts === undefined ? this.whyLate(line.time) : '';
    for (const [name, value] of line.fields) {
      const number = numberOfField(value);
      const reason = late || (typeof number === 'string' ? number : '');
      if (reason !== '' || ts === undefined || typeof number === 'string') {
        this.sink.drop('samples', `${where}, ${name}`, text, reason, { at: ts });
      } else this.sink.sample(this.series(line, name), ts, number);
    }
    return '';
  }

  /** What an export says about itself is no record. */
  private comment(): string {
    this.sink.notices.add(
      'comments-skipped',
      'info',
      (n) => `${n} lines are comments or statements of an export and hold no measurement.`,
    );
    return '';
  }

  /** Nanoseconds, as the protocol has them; a number that would be before 1973 is of another precision. */
  private time(word: string): bigint | undefined {
    if (!/^-?\d+$/.test(word) || !this.digits.fits(word)) return undefined;
    if (this.choices.timeUnit) return epochNs(word, this.choices.timeUnit);
    const guessed = guessTimeUnit(Number(word));
    if (guessed === undefined || guessed === 'ns') return epochNs(word, 'ns');
    return this.times.read(word);
  }

  private whyLate(word: string): string {
    if (word === '') return 'the line has no time';
    return /^-?\d+$/.test(word)
      ? 'the time has not as many digits as the first one'
      : 'the time can not be read';
  }

  private series({ key, measurement, tags }: InfluxLine, field: string): bigint {
    let ids = this.known.get(key);
    if (!ids) this.known.set(key, (ids = new Map()));
    let id = ids.get(field);
    if (id === undefined) {
      const metric = `${measurement}_${field}`;
      id = this.sink.series({ metric, unit: unitOfName(metric), ...placeOfTags(tags) });
      ids.set(field, id);
    }
    return id;
  }
}
