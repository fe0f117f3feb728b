import { BitReader, XorFloat, damagedChunk, isStale } from './chunk-bits';
import type { DecodedChunk } from './chunk-decoded';
import { indexesOfSpans, nativeBuckets, type BucketSpan } from './native-buckets';
import type { NativePoint } from './prometheus-series';

/** `custom_values`: the bounds are written out. */
const CUSTOM_BOUNDS = -53;
const MOST_BUCKETS = 1 << 16;

interface Layout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly positive: readonly number[];
  readonly negative: readonly number[];
  readonly custom: readonly number[];
}

/** Histogram chunks of whole counts, or of floats (tsdb/docs/format/chunks.md). Throws 'format/damaged'. */
export function decodeHistograms(data: Uint8Array, floats: boolean): DecodedChunk {
  if (data.length < 3) throw damagedChunk('The chunk has no header.');
  const count = (data[0] ?? 0) * 256 + (data[1] ?? 0);
  const bits = new BitReader(data, 3);
  const ts: number[] = [];
  const natives: NativePoint[] = [];
  let stale = 0;
  if (count === 0) return { ts, values: [], natives, stale };
  const layout = readLayout(bits);
  const state = floats ? new FloatCounts(layout) : new WholeCounts(layout);
  const sum = new XorFloat();
  let time = 0;
  let delta = 0;
  for (let n = 0; n < count; n++) {
    if (n === 0) time = bits.varbitInt();
    else {
      delta += bits.varbitInt();
      time += delta;
    }
    state.totals(bits, n === 0);
    if (n === 0) sum.first(bits);
    else sum.next(bits);
    const ended = isStale(sum.high, sum.low);
    // A stale marker behind others has no buckets; a first one has a layout without any.
    if (!ended || n === 0) state.buckets(bits, n === 0);
    if (ended) stale++;
    else {
      ts.push(time);
      natives.push(pointOf(layout, state, sum.value));
    }
  }
  return { ts, values: [], natives, stale };
}

function readLayout(bits: BitReader): Layout {
  const zeroThreshold = readThreshold(bits);
  const schema = bits.varbitInt();
  const positive = readIndexes(bits);
  const negative = readIndexes(bits);
  const custom = schema === CUSTOM_BOUNDS ? readCustom(bits) : [];
  return { schema, zeroThreshold, positive, negative, custom };
}

function readThreshold(bits: BitReader): number {
  const byte = bits.bits(8);
  if (byte === 0) return 0;
  return byte === 255 ? bits.float() : 2 ** (byte - 244);
}

function readSpans(bits: BitReader): readonly BucketSpan[] {
  const count = bits.varbitUint();
  if (count > MOST_BUCKETS) throw damagedChunk('The chunk has too many spans of buckets.');
  return Array.from({ length: count }, () => {
    const length = bits.varbitUint();
    return { length, offset: bits.varbitInt() };
  });
}

function readIndexes(bits: BitReader): readonly number[] {
  const indexes = indexesOfSpans(readSpans(bits));
  if (!indexes) throw damagedChunk('The chunk has too many buckets.');
  return indexes;
}

/** Thousandths plus one, or after a 0 bit the float as it is. */
function readCustom(bits: BitReader): readonly number[] {
  const count = bits.varbitUint();
  if (count > MOST_BUCKETS) throw damagedChunk('The chunk has too many bounds.');
  return Array.from({ length: count }, () => {
    const thousandths = bits.varbitUint();
    return thousandths === 0 ? bits.float() : (thousandths - 1) / 1000;
  });
}

interface Counts {
  readonly count: number;
  readonly zero: number;
  readonly positive: readonly number[];
  readonly negative: readonly number[];
  totals(bits: BitReader, first: boolean): void;
  buckets(bits: BitReader, first: boolean): void;
}

/** Counts as differences of differences; a bucket's count is the one before plus its own. */
class WholeCounts implements Counts {
  count = 0;
  zero = 0;
  private countDelta = 0;
  private zeroDelta = 0;
  private readonly own: number[];
  private readonly deltas: number[];

  constructor(private readonly layout: Layout) {
    const buckets = layout.positive.length + layout.negative.length;
    this.own = new Array<number>(buckets).fill(0);
    this.deltas = new Array<number>(buckets).fill(0);
  }

  totals(bits: BitReader, first: boolean): void {
    if (first) {
      this.count = bits.varbitUint();
      this.zero = bits.varbitUint();
      return;
    }
    this.count += this.countDelta += bits.varbitInt();
    this.zero += this.zeroDelta += bits.varbitInt();
  }

  buckets(bits: BitReader, first: boolean): void {
    for (let i = 0; i < this.own.length; i++) {
      const read = bits.varbitInt();
      const delta = first ? read : (this.deltas[i] ?? 0) + read;
      if (!first) this.deltas[i] = delta;
      this.own[i] = (this.own[i] ?? 0) + delta;
    }
  }

  get positive(): readonly number[] {
    return summed(this.own.slice(0, this.layout.positive.length));
  }

  get negative(): readonly number[] {
    return summed(this.own.slice(this.layout.positive.length));
  }
}

function summed(deltas: readonly number[]): readonly number[] {
  let sum = 0;
  return deltas.map((delta) => (sum += delta));
}

/** Counts as floats, each written as what differs from the one before. */
class FloatCounts implements Counts {
  private readonly total = new XorFloat();
  private readonly zeros = new XorFloat();
  private readonly own: readonly XorFloat[];

  constructor(private readonly layout: Layout) {
    const buckets = layout.positive.length + layout.negative.length;
    this.own = Array.from({ length: buckets }, () => new XorFloat());
  }

  totals(bits: BitReader, first: boolean): void {
    for (const float of [this.total, this.zeros]) {
      if (first) float.first(bits);
      else float.next(bits);
    }
  }

  buckets(bits: BitReader, first: boolean): void {
    for (const float of this.own) {
      if (first) float.first(bits);
      else float.next(bits);
    }
  }

  get count(): number {
    return this.total.value;
  }

  get zero(): number {
    return this.zeros.value;
  }

  get positive(): readonly number[] {
    return this.own.slice(0, this.layout.positive.length).map(({ value }) => value);
  }

  get negative(): readonly number[] {
    return this.own.slice(this.layout.positive.length).map(({ value }) => value);
  }
}

function pointOf(layout: Layout, counts: Counts, sum: number): NativePoint {
  const { schema, zeroThreshold, custom } = layout;
  const buckets = nativeBuckets({
    schema,
    zeroThreshold,
    zeroCount: counts.zero,
    positive: { indexes: layout.positive, counts: counts.positive },
    negative: { indexes: layout.negative, counts: counts.negative },
    custom,
  });
  if (!buckets)
    throw damagedChunk(`The chunk has histograms of schema ${schema}, which is not known.`);
  return { count: counts.count, sum, buckets };
}
