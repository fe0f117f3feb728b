import {
  EqualDigits,
  RowSink,
  TimeReader,
  epochNs,
  guessTimeUnit,
  headLines,
  parseGoFloat,
  placeOfTags,
  readRecords,
  textLines,
  unitOfName,
  type FileFormat,
  type Head,
  type ReadChoices,
} from '../../core/connect';

/**
 * Graphite's plaintext protocol: `path value epoch`, also with tags as `path;tag=value value epoch`
 * (graphite.readthedocs.io, "Feeding In Your Data" and "Graphite Tag Support").
 */
export const graphite: FileFormat = {
  id: 'graphite',
  title: 'Graphite plaintext',
  tables: ['resources', 'metric_series', 'samples'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 's',
    zone: 'UTC',
    clock: 'the agent that measured',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'samples',
      add: (line) => reader.add(line),
    });
  },
};

const PATH = /^[A-Za-z0-9_][^\s;={}"',]*(;[^\s;=]+=[^\s;]+)*$/;

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headLines(head).map((line) => line.trim().split(/[ \t]+/));
  const fits = lines.filter(
    ([path = '', value = '', time = '', ...more]) =>
      more.length === 0 &&
      PATH.test(path) &&
      /[.;]/.test(path) &&
      !/[()[\]]/.test(path) &&
      parseGoFloat(value) !== undefined &&
      /^\d{9,10}(\.\d+)?$|^\d{13}$/.test(time),
  );
  if (fits.length === 0 || fits.length < lines.length * 0.8) return { confidence: 0, why: '' };
  return { confidence: 0.9, why: 'Its lines are path value epoch, as Graphite takes them.' };
}

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly digits = new EqualDigits();
  private readonly known = new Map<string, bigint>();

  constructor(private readonly choices: ReadChoices = {}) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  add(line: string): string {
    const [path = '', word = '', time = '', ...more] = line.trim().split(/[ \t]+/);
    if (word === '' || more.length > 0) return 'the line is not path, value and time';
    if (!PATH.test(path)) return 'the path can not be read';
    const value = parseGoFloat(word);
    if (value === undefined) return 'the value is not a number';
    // -1 and N mean the moment when the line came in, which the file does not say.
    if (time === '' || time === '-1' || time === 'N') return 'the line has no time';
    if (!/^\d+(\.\d+)?$/.test(time)) return 'the time can not be read';
    if (!this.digits.fits(time)) return 'the time has not as many digits as the first one';
    const ts = this.time(time);
    if (ts === undefined) return 'the time can not be read';
    this.sink.sample(this.series(path), ts, value);
    return '';
  }

  private time(word: string): bigint | undefined {
    if (this.choices.timeUnit) return epochNs(word, this.choices.timeUnit);
    const guessed = guessTimeUnit(Number(word));
    return guessed === undefined || guessed === 's' ? epochNs(word, 's') : this.times.read(word);
  }

  private series(text: string): bigint {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const [metric = '', ...tags] = text.split(';');
    const pairs = tags.map((tag): readonly [string, string] => {
      const equals = tag.indexOf('=');
      return [tag.slice(0, equals), tag.slice(equals + 1)];
    });
    const id = this.sink.series({ metric, unit: unitOfName(metric), ...placeOfTags(pairs) });
    this.known.set(text, id);
    return id;
  }
}
