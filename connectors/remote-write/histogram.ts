import {
  BYTES,
  indexesOfSpans,
  nativeBuckets,
  type BucketSpan,
  type NativePoint,
  type WireReader,
} from '../../core/connect';

/** The message Histogram, the same in remote write 1.0 and 2.0 (prompb/types.proto). */
export class HistogramMessage {
  count = 0;
  sum = 0;
  ts = 0n;
  stale = false;
  private schema = 0;
  private zeroThreshold = 0;
  private zeroCount = 0;
  private readonly positive: BucketSpan[] = [];
  private readonly negative: BucketSpan[] = [];
  private positiveCounts: number[] = [];
  private negativeCounts: number[] = [];
  private readonly custom: number[] = [];

  constructor(reader: WireReader) {
    while (reader.field()) this.field(reader);
  }

  /** Undefined where spans and counts do not fit or the schema is not known. */
  point(): NativePoint | undefined {
    const positive = indexesOfSpans(this.positive);
    const negative = indexesOfSpans(this.negative);
    if (positive?.length !== this.positiveCounts.length) return undefined;
    if (negative?.length !== this.negativeCounts.length) return undefined;
    const buckets = nativeBuckets({
      schema: this.schema,
      zeroThreshold: this.zeroThreshold,
      zeroCount: this.zeroCount,
      positive: { indexes: positive, counts: this.positiveCounts },
      negative: { indexes: negative, counts: this.negativeCounts },
      custom: this.custom,
    });
    return buckets && { count: this.count, sum: this.sum, buckets };
  }

  private field(reader: WireReader): void {
    switch (reader.number) {
      case 1:
        this.count = Number(reader.varint64());
        return;
      case 2:
        this.count = reader.double();
        return;
      case 3:
        this.sum = reader.double();
        this.stale = Number.isNaN(this.sum) && isStaleAt(reader);
        return;
      case 4:
        this.schema = reader.sint32();
        return;
      case 5:
        this.zeroThreshold = reader.double();
        return;
      case 6:
        this.zeroCount = Number(reader.varint64());
        return;
      case 7:
        this.zeroCount = reader.double();
        return;
      case 15:
        this.ts = reader.int64();
        return;
      default:
        this.buckets(reader);
    }
  }

  private buckets(reader: WireReader): void {
    switch (reader.number) {
      case 8:
        this.negative.push(spanOf(reader));
        return;
      case 9:
        this.negativeCounts = summed(reader, this.negativeCounts);
        return;
      case 10:
        reader.doubles(this.negativeCounts);
        return;
      case 11:
        this.positive.push(spanOf(reader));
        return;
      case 12:
        this.positiveCounts = summed(reader, this.positiveCounts);
        return;
      case 13:
        reader.doubles(this.positiveCounts);
        return;
      case 16:
        reader.doubles(this.custom);
        return;
      default:
        reader.skip();
    }
  }
}

const STALE = 0x7ff0000000000002n;

/** True where the double just read is Prometheus' mark that a series ended, which is a NaN of its own. */
export function isStaleAt(reader: WireReader): boolean {
  reader.pos -= 8;
  return reader.fixed64() === STALE;
}

function spanOf(reader: WireReader): BucketSpan {
  if (reader.type !== BYTES) throw reader.damaged('a span of buckets is not a message');
  const outer = reader.enter();
  let offset = 0;
  let length = 0;
  while (reader.field()) {
    if (reader.number === 1) offset = reader.sint32();
    else if (reader.number === 2) length = reader.uint32();
    else reader.skip();
  }
  reader.leave(outer);
  return { offset, length };
}

/** Differences from bucket to bucket (zigzag) as counts, behind those that are there. */
function summed(reader: WireReader, before: readonly number[]): number[] {
  const deltas: bigint[] = [];
  reader.varints(deltas);
  const counts = [...before];
  let sum = counts.at(-1) ?? 0;
  for (const zigzag of deltas) {
    sum += Number((zigzag >> 1n) ^ -(zigzag & 1n));
    counts.push(sum);
  }
  return counts;
}
