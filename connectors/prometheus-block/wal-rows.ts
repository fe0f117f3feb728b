import {
  exemplarOf,
  floatOf,
  indexesOfSpans,
  isStale,
  nativeBuckets,
  type BucketSpan,
  type NativePoint,
  type PrometheusSeries,
  type RowSink,
} from '../../core/connect';
import { ByteReader, damaged } from './bytes';

const NS_PER_MS = 1_000_000n;
const SERIES = 1;
const SAMPLES = 2;
const TOMBSTONES = 3;
const EXEMPLARS = 4;
const HISTOGRAMS: readonly number[] = [7, 9];
const FLOAT_HISTOGRAMS: readonly number[] = [8, 10];
const CUSTOM_BOUNDS = -53;

interface Known {
  readonly labels: Readonly<Record<string, string>>;
  plain?: bigint;
  native?: bigint;
}

/** Records of the write-ahead log as rows (tsdb/record/record.go). */
export class WalRows {
  exemplars = 0;
  private readonly series = new Map<number, Known>();

  constructor(
    private readonly sink: RowSink,
    private readonly rows: PrometheusSeries,
    /** Milliseconds: what is before stands in blocks. */
    private readonly from: number,
  ) {}

  /** Throws 'format/damaged' where the record ends before its time. */
  record(bytes: Uint8Array, where: string): void {
    const reader = new ByteReader(bytes);
    const type = reader.byte();
    if (type === SERIES) this.labels(reader);
    else if (type === SAMPLES) this.each(reader, where, (at, ts) => this.sample(reader, at, ts));
    else if (type === EXEMPLARS)
      this.each(reader, where, (at, ts) => this.exemplar(reader, at, ts));
    else if (HISTOGRAMS.includes(type)) {
      this.each(reader, where, (at, ts) => this.histogram(reader, at, ts, false));
    } else if (FLOAT_HISTOGRAMS.includes(type)) {
      this.each(reader, where, (at, ts) => this.histogram(reader, at, ts, true));
    } else if (type === TOMBSTONES) this.deletions();
  }

  private labels(reader: ByteReader): void {
    while (reader.left > 0) {
      const ref = reader.uint64();
      this.series.set(ref, { labels: labelsOf(reader) });
    }
  }

  /** References and times are differences to those in front. */
  private each(
    reader: ByteReader,
    where: string,
    take: (known: Known | undefined, ts: number) => string,
  ): void {
    if (reader.left === 0) return;
    const ref = reader.uint64();
    const time = reader.uint64();
    while (reader.left > 0) {
      const at = ref + reader.varint();
      const ts = time + reader.varint();
      const reason = take(this.series.get(at), ts);
      if (reason === '') continue;
      const place = { at: BigInt(ts) * NS_PER_MS };
      this.sink.drop('samples', where, `series ${at} at ${ts}`, reason, place);
    }
  }

  private sample(reader: ByteReader, known: Known | undefined, ts: number): string {
    const high = reader.uint32();
    const low = reader.uint32();
    if (isStale(high, low)) return this.stale();
    if (ts < this.from) return this.inBlocks();
    if (!known) return NO_LABELS;
    known.plain ??= this.rows.id(known.labels);
    this.sink.sample(known.plain, BigInt(ts) * NS_PER_MS, floatOf(high, low));
    return '';
  }

  private exemplar(reader: ByteReader, known: Known | undefined, ts: number): string {
    const value = floatOf(reader.uint32(), reader.uint32());
    const own = labelsOf(reader);
    if (!known) return NO_LABELS;
    known.plain ??= this.rows.id(known.labels);
    this.sink.exemplar(known.plain, BigInt(ts) * NS_PER_MS, value, exemplarOf(Object.entries(own)));
    this.exemplars++;
    return '';
  }

  private histogram(
    reader: ByteReader,
    known: Known | undefined,
    ts: number,
    floats: boolean,
  ): string {
    const point = readHistogram(reader, floats);
    if (point === 'stale') return this.stale();
    if (ts < this.from) return this.inBlocks();
    if (!known) return NO_LABELS;
    if (!point) return 'the histogram has spans and counts that do not fit together';
    known.native ??= this.rows.id(known.labels, true);
    return this.rows.native(known.native, BigInt(ts) * NS_PER_MS, point);
  }

  private stale(): string {
    this.sink.notices.add(
      'stale-markers',
      'info',
      (n) => `${n} stale markers say that a series ended; they are no measurements and no rows.`,
    );
    return '';
  }

  private inBlocks(): string {
    this.sink.notices.add(
      'samples-in-two-blocks',
      'info',
      (n) => `${n} samples stand in overlapping blocks or logs once more and were taken once.`,
    );
    return '';
  }

  private deletions(): void {
    this.sink.notices.add(
      'deletions-in-log',
      'warning',
      (n) =>
        `${n} deletions in the write-ahead log were not applied: samples that were deleted may be back.`,
    );
  }
}

const NO_LABELS = 'the log does not say the labels of the series';

function labelsOf(reader: ByteReader): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let left = reader.uvarint(); left > 0; left--) {
    const name = textOf(reader);
    labels[name] = textOf(reader);
  }
  return labels;
}

function textOf(reader: ByteReader): string {
  return new TextDecoder().decode(reader.take(reader.uvarint()));
}

function readHistogram(reader: ByteReader, floats: boolean): NativePoint | 'stale' | undefined {
  // The hint about counter resets.
  reader.byte();
  const schema = reader.varint();
  const float = (): number => floatOf(reader.uint32(), reader.uint32());
  const zeroThreshold = float();
  const zeroCount = floats ? float() : reader.uvarint();
  const count = floats ? float() : reader.uvarint();
  const high = reader.uint32();
  const low = reader.uint32();
  const positive = indexesOfSpans(readSpans(reader));
  const negative = indexesOfSpans(readSpans(reader));
  const positiveCounts = readCounts(reader, floats);
  const negativeCounts = readCounts(reader, floats);
  const custom = schema === CUSTOM_BOUNDS ? readCounts(reader, true) : [];
  if (isStale(high, low)) return 'stale';
  if (positive?.length !== positiveCounts.length) return undefined;
  if (negative?.length !== negativeCounts.length) return undefined;
  const buckets = nativeBuckets({
    schema,
    zeroThreshold,
    zeroCount,
    positive: { indexes: positive, counts: positiveCounts },
    negative: { indexes: negative, counts: negativeCounts },
    custom,
  });
  return buckets && { count, sum: floatOf(high, low), buckets };
}

function readSpans(reader: ByteReader): readonly BucketSpan[] {
  return Array.from({ length: sizeOf(reader) }, () => {
    const offset = reader.varint();
    return { offset, length: reader.uvarint() };
  });
}

/** Floats as they are; whole counts as differences from bucket to bucket. */
function readCounts(reader: ByteReader, floats: boolean): readonly number[] {
  let sum = 0;
  return Array.from({ length: sizeOf(reader) }, () =>
    floats ? floatOf(reader.uint32(), reader.uint32()) : (sum += reader.varint()),
  );
}

/** How many things follow, of which each has at least a byte. */
function sizeOf(reader: ByteReader): number {
  const size = reader.uvarint();
  if (size > reader.left) throw damaged('A histogram in the log has more buckets than bytes.');
  return size;
}
