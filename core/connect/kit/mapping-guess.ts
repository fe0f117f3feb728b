import type { TimeUnit } from '../format';
import { NoticeCounts } from '../import-tally';
import type { MapFrom, Mapping } from './mapping';
import { numberOf } from './mapping-rows';
import { cellText, isDay } from './mapping-shape';
import { isSecretName } from './redact';
import { severityOfWord } from './severity';
import { TimeReader } from './times';

/** The columns of a table with its first rows; a row may be shorter. */
export interface TableHead {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** False where the first line is a record. */
  readonly header?: boolean;
}

interface Column {
  readonly name: string;
  /** Letters and digits of the name, in lower case. */
  readonly plain: string;
  /** The same of what stands last in a path: of "attributes.message" the message. */
  readonly last: string;
  /** What is not empty, as text. */
  readonly texts: readonly string[];
  readonly time: boolean;
  readonly number: boolean;
  readonly decimalComma: boolean;
}

/** Names under which columns go, the likeliest first; letters and digits only. */
const NAMES = {
  time: 'timestamp attimestamp time datetime eventtime ts timegenerated logtime starttime starttimeunixnano startsat startedat start createdat created occurredat t date when',
  end: 'endtime endsat endedat end resolvedat finishedat stoptime',
  body: 'message msg body logmessage log rawmessage raw text content event line description summary details',
  severity: 'severity severitytext level loglevel levelname leveldisplayname lvl priority',
  severityNumber: 'severitynumber',
  service: 'service servicename app application appname component job',
  host: 'host hostname node server machine computer instance',
  trace: 'traceid trace oteltraceid',
  span: 'spanid span otelspanid',
  parent: 'parentspanid parentid parent',
  metric: 'metric metricname measurement series counter name key',
  value: 'value val metricvalue count avg average mean',
  unit: 'unit units',
  operation: 'name spanname operation operationname',
  duration: 'duration durationnano durationns durationus durationms latency latencyms elapsed took',
  kind: 'kind spankind',
  status: 'statuscode status',
  alert: 'alertname alert rule rulename',
  title: 'title change summary description message name',
  changeKind: 'kind changetype type action category',
  version: 'version revision commit sha release tag',
} as const;

/** Names that say what a column is also below another: the message of an event, but not the name of a host. */
const IN_PATHS = new Set(
  'timestamp attimestamp time datetime eventtime ts message msg body raw rawmessage severity level loglevel status host hostname service traceid spanid parentid parentspanid duration durationms'.split(
    ' ',
  ),
);

/** A column of text that is a label: few values, short ones; of many rows, several with each. */
const LABEL_VALUES = 50;
const LABEL_LENGTH = 64;
const MANY_ROWS = 20;
/** Share of numbers in a column of numbers; the others are left out with a notice. */
const NUMBERS = 0.8;
/** Numbers that measure nothing. */
const NOT_MEASURED =
  /(^|[^a-z])(id|pid|tid|port|code|line|index|idx|row|no|seq|offset|year|month|day)$/i;

/** What the columns of a table are, by their names and contents; undefined where none is a time and something else a value. */
export function guessMapping(head: TableHead, fileName: string): Mapping | undefined {
  const columns = head.columns.flatMap((name, at) =>
    name === '' ? [] : [columnOf(name, head, at)],
  );
  const guess = new Guess(columns, head, fileName);
  return (
    guess.spans() ??
    guess.alerts() ??
    guess.changes() ??
    guess.long() ??
    guess.logs() ??
    guess.wide()
  );
}

const plainOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^@/, 'at')
    .replace(/[^a-z0-9]/g, '');

const isTime = (plain: string): boolean => NAMES.time.split(' ').includes(plain);

function columnOf(name: string, { rows }: TableHead, at: number): Column {
  const values = rows.map((row) => row[at]);
  const texts = values.map((value) => cellText(value).trim()).filter((text) => text !== '');
  const decimalComma = texts.some((text) => /^-?\d+,\d+$/.test(text));
  const isNumber = (text: string): boolean =>
    !Number.isNaN(numberOf(text.replace(',', '.'))) || /^nan$/i.test(text);
  const plain = plainOf(name);
  const last = plainOf(name.slice(name.lastIndexOf('.') + 1));
  const called =
    `${NAMES.time} ${NAMES.end}`.split(' ').includes(plain) || (IN_PATHS.has(last) && isTime(last));
  return {
    name,
    plain,
    last,
    texts,
    // A name says as much as most of the contents.
    time: isTimes(texts, called ? 0.5 : 0.9),
    number: texts.length > 0 && texts.filter(isNumber).length >= texts.length * NUMBERS,
    decimalComma,
  };
}

/** 2000 to 2100. */
const NS_FROM = 946_684_800_000_000_000n;
const NS_TO = 4_102_444_800_000_000_000n;

function isTimes(texts: readonly string[], share: number): boolean {
  const reader = new TimeReader(new NoticeCounts());
  const looked = texts.slice(0, 50);
  const read = looked.filter((text) => {
    const ns = reader.read(isDay(text) ? `${text} 00:00` : text);
    return ns !== undefined && ns > NS_FROM && ns < NS_TO;
  });
  return looked.length > 0 && read.length >= looked.length * share;
}

class Guess {
  private readonly time: Column | undefined;
  private readonly date: Column | undefined;

  constructor(
    private readonly columns: readonly Column[],
    private readonly head: TableHead,
    private readonly fileName: string,
  ) {
    const times = columns.filter((column) => column.time);
    this.time = named(times, NAMES.time) ?? times[0];
    const date = columns.find(({ plain, time }) => plain === 'date' && time);
    const clock = columns.find(({ plain, texts }) => plain === 'time' && texts.every(isClock));
    // A day and a clock in columns of their own.
    if (date && clock && clock.texts.length > 0) {
      this.time = clock;
      this.date = date;
    }
  }

  private find(names: string, fits: (column: Column) => boolean = () => true): Column | undefined {
    return named(
      this.columns.filter((c) => c !== this.time && c !== this.date && fits(c)),
      names,
    );
  }

  private mapping(
    target: Mapping['target'],
    fields: Readonly<Record<string, Column | string | undefined>>,
    more: Partial<Mapping> = {},
  ): Mapping | undefined {
    const { time, date } = this;
    if (!time) return undefined;
    const all: Record<string, Column | string | undefined> = {
      time,
      date,
      service: this.find(NAMES.service, notNumber),
      host: this.find(NAMES.host, notNumber),
      ...fields,
    };
    const from: Record<string, MapFrom> = {};
    const taken = new Set<Column>();
    for (const [name, of] of Object.entries(all)) {
      if (of === undefined || (typeof of !== 'string' && taken.has(of))) continue;
      if (typeof of === 'string') from[name] = { constant: of };
      else {
        taken.add(of);
        from[name] = { column: of.name };
      }
    }
    return {
      target,
      fields: from,
      ...(this.head.header === false ? { header: false } : {}),
      ...more,
    };
  }

  spans(): Mapping | undefined {
    const trace = this.find(NAMES.trace);
    // Zipkin's first model says plainly "id".
    const span = this.find(NAMES.span) ?? (trace && this.find('id'));
    const name = this.find(NAMES.operation, notNumber);
    const duration = this.find(NAMES.duration, (c) => c.number);
    const end = this.find(NAMES.end, (c) => c.time);
    if (!trace || !span || !name || !(duration ?? end)) return undefined;
    const parent = this.find(NAMES.parent);
    const kind = this.find(NAMES.kind);
    const status = this.find(NAMES.status);
    const ids = { trace_id: trace, span_id: span, parent_span_id: parent };
    const unit = duration && durationUnit(duration.plain);
    const fields = { ...ids, name, duration, end: duration ? undefined : end, kind, status };
    return this.mapping('spans', fields, unit ? { duration: unit } : {});
  }

  alerts(): Mapping | undefined {
    const name = this.find(NAMES.alert, notNumber);
    if (!name) return undefined;
    return this.mapping('alerts', {
      name,
      end: this.find(NAMES.end, (c) => c.time),
      severity: this.find(NAMES.severity),
      fingerprint: this.find('fingerprint'),
      description: this.find('description summary message'),
    });
  }

  changes(): Mapping | undefined {
    const version = this.find(NAMES.version);
    const kind = this.find(NAMES.changeKind, notNumber);
    const title = this.find(NAMES.title, (c) => c !== kind && notNumber(c));
    if (!version || !kind || !title || this.find(NAMES.severity)) return undefined;
    return this.mapping('changes', { title, kind, version });
  }

  long(): Mapping | undefined {
    const metric = this.find(NAMES.metric, notNumber);
    const value = this.find(NAMES.value, (c) => c.number);
    if (!metric || !value) return undefined;
    const unit = this.find(NAMES.unit, notNumber);
    return this.samples({ metric, value, unit }, [value]);
  }

  logs(): Mapping | undefined {
    const said = this.find(NAMES.body, (c) => notNumber(c) && !c.time && c.texts.length > 0);
    const severity = this.find(NAMES.severity) ?? this.find('status', saysSeverity);
    const measured = !severity && this.columns.some((c) => this.measures(c));
    const body = said ?? (measured ? undefined : this.longestText());
    if (!body) return undefined;
    return this.mapping('logs', {
      body,
      severity,
      severity_number: this.find(NAMES.severityNumber),
      trace_id: this.find(NAMES.trace),
      span_id: this.find(NAMES.span),
    });
  }

  wide(): Mapping | undefined {
    const values = this.columns.filter((c) => this.measures(c));
    const [first] = values;
    if (!first) return undefined;
    // A single column "value" says nothing; the file does.
    if (values.length === 1 && ['value', 'val', 'v'].includes(first.plain)) {
      return this.samples({ metric: baseName(this.fileName) || first.name, value: first }, values);
    }
    return this.samples({}, values, { values: values.map(({ name }) => name) });
  }

  private samples(
    fields: Readonly<Record<string, Column | string | undefined>>,
    values: readonly Column[],
    more: Partial<Mapping> = {},
  ): Mapping | undefined {
    const used = new Set<unknown>([...values, ...Object.values(fields), this.time, this.date]);
    const place = [this.find(NAMES.service, notNumber), this.find(NAMES.host, notNumber)];
    const labels = this.columns.filter((c) => !used.has(c) && !place.includes(c) && isLabel(c));
    const named = Object.fromEntries(labels.map((c) => [`attribute.${c.name}`, c]));
    const decimal = values.some((c) => c.decimalComma) ? { decimal: ',' as const } : {};
    return this.mapping('samples', { ...fields, ...named }, { ...more, ...decimal });
  }

  private measures(column: Column): boolean {
    return column.number && !column.time && column !== this.time && !NOT_MEASURED.test(column.name);
  }

  /** Sentences, where no column is called a message. */
  private longestText(): Column | undefined {
    const length = ({ texts }: Column): number =>
      texts.reduce((sum, text) => sum + text.length, 0) / Math.max(1, texts.length);
    return this.columns
      .filter((c) => c !== this.time && c !== this.date && !c.time && notNumber(c))
      .filter((c) => c.texts.some((text) => text.includes(' ')) && length(c) >= 12)
      .sort((a, b) => length(b) - length(a))[0];
  }
}

const notNumber = (column: Column): boolean => !column.number && !isSecretName(column.name);

/** A status that is no number of HTTP's and no outcome, but how grave it is. */
const saysSeverity = ({ texts }: Column): boolean =>
  texts.length > 0 && texts.every((text) => severityOfWord(text) > 0);

const isClock = (text: string): boolean =>
  /^\d{1,2}:\d\d(:\d\d([.,]\d+)?)?( ?[AaPp][Mm])?$/.test(text);

function isLabel({ name, number, time, texts }: Column): boolean {
  if (number || time || isSecretName(name) || texts.length === 0) return false;
  const values = new Set(texts).size;
  if (texts.length >= MANY_ROWS && values > texts.length / 2) return false;
  return values <= LABEL_VALUES && texts.every((t) => t.length <= LABEL_LENGTH);
}

function named(columns: readonly Column[], names: string): Column | undefined {
  for (const name of names.split(' ')) {
    const found = columns.find(({ plain }) => plain === name);
    if (found) return found;
  }
  for (const name of names.split(' ').filter((one) => IN_PATHS.has(one))) {
    const found = columns.find(({ last }) => last === name);
    if (found) return found;
  }
  return undefined;
}

function durationUnit(plain: string): TimeUnit | undefined {
  if (/(nano|nanos|ns)$/.test(plain)) return 'ns';
  if (/(micro|micros|us)$/.test(plain)) return 'µs';
  if (/(milli|millis|ms)$/.test(plain)) return 'ms';
  return /(seconds|secs|sec|s)$/.test(plain) ? 's' : undefined;
}

function baseName(path: string): string {
  const file = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return file.replace(/\.(csv|tsv|txt|json|jsonl|ndjson|parquet|arrow|gz|zst)+$/gi, '');
}
