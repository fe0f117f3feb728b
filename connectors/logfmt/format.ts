import {
  LogTexts,
  RowSink,
  TimeReader,
  headLines,
  readRecords,
  textLines,
  traceInText,
  type FileFormat,
  type Head,
  type ReadChoices,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { parsePairs } from './pairs';

/** Lines of key=value with a time (logfmt), as Go's slog, logrus, go-kit and many others write. */
export const logfmt: FileFormat = {
  id: 'logfmt',
  title: 'Log lines of key=value (logfmt)',
  tables: ['resources', 'logs'],
  sniff,
  describe: (head) => {
    const time = headLines(head)
      .map((line) => first(parsePairs(line)?.pairs, TIMES))
      .find((value) => value !== '');
    const isNumber = /^-?\d+(?:\.\d+)?$/.test(time ?? '');
    return {
      signals: ['logs'],
      time: 'text',
      zone: isNumber || /(?:[Zz]|[+-]\d\d:?\d\d)$/.test(time ?? '') ? 'stated' : 'unknown',
      clock: 'the application',
      guessed: isNumber,
    };
  },
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'logs',
      add: (line) => reader.add(line),
      end: () => reader.end(),
    });
  },
};

const TIMES = ['time', 'ts', 'timestamp', '@timestamp', 't', 'datetime', 'date'];
const LEVELS = ['level', 'lvl', 'severity', 'loglevel', 'log.level'];
const MESSAGES = ['msg', 'message', 'event', 'body'];
const SERVICES = ['service.name', 'service', 'service_name', 'app', 'application'];
const HOSTS = ['host.name', 'hostname'];
/** Names of OpenTelemetry that say where a line comes from; other names may be about something else. */
const STATED = [
  'service.version',
  'service.namespace',
  'service.instance.id',
  'k8s.pod.name',
  'k8s.namespace.name',
  'container.id',
];
const TAKEN = /^(?:trace[-_.]?id|span[-_.]?id|traceparent)$/i;
/** What follows a crash: indented lines, the heads of traces of Go, Python and Java, Go's functions. */
const GOES_ON =
  /^(?:\s|panic: |fatal error: |goroutine \d|created by |Traceback |Caused by: |[\w./*()-]{1,200}\(.{0,200}\)$|[\w.]{1,100}(?:Error|Exception)\b)/;
const MAX_MESSAGE = 1 << 20;
const KEPT = 10_000;

function first(pairs: ReadonlyMap<string, string> | undefined, names: readonly string[]): string {
  for (const name of names) {
    const value = pairs?.get(name);
    if (value !== undefined && value !== '') return value;
  }
  return '';
}

/** A date, an epoch, or a month's or day's name. */
const STARTS_TIME = /^(?:\d{4}|\[?\d|[A-Z][a-z]{2},? )/;

function sniff(head: Head): { confidence: number; why: string } {
  let lines = 0;
  let fits = 0;
  for (const line of headLines(head)) {
    if (GOES_ON.test(line)) continue;
    lines++;
    const pairs = parsePairs(line)?.pairs;
    if (!pairs || pairs.size < 2 || !STARTS_TIME.test(first(pairs, TIMES))) continue;
    if (first(pairs, LEVELS) !== '' || first(pairs, MESSAGES) !== '') fits++;
  }
  if (fits === 0 || fits < lines * 0.7) return { confidence: 0, why: '' };
  return { confidence: 0.92, why: 'Lines of key=value with a time and a level or message.' };
}

interface Open {
  readonly ts: bigint;
  readonly line: string;
  readonly pairs: ReadonlyMap<string, string>;
  /** Lines behind it that belong to it. */
  more: string;
}

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly texts = new LogTexts(this.sink.notices);
  private readonly resources = new Map<string, Attributes>();
  private open: Open | undefined;

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  add(line: string): string {
    const parsed = parsePairs(line);
    if (!parsed) return this.goOn(line);
    const ts = this.times.read(first(parsed.pairs, TIMES));
    if (ts === undefined) return 'the line has no time';
    if (parsed.loose > 0) {
      this.sink.notices.add(
        'words-loose',
        'info',
        (n) =>
          `${n} lines have values of several words without quotes; they were read as far as the next key.`,
      );
    }
    this.end();
    this.open = { ts, line, pairs: parsed.pairs, more: '' };
    return '';
  }

  private goOn(line: string): string {
    const { open } = this;
    if (!open || !GOES_ON.test(line)) return 'the line is not made of key=value';
    if (open.more.length > MAX_MESSAGE) return 'the record before it is too long already';
    open.more += `\n${line}`;
    this.sink.notices.add(
      'lines-joined',
      'info',
      (n) =>
        `${n} lines go on with the record before them (a crash or a trace) and were joined to it.`,
    );
    return '';
  }

  end(): void {
    if (this.open) this.row(this.open);
    this.open = undefined;
  }

  private row({ ts, line, pairs, more }: Open): void {
    const message = first(pairs, MESSAGES);
    const text = this.texts.read((message === '' ? line : message) + more, first(pairs, LEVELS));
    this.sink.log({
      ts,
      ...text,
      ...traceInText(line),
      resource: this.resource(pairs),
      attributes: this.texts.redactor.attributes(attributesOf(pairs)),
    });
  }

  private resource(pairs: ReadonlyMap<string, string>): Attributes {
    const made: Record<string, string> = {};
    let service = first(pairs, SERVICES);
    if (service === '' && (service = first(pairs, ['logger'])) !== '') {
      this.sink.notices.add(
        'service-from-logger',
        'info',
        (n) => `${n} lines name no service; their logger was taken for it.`,
      );
    }
    if (service !== '') made['service.name'] = service;
    const host = first(pairs, HOSTS);
    if (host !== '') made['host.name'] = host;
    for (const name of STATED) {
      const value = pairs.get(name);
      if (value !== undefined && value !== '') made[name] = value;
    }
    const key = JSON.stringify(made);
    const known = this.resources.get(key);
    if (known) return known;
    if (this.resources.size >= KEPT) this.resources.clear();
    this.resources.set(key, made);
    return made;
  }
}

/** Every pair that is no column. */
function attributesOf(pairs: ReadonlyMap<string, string>): Attributes {
  const out: Record<string, string> = {};
  const taken = [TIMES, LEVELS, MESSAGES].map((names) => names.find((name) => pairs.get(name)));
  for (const [name, value] of pairs) {
    if (!taken.includes(name) && !TAKEN.test(name)) out[name] = value;
  }
  return out;
}
