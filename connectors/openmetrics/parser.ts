import {
  familyOf,
  kindOfName,
  parseGoFloat,
  splitLabels,
  temporalityOf,
  unitOfName,
  type MetricFamily,
} from '../../core/connect';
import { BatchBuilder, ResourceInterner, seriesId, type Batch } from '../../core/model';

const MS_PER_S = 1000;
/** Epoch seconds beyond this (year 5138) are milliseconds, as Prometheus' own text has them. */
const SECONDS_END = 100_000_000_000;
const MS_END = 100_000_000_000_000;

type Family = { -readonly [K in keyof MetricFamily]: MetricFamily[K] };

export interface Dropped {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/** Figures for notices, over the whole text. */
export interface Counts {
  samples: number;
  /** Samples without a time, which were taken for those of one scrape or dropped. */
  withoutTime: number;
  /** Series that came once more without a time: of another scrape, of which nothing says when it was. */
  repeated: number;
  inMilliseconds: number;
  unknownLines: number;
  sawEof: boolean;
  /** Families in the OpenMetrics manner (`# UNIT`), where `# EOF` is due. */
  units: number;
}

/**
 * Reads OpenMetrics 1.0 and Prometheus 0.0.4 text into columns. Feed blocks of whole lines to `block`,
 * take batches from `take`. Samples of one series after another cost no label parsing.
 */
export class OpenMetricsParser {
  readonly counts: Counts = {
    samples: 0,
    withoutTime: 0,
    repeated: 0,
    inMilliseconds: 0,
    unknownLines: 0,
    sawEof: false,
    units: 0,
  };
  private readonly families = new Map<string, Family>();
  private readonly known = new Map<string, bigint>();
  /** Metrics of which nothing is stated. */
  private readonly names = new Set<string>();
  private readonly resources = new ResourceInterner();
  private readonly series = new BatchBuilder('metric_series');
  private readonly samples = new BatchBuilder('samples');
  private readonly exemplars = new BatchBuilder('exemplars');
  private readonly drops: Dropped[] = [];
  private text = '';
  private lastKey = '';
  private lastId = 0n;
  private lastSeconds = Number.NaN;
  private lastNs = 0n;
  /** Series of the scrape that has no times. */
  private readonly scraped = new Set<bigint>();

  /** `scrapedAt`: ns since the epoch, for samples without a time; they are dropped without it. */
  constructor(private readonly scrapedAt?: bigint) {}

  get rows(): number {
    return this.samples.rows;
  }

  /** Parses whole lines; `firstLine` is the number of the first. */
  block(text: string, firstLine: number): void {
    this.text = text;
    let line = firstLine;
    for (let from = 0; from < text.length; line++) {
      let end = text.indexOf('\n', from);
      if (end < 0) end = text.length;
      const next = end + 1;
      while (end > from && isSpace(text.charCodeAt(end - 1))) end--;
      while (from < end && isSpace(text.charCodeAt(from))) from++;
      if (from < end) {
        const reason = text.charCodeAt(from) === 35 ? this.meta(from, end) : this.sample(from, end);
        if (reason) this.drops.push({ line, text: text.slice(from, end), reason });
      }
      from = next;
    }
    this.text = '';
  }

  /** What has gathered, resources and series before what names them. */
  take(): readonly Batch[] {
    const batches: Batch[] = [];
    const resources = this.resources.take();
    if (resources) batches.push(resources);
    for (const builder of [this.series, this.samples, this.exemplars]) {
      if (builder.rows > 0) batches.push(builder.take());
    }
    return batches;
  }

  takeDropped(): readonly Dropped[] {
    return this.drops.splice(0);
  }

  /** `# TYPE name kind`, `# UNIT name unit`, `# HELP name text`, `# EOF`; other comments are passed over. */
  private meta(from: number, end: number): string {
    const match = /^#\s*(TYPE|UNIT|HELP|EOF)\b\s*(\S*)\s?(.*)$/.exec(this.text.slice(from, end));
    if (!match) return '';
    const [, word, name = '', rest = ''] = match;
    if (word === 'EOF') {
      this.counts.sawEof = true;
      return '';
    }
    const key = name.startsWith('"') ? unescape(name.slice(1, -1)) : name;
    const family = this.families.get(key) ?? { kind: 'unknown', unit: '', description: '' };
    if (word === 'TYPE') family.kind = rest.trim();
    if (word === 'HELP') family.description = unescape(rest);
    if (word === 'UNIT') {
      family.unit = rest.trim();
      this.counts.units++;
    }
    this.families.set(key, family);
    return '';
  }

  /** One sample line; returns why it is dropped, or ''. */
  private sample(from: number, end: number): string {
    const { text, lastKey } = this;
    let at: number;
    let id: bigint | undefined;
    if (
      lastKey !== '' &&
      isSpace(text.charCodeAt(from + lastKey.length)) &&
      text.startsWith(lastKey, from)
    ) {
      at = from + lastKey.length;
      id = this.lastId;
    } else {
      at = keyEnd(text, from, end);
      if (at < 0) return 'the labels do not end';
      const key = text.slice(from, at);
      id = this.known.get(key);
      if (id === undefined) {
        const made = this.newSeries(key);
        if (typeof made === 'string') return made;
        id = made;
      }
      this.lastKey = key;
      this.lastId = id;
    }
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    const valueEnd = tokenEnd(text, at, end);
    if (valueEnd === at) return 'the sample has no value';
    const value = parseGoFloat(text.slice(at, valueEnd));
    if (value === undefined) return 'the value is not a number';
    at = valueEnd;
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    let ts: bigint | undefined;
    if (at === end || text.charCodeAt(at) === 35) {
      const scraped = this.scrapeOf(id);
      if (typeof scraped === 'string') return scraped;
      ts = scraped;
    } else {
      const timeEnd = tokenEnd(text, at, end);
      ts = this.time(at, timeEnd);
      if (ts === undefined) return 'the time stamp is not a number or out of range';
      at = timeEnd;
      while (at < end && isSpace(text.charCodeAt(at))) at++;
    }
    if (at < end) {
      if (text.charCodeAt(at) !== 35) return 'there is text after the time stamp';
      const reason = this.exemplar(text.slice(at + 1, end), id, ts);
      if (reason) return reason;
    }
    const { col } = this.samples;
    col.series_id.push(id);
    col.ts.push(ts);
    col.value.push(value);
    this.samples.endRow();
    this.counts.samples++;
    return '';
  }

  /** The time of a sample that has none, or why it is dropped. */
  private scrapeOf(series: bigint): bigint | string {
    this.counts.withoutTime++;
    const { scrapedAt, scraped } = this;
    if (scrapedAt === undefined) return 'the sample has no time stamp';
    if (scraped.has(series)) {
      this.counts.repeated++;
      return 'the series stands here once more, and neither sample has a time stamp';
    }
    scraped.add(series);
    return scrapedAt;
  }

  /** Seconds (OpenMetrics) or milliseconds (Prometheus' text), told apart by magnitude. */
  private time(from: number, end: number): bigint | undefined {
    const { text } = this;
    let whole = 0;
    let at = from;
    for (; at < end; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      whole = whole * 10 + digit;
    }
    if (at === end && at > from && whole < SECONDS_END) {
      if (whole !== this.lastSeconds) {
        this.lastSeconds = whole;
        this.lastNs = BigInt(whole) * 1_000_000_000n;
      }
      return this.lastNs;
    }
    return this.oddTime(text.slice(from, end));
  }

  private oddTime(word: string): bigint | undefined {
    const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(word);
    if (match) {
      const whole = Number(match[2]);
      if (whole >= MS_END) return undefined;
      const milliseconds = whole >= SECONDS_END;
      if (milliseconds) this.counts.inMilliseconds++;
      const unit = milliseconds ? 1_000_000n : 1_000_000_000n;
      const digits = milliseconds ? 6 : 9;
      const fraction = BigInt((match[3] ?? '').slice(0, digits).padEnd(digits, '0'));
      const ns = BigInt(match[2]!) * unit + fraction;
      return match[1] ? -ns : ns;
    }
    const seconds = /^[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d+$/.test(word) ? Number(word) : Number.NaN;
    if (!(Math.abs(seconds) < MS_END)) return undefined;
    const ms = Math.abs(seconds) >= SECONDS_END ? seconds : seconds * MS_PER_S;
    return BigInt(Math.round(ms * 1000)) * 1000n;
  }

  private newSeries(key: string): bigint | string {
    const parsed = parseKey(key);
    if (typeof parsed === 'string') return parsed;
    const { metric, labels } = parsed;
    const { resource, rest } = splitLabels(labels);
    const resourceId = this.resources.intern(resource);
    const id = seriesId(metric, resourceId, rest);
    this.known.set(key, id);
    const stated = familyOf(metric, (name) => this.families.get(name));
    const kind = stated.kind === 'unknown' ? this.kindOf(metric, rest) : stated.kind;
    const unit = stated.unit === '' ? unitOfName(metric) : stated.unit;
    const { description } = stated;
    const { col } = this.series;
    col.series_id.push(id);
    col.metric.push(metric);
    col.kind.push(kind);
    col.unit.push(unit);
    col.description.push(description);
    col.temporality.push(temporalityOf(kind));
    col.step.push(0n);
    col.resource_id.push(resourceId);
    col.labels.push(rest);
    this.series.endRow();
    return id;
  }

  /** Where nothing is stated, as in dumps: by the name. */
  private kindOf(metric: string, labels: Readonly<Record<string, string>>): string {
    this.names.add(metric);
    if (metric.endsWith('_bucket') && labels['le'] !== undefined) return 'histogram';
    return kindOfName(metric, (other) => this.names.has(other));
  }

  /** ` {trace_id="…"} 0.67 1520879607.789` after the hash sign. */
  private exemplar(rest: string, id: bigint, ts: bigint): string {
    const text = rest.trim();
    const at = keyEnd(text, 0, text.length);
    const labels = text.startsWith('{') && at > 0 ? parseLabels(text.slice(1, at - 1)) : undefined;
    if (labels === undefined || typeof labels === 'string') return 'the exemplar has no label set';
    const [word = '', time] = text.slice(at).trim().split(/\s+/);
    const value = parseGoFloat(word);
    if (value === undefined) return 'the exemplar has no value';
    const { col } = this.exemplars;
    const taken = new Map(labels);
    const trace = taken.get('trace_id') ?? taken.get('traceID') ?? '';
    const span = taken.get('span_id') ?? taken.get('spanID') ?? '';
    for (const name of ['trace_id', 'traceID', 'span_id', 'spanID']) taken.delete(name);
    col.series_id.push(id);
    col.ts.push((time === undefined ? undefined : this.oddTime(time)) ?? ts);
    col.value.push(value);
    col.trace_id.push(trace);
    col.span_id.push(span);
    col.attributes.push(Object.fromEntries(taken));
    this.exemplars.endRow();
    return '';
  }
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 13;
}

function tokenEnd(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && !isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Where `name{labels}` ends; -1 where its braces don't. */
function keyEnd(text: string, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 123) break;
    if (!isSpace(code)) continue;
    let next = at;
    while (next < end && isSpace(text.charCodeAt(next))) next++;
    if (text.charCodeAt(next) !== 123) return at;
    at = next;
    break;
  }
  if (at === end) return end;
  for (at++; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 125) return at + 1;
    if (code !== 34) continue;
    for (at++; at < end && text.charCodeAt(at) !== 34; at++) {
      if (text.charCodeAt(at) === 92) at++;
    }
  }
  return -1;
}

function parseKey(
  key: string,
): { metric: string; labels: readonly (readonly [string, string])[] } | string {
  const brace = key.indexOf('{');
  if (brace < 0) return isName(key) ? { metric: key, labels: [] } : 'not a metric name';
  const labels = parseLabels(key.slice(brace + 1, -1));
  if (typeof labels === 'string') return labels;
  let metric = key.slice(0, brace).trim();
  const rest = labels.filter(([name, value]) => {
    if (name !== '__name__' && name !== '') return true;
    metric = value;
    return false;
  });
  if (metric === '' || (brace > 0 && !isName(key.slice(0, brace).trim()))) {
    return 'not a metric name';
  }
  return { metric, labels: rest };
}

function isName(text: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:.]*$/.test(text);
}

const LABEL =
  /\s*(?:([a-zA-Z_][a-zA-Z0-9_.:]*|"(?:[^"\\]|\\.)*")\s*=\s*)?"((?:[^"\\]|\\.)*)"\s*(,|$)/y;

/** Labels in order. A quoted text without a name is the metric's name (UTF-8 names), key ''. */
function parseLabels(text: string): readonly (readonly [string, string])[] | string {
  const labels: (readonly [string, string])[] = [];
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const rest = text.slice(LABEL.lastIndex);
    if (rest.trim() === '') break;
    const match = LABEL.exec(text);
    if (!match) return 'the labels can not be read';
    const name = match[1] ?? '';
    labels.push([name.startsWith('"') ? unescape(name.slice(1, -1)) : name, unescape(match[2]!)]);
  }
  return labels;
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/g, (whole, c: string) =>
    c === 'n' ? '\n' : c === '"' || c === '\\' ? c : whole,
  );
}
