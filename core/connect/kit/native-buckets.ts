import type { NativeBucket } from './prometheus-series';

/** `custom_values`: the bounds are written out. */
const CUSTOM_BOUNDS = -53;
const MOST_BUCKETS = 1 << 16;

/** Buckets in a row; the offset is from the end of the span before, the first from index 0. */
export interface BucketSpan {
  readonly offset: number;
  readonly length: number;
}

/** A native histogram as Prometheus keeps it (model/histogram): counts by the index of their bucket. */
export interface NativeShape {
  /** -4 to 8: a bucket's bounds are 2^(2^-schema) apart; -53: bounds as in `custom`. */
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: { readonly indexes: readonly number[]; readonly counts: readonly number[] };
  readonly negative: { readonly indexes: readonly number[]; readonly counts: readonly number[] };
  /** Upper bounds without +Inf. */
  readonly custom: readonly number[];
}

/** Indexes of the buckets that spans cover; undefined where they are more than a histogram can have. */
export function indexesOfSpans(spans: readonly BucketSpan[]): readonly number[] | undefined {
  const indexes: number[] = [];
  let at = 0;
  for (const { offset, length } of spans) {
    at += offset;
    if (indexes.length + length > MOST_BUCKETS) return undefined;
    for (let i = 0; i < length; i++) indexes.push(at++);
  }
  return indexes;
}

/**
 * Buckets with their bounds, as the query API answers: those without a count are left out, and what the zero
 * bucket covers is not theirs. Undefined for a schema that is not known.
 */
export function nativeBuckets(shape: NativeShape): readonly NativeBucket[] | undefined {
  const { schema, zeroThreshold, zeroCount, positive, negative, custom } = shape;
  const buckets: NativeBucket[] = [];
  const put = (lower: number, upper: number, count: number | undefined): void => {
    if (upper > lower && count) buckets.push([lower, upper, count]);
  };
  if (schema === CUSTOM_BOUNDS) {
    for (const [i, at] of positive.indexes.entries()) {
      const lower = custom[at - 1] ?? Number.NEGATIVE_INFINITY;
      put(lower, custom[at] ?? Number.POSITIVE_INFINITY, positive.counts[i]);
    }
    return buckets;
  }
  if (schema < -4 || schema > 52) return undefined;
  const upperOf = (at: number): number => Math.min(2 ** (at / 2 ** schema), Number.MAX_VALUE);
  for (const [i, at] of negative.indexes.entries()) {
    put(-upperOf(at), -Math.max(upperOf(at - 1), zeroThreshold), negative.counts[i]);
  }
  if (zeroCount !== 0) buckets.push([-zeroThreshold, zeroThreshold, zeroCount]);
  for (const [i, at] of positive.indexes.entries()) {
    put(Math.max(upperOf(at - 1), zeroThreshold), upperOf(at), positive.counts[i]);
  }
  return buckets;
}
