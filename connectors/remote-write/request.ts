import { FaultlineError } from '../../core/base';
import {
  PrometheusSeries,
  RowSink,
  WireReader,
  exemplarOf,
  familyOf,
  type MetricFamily,
} from '../../core/connect';
import { HistogramMessage, isStaleAt } from './histogram';

const NS_PER_MS = 1_000_000n;
/** The enumeration MetricType of both versions. */
const TYPES = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

interface Series {
  readonly labels: Record<string, string>;
  readonly samples: { readonly ts: bigint; readonly value: number }[];
  readonly histograms: HistogramMessage[];
  readonly exemplars: {
    readonly ts: bigint;
    readonly value: number;
    readonly labels: readonly (readonly [string, string])[];
  }[];
}

/** Requests of remote write 1.0 and 2.0 as rows. What is stated about families holds for the bodies behind it. */
export class WriteRequests {
  readonly sink = new RowSink();
  exemplars = 0;
  private readonly families = new Map<string, MetricFamily>();
  private readonly rows: PrometheusSeries;
  private symbols: string[] = [];

  constructor(nameless: string | undefined) {
    const stated = (name: string): MetricFamily | undefined => this.families.get(name);
    this.rows = new PrometheusSeries(this.sink, nameless, (metric) => familyOf(metric, stated));
  }

  /** Throws 'format/damaged' where the message ends before its time; what came before is taken. */
  body(bytes: Uint8Array, where: string): void {
    this.symbols = [];
    this.stateds(bytes);
    const reader = new WireReader(bytes, 'remote-write request');
    for (let n = 1; reader.field();) {
      if (reader.number === 4) this.symbols.push(reader.string());
      else if (reader.number === 1 || reader.number === 5) {
        const second = reader.number === 5;
        const series = within(reader, () => (second ? this.second(reader) : this.first(reader)));
        this.put(series, `${where}, series ${n++}`);
      } else reader.skip();
    }
  }

  /** What is stated stands behind the series, of which it is wanted first. A damage is met with the series. */
  private stateds(bytes: Uint8Array): void {
    const reader = new WireReader(bytes, 'remote-write request');
    try {
      while (reader.field()) {
        if (reader.number === 3) within(reader, () => this.metadata(reader));
        else reader.skip();
      }
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error;
    }
  }

  /** MetricMetadata of 1.0. */
  private metadata(reader: WireReader): void {
    let name = '';
    let kind = 'unknown';
    let unit = '';
    let description = '';
    while (reader.field()) {
      if (reader.number === 1) kind = TYPES[reader.int32()] ?? 'unknown';
      else if (reader.number === 2) name = reader.string();
      else if (reader.number === 4) description = reader.string();
      else if (reader.number === 5) unit = reader.string();
      else reader.skip();
    }
    this.families.set(name, { kind, unit, description });
  }

  /** TimeSeries of 1.0: labels as texts. */
  private first(reader: WireReader): Series {
    const series = emptySeries();
    while (reader.field()) {
      if (reader.number === 1) {
        const [name, value] = within(reader, () => labelOf(reader));
        series.labels[name] = value;
      } else if (reader.number === 2)
        series.samples.push(...within(reader, () => this.sample(reader)));
      else if (reader.number === 3)
        series.exemplars.push(within(reader, () => this.exemplar(reader)));
      else if (reader.number === 4) {
        series.histograms.push(within(reader, () => new HistogramMessage(reader)));
      } else reader.skip();
    }
    return series;
  }

  /** TimeSeries of 2.0: labels as pairs of references to symbols. */
  private second(reader: WireReader): Series {
    const series = emptySeries();
    while (reader.field()) {
      if (reader.number === 1) Object.assign(series.labels, Object.fromEntries(this.refs(reader)));
      else if (reader.number === 2)
        series.samples.push(...within(reader, () => this.sample(reader)));
      else if (reader.number === 3) {
        series.histograms.push(within(reader, () => new HistogramMessage(reader)));
      } else if (reader.number === 4) {
        series.exemplars.push(within(reader, () => this.exemplar(reader)));
      } else if (reader.number === 5) within(reader, () => this.about(reader, series.labels));
      else reader.skip();
    }
    return series;
  }

  /** Metadata of 2.0 stands with every series; it is the family's. */
  private about(reader: WireReader, { __name__: metric = '' }: Record<string, string>): void {
    let kind = 'unknown';
    let unit = '';
    let description = '';
    while (reader.field()) {
      if (reader.number === 1) kind = TYPES[reader.int32()] ?? 'unknown';
      else if (reader.number === 3) description = this.symbols[reader.uint32()] ?? '';
      else if (reader.number === 4) unit = this.symbols[reader.uint32()] ?? '';
      else reader.skip();
    }
    if (kind === 'unknown') return;
    const parts = kind === 'histogram' || kind === 'summary' ? /_(bucket|count|sum)$/ : /$^/;
    this.families.set(metric.replace(parts, ''), { kind, unit, description });
  }

  private refs(reader: WireReader): readonly (readonly [string, string])[] {
    const refs: bigint[] = [];
    reader.varints(refs);
    const texts = refs.map((ref) => this.symbols[Number(ref)]);
    if (texts.length % 2 === 1 || texts.includes(undefined)) {
      throw reader.damaged('a label refers to a symbol that is not there');
    }
    const pairs: (readonly [string, string])[] = [];
    for (let i = 0; i < texts.length; i += 2) pairs.push([texts[i] ?? '', texts[i + 1] ?? '']);
    return pairs;
  }

  /** None where the sample is a stale marker. */
  private sample(reader: WireReader): readonly { ts: bigint; value: number }[] {
    let value = 0;
    let ts = 0n;
    let stale = false;
    while (reader.field()) {
      if (reader.number === 1) {
        value = reader.double();
        stale = Number.isNaN(value) && isStaleAt(reader);
      } else if (reader.number === 2) ts = reader.int64();
      else reader.skip();
    }
    if (stale) this.stale();
    return stale ? [] : [{ ts, value }];
  }

  private exemplar(reader: WireReader): Series['exemplars'][number] {
    const labels: (readonly [string, string])[] = [];
    let value = 0;
    let ts = 0n;
    while (reader.field()) {
      if (reader.number === 2) value = reader.double();
      else if (reader.number === 3) ts = reader.int64();
      else if (reader.number !== 1) reader.skip();
      else if (this.symbols.length > 0) labels.push(...this.refs(reader));
      else labels.push(within(reader, () => labelOf(reader)));
    }
    return { ts, value, labels };
  }

  private put({ labels, samples, histograms, exemplars }: Series, where: string): void {
    if (samples.length > 0 || exemplars.length > 0) {
      const id = this.rows.id(labels);
      for (const { ts, value } of samples) {
        if (inRange(ts)) this.sink.sample(id, ts * NS_PER_MS, value);
        else this.drop(where, labels, 'the time is out of range');
      }
      for (const { ts, value, labels: own } of exemplars) {
        if (!inRange(ts)) continue;
        this.sink.exemplar(id, ts * NS_PER_MS, value, exemplarOf(own));
        this.exemplars++;
      }
    }
    for (const message of histograms) {
      if (message.stale) {
        this.stale();
        continue;
      }
      const point = message.point();
      const reason = !point
        ? 'the histogram has spans and counts that do not fit together'
        : inRange(message.ts)
          ? this.rows.native(this.rows.id(labels, true), message.ts * NS_PER_MS, point)
          : 'the time is out of range';
      if (reason !== '') this.drop(where, labels, reason, message.ts);
    }
  }

  private drop(
    where: string,
    labels: Readonly<Record<string, string>>,
    reason: string,
    ts?: bigint,
  ): void {
    const place = ts === undefined ? {} : { at: ts * NS_PER_MS };
    this.sink.drop('samples', where, JSON.stringify(labels), reason, place);
  }

  private stale(): void {
    this.sink.notices.add(
      'stale-markers',
      'info',
      (n) => `${n} stale markers say that a series ended; they are no measurements and no rows.`,
    );
  }
}

const emptySeries = (): Series => ({ labels: {}, samples: [], histograms: [], exemplars: [] });

/** 1678 to 2262. */
const inRange = (ms: bigint): boolean => ms > -9_223_372_036_854n && ms < 9_223_372_036_854n;

function within<T>(reader: WireReader, read: () => T): T {
  const outer = reader.enter();
  const result = read();
  reader.leave(outer);
  return result;
}

function labelOf(reader: WireReader): readonly [string, string] {
  let name = '';
  let value = '';
  while (reader.field()) {
    if (reader.number === 1) name = reader.string();
    else if (reader.number === 2) value = reader.string();
    else reader.skip();
  }
  return [name, value];
}
