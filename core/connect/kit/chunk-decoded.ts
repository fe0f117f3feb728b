import type { NativePoint } from './prometheus-series';

/** What a chunk holds; times in ms. Stale markers (a series ended) are counted, not held. */
export interface DecodedChunk {
  readonly ts: readonly number[];
  /** Of a chunk of floats, else empty. */
  readonly values: readonly number[];
  /** Of a chunk of native histograms, else empty. */
  readonly natives: readonly NativePoint[];
  readonly stale: number;
}
