/**
 * Where a record gathers while it is being read, in whatever order its fields come, until it is known to
 * be good. Stages are used again for every record: no object per record or attribute.
 */
export class AttributeStage {
  readonly keys: string[] = [];
  readonly values: string[] = [];
  length = 0;

  put(key: string, value: string): void {
    this.keys[this.length] = key;
    this.values[this.length++] = value;
  }

  clear(): void {
    this.length = 0;
  }

  has(key: string): boolean {
    for (let i = 0; i < this.length; i++) if (this.keys[i] === key) return true;
    return false;
  }

  record(): Record<string, string> {
    const out: Record<string, string> = {};
    for (let i = 0; i < this.length; i++) out[this.keys[i]!] = this.values[i]!;
    return out;
  }
}

/** Events or links of one span: names or ids, and which of `attributes` are theirs. */
export class NestedStage {
  readonly attributes = new AttributeStage();
  readonly ts: bigint[] = [];
  /** An event's name, a link's trace id. */
  readonly first: string[] = [];
  /** A link's span id. */
  readonly second: string[] = [];
  readonly ends: number[] = [];
  length = 0;

  clear(): void {
    this.length = 0;
    this.attributes.clear();
  }

  /** Ends one item whose attributes have been put already. */
  end(ts: bigint, first: string, second: string): void {
    const i = this.length++;
    this.ts[i] = ts;
    this.first[i] = first;
    this.second[i] = second;
    this.ends[i] = this.attributes.length;
  }
}

export class SpanStage {
  traceId = '';
  spanId = '';
  parentSpanId = '';
  name = '';
  kind = 0;
  start = 0n;
  end = 0n;
  status = 0;
  statusMessage = '';
  /** Why the span can't be taken over, found while reading. */
  fault = '';
  readonly attributes = new AttributeStage();
  readonly events = new NestedStage();
  readonly links = new NestedStage();

  clear(): void {
    this.traceId = this.spanId = this.parentSpanId = this.name = this.statusMessage = '';
    this.kind = this.status = 0;
    this.start = this.end = 0n;
    this.fault = '';
    this.attributes.clear();
    this.events.clear();
    this.links.clear();
  }
}

export class LogStage {
  ts = 0n;
  observedTs = 0n;
  severity = 0;
  severityText = '';
  body = '';
  traceId = '';
  spanId = '';
  eventName = '';
  fault = '';
  readonly attributes = new AttributeStage();

  clear(): void {
    this.ts = this.observedTs = 0n;
    this.severity = 0;
    this.severityText = this.body = this.traceId = this.spanId = this.eventName = '';
    this.fault = '';
    this.attributes.clear();
  }
}

export interface ExemplarStage {
  readonly ts: bigint;
  readonly value: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the points of one metric have in common. */
export interface MetricHead {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly kind: 'gauge' | 'counter' | 'histogram' | 'summary';
  readonly temporality: '' | 'delta' | 'cumulative';
}

export class PointStage {
  ts = 0n;
  value = 0;
  hasValue = false;
  /** Bit 0: "no recorded value", a series' end. */
  flags = 0;
  fault = '';
  readonly attributes = new AttributeStage();
  exemplars: ExemplarStage[] = [];

  count = 0n;
  sum: number | null = null;
  bounds: number[] = [];
  counts: bigint[] = [];
  hasMinMax = false;

  scale = 0;
  zeroCount = 0n;
  zeroThreshold = 0;
  positiveOffset = 0;
  positive: bigint[] = [];
  negativeOffset = 0;
  negative: bigint[] = [];

  /** Quantile and value in turn. */
  quantiles: number[] = [];

  clear(): void {
    this.ts = this.count = this.zeroCount = 0n;
    this.value = this.flags = this.scale = this.zeroThreshold = 0;
    this.positiveOffset = this.negativeOffset = 0;
    this.hasValue = this.hasMinMax = false;
    this.fault = '';
    this.sum = null;
    this.attributes.clear();
    if (this.exemplars.length > 0) this.exemplars = [];
    if (this.bounds.length > 0) this.bounds = [];
    if (this.counts.length > 0) this.counts = [];
    if (this.positive.length > 0) this.positive = [];
    if (this.negative.length > 0) this.negative = [];
    if (this.quantiles.length > 0) this.quantiles = [];
  }
}
