import type { TimeWindow } from '../base';
import type { Evidence, MethodRun } from './findings';
import type { Notice } from './notice';

/** What a person asks about the metric series of a case, beside the ranking; windows in ns. */
export type SeriesQuestion =
  | { readonly kind: 'events'; readonly window: TimeWindow; readonly series: readonly bigint[] }
  | { readonly kind: 'alike'; readonly window: TimeWindow; readonly series: bigint }
  | { readonly kind: 'clusters'; readonly window: TimeWindow }
  | {
      readonly kind: 'together';
      readonly window: TimeWindow;
      /** What counts as usual; where it is not given, all but what is judged is. */
      readonly baseline?: TimeWindow;
    };

export interface SeriesOutputs {
  readonly events: readonly SeriesEvents[];
  readonly alike: SeriesLikes;
  readonly clusters: SeriesClusters;
  readonly together: SeriesTogether;
}

export interface SeriesAnswer<K extends SeriesQuestion['kind'] = SeriesQuestion['kind']> {
  readonly output: SeriesOutputs[K];
  readonly notices: readonly Notice[];
  readonly methods: readonly MethodRun[];
}

/** What stands out of one series, and where it changed; times in ns. */
export interface SeriesEvents {
  readonly seriesId: bigint;
  readonly samples: number;
  readonly anomalies: readonly {
    readonly ts: bigint;
    readonly value: number;
    /** -log10 of a tail probability. */
    readonly score: number;
  }[];
  readonly changes: readonly bigint[];
}

/** Series shaped like the one asked about, the most alike first. */
export interface SeriesLikes {
  readonly likes: readonly SeriesLike[];
  /** Series it was compared with. */
  readonly compared: number;
  /** Length of a row of the grid, ns: lags are multiples of it. */
  readonly step: bigint;
}

export interface SeriesLike {
  readonly seriesId: bigint;
  /** Pearson's at the lag, -1 to 1; below 0 it moves the other way. */
  readonly correlation: number;
  /** How much later it comes, ns; negative: earlier. */
  readonly lag: bigint;
}

export interface SeriesClusters {
  /** The largest first. */
  readonly clusters: readonly SeriesCluster[];
  /** Series that move like no other, and those that stand still. */
  readonly alone: number;
  readonly still: number;
}

/** Series that move alike, and which of them does not for a while; times in ns. */
export interface SeriesCluster {
  readonly leader: bigint;
  readonly members: readonly bigint[];
  readonly odd:
    | {
        readonly seriesId: bigint;
        readonly from: bigint;
        readonly to: bigint;
        /** How far, in typical departures of the members. */
        readonly times: number;
      }
    | undefined;
}

export interface SeriesTogether {
  /** In order of time. */
  readonly stretches: readonly TogetherStretch[];
  /** Series that were judged. */
  readonly series: number;
}

/** A stretch in which many series together are not as they were; [from, to) in ns. */
export interface TogetherStretch extends TimeWindow {
  /** -log10 of the tail probability of its worst row. */
  readonly score: number;
  /** Series beyond all that they were in the baseline, in the row with most of them. */
  readonly beyond: number;
  /** Those that make up most of it, with their share of it (0–1) and signed mean deviation in spreads. */
  readonly series: readonly {
    readonly seriesId: bigint;
    readonly share: number;
    readonly deviation: number;
  }[];
  /** How many series moved in raw samples, to be recomputed; absent where it was not asked for. */
  readonly evidence?: Evidence;
}
