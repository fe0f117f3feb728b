/** Times are whole milliseconds since the epoch here, as Prometheus stores them. */
export interface RawSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly ts: readonly number[];
  readonly values: readonly number[];
  readonly histograms: readonly NativeHistogram[];
}

/** A native histogram as the query API gives it; buckets have [boundary rule, lower, upper, count]. */
export interface NativeHistogram {
  readonly ts: number;
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly (readonly [lower: number, upper: number, count: number])[];
}
