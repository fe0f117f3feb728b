import {
  LogObjects,
  RowSink,
  TimeReader,
  epochNs,
  headLines,
  isJsonObject,
  parseExact,
  readRecords,
  textLines,
  type Described,
  type FileFormat,
  type Head,
  type JsonObject,
  type ReadChoices,
} from '../../core/connect';

/**
 * Files that Fluent Bit and Fluentd write: `tag: [time, {…}]` (Fluent Bit's file output), `time⇥tag⇥{…}` (Fluentd's
 * file output), and JSON lines with `date` (Fluent Bit's json_lines, as its stdout and HTTP outputs write it).
 */
export const fluent: FileFormat = {
  id: 'fluent',
  title: 'Fluent Bit or Fluentd output',
  tables: ['resources', 'logs'],
  sniff,
  describe,
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'logs',
      add: (line) => reader.add(line),
    });
  },
};

type Dialect = 'fluent-bit' | 'fluentd' | 'json-lines';

interface Line {
  readonly dialect: Dialect;
  readonly tag: string;
  readonly time: string;
  readonly record: string;
}

/** `kube.var.log.cart: [1795169700.371000000, {"log":"…"}]`; newer releases write `[[time, {}], {…}]`. */
const FLUENT_BIT =
  /^([^\s:[\]{}"]{1,300}): \[(?:\[)?(\d{9,10}(?:\.\d+)?|"[^"]{10,40}")(?:, ?\{[^{}]*\}\])?, ?(\{.*\})\]$/s;
/** The delimiter is a tab; `space` and `comma` can be chosen. */
const FLUENTD =
  /^(\d{4}-\d\d-\d\dT[^\s,]{8,35}|\d{9,10}(?:\.\d+)?)[\t ,]([^\s,{}"]{1,300})[\t ,](\{.*\})$/s;
/** The keys that Fluent Bit gives its time in JSON lines. */
const DATE = /^\{"(?:date)":(\d{9,10}(?:\.\d+)?|"[^"]{10,40}"),/;

function lineOf(text: string): Line | undefined {
  let m = FLUENT_BIT.exec(text);
  if (m) return { dialect: 'fluent-bit', tag: m[1] ?? '', time: m[2] ?? '', record: m[3] ?? '' };
  m = FLUENTD.exec(text);
  if (m) return { dialect: 'fluentd', time: m[1] ?? '', tag: m[2] ?? '', record: m[3] ?? '' };
  m = DATE.exec(text);
  return m ? { dialect: 'json-lines', tag: '', time: m[1] ?? '', record: text } : undefined;
}

class Reader {
  readonly sink = new RowSink();
  private readonly objects: LogObjects;
  private readonly times: TimeReader;

  constructor(choices: ReadChoices | undefined) {
    this.objects = new LogObjects(this.sink, choices);
    this.times = new TimeReader(this.sink.notices, choices, 's');
  }

  add(text: string): string {
    const line = lineOf(text.trim());
    if (!line) return 'the line is not as Fluent Bit or Fluentd writes it';
    const record = recordIn(line.record);
    if (!record) return 'its record is not a JSON object';
    const time = line.time.replaceAll('"', '');
    const ts = /^[\d.]+$/.test(time) ? epochNs(time, 's') : this.times.read(time);
    if (ts === undefined) return 'its time is none that is known';
    const { date: _, ...rest } = record;
    return this.objects.add(line.dialect === 'json-lines' ? rest : record, {
      ts,
      ...(line.tag === '' ? {} : { attributes: { 'fluent.tag': line.tag } }),
    });
  }
}

function recordIn(text: string): JsonObject | undefined {
  try {
    const value = parseExact(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function describe(head: Head): Described {
  const line = lineOf(headLines(head)[0]?.trim() ?? '');
  const number = line !== undefined && /^\d/.test(line.time) && !line.time.includes('-');
  return {
    signals: ['logs'],
    time: number ? 's' : 'text',
    zone: number ? 'UTC' : 'stated',
    clock: 'the shipper, or the application where the shipper parsed its time',
    guessed: false,
  };
}

const WORDS: Readonly<Record<Dialect, string>> = {
  'fluent-bit': 'a tag and [time, record], as Fluent Bit writes files',
  fluentd: 'a time, a tag and a record, as Fluentd writes files',
  'json-lines': 'JSON that begins with "date", as Fluent Bit writes it',
};

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headLines(head);
  const found = lines.flatMap((line) => lineOf(line.trim())?.dialect ?? []);
  const [dialect] = found;
  if (!dialect || found.length < lines.length * 0.6) return { confidence: 0, why: '' };
  // Docker's fields stand within such lines, too: only "date" as a number tells them apart.
  const numbered = lines[0]?.startsWith('{"date":1') === true;
  const confidence = dialect !== 'json-lines' ? 0.95 : numbered ? 0.98 : 0.8;
  return { confidence, why: `Lines with ${WORDS[dialect]}.` };
}
