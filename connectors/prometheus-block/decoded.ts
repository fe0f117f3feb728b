import type { NativePoint } from '../../core/connect';

/** What a chunk holds; times in ms. Stale markers (a series ended) are counted, not held. */
export interface Decoded {
  readonly ts: readonly number[];
  /** Of a chunk of floats, else empty. */
  readonly values: readonly number[];
  /** Of a chunk of native histograms, else empty. */
  readonly natives: readonly NativePoint[];
  readonly stale: number;
}
