import type { z } from 'zod';
import type { Rng, TimeWindow } from '../base';
import type {
  AnalysisRequest,
  AnalysisResult,
  Entity,
  Frame,
  FrameSpec,
  MethodRank,
  Notice,
  QueryCall,
} from '../model';

/** What every analysis of a run is asked about. */
export interface Scope {
  /** From the first to the last row of the case, and the incident. */
  readonly range: TimeWindow;
  readonly incident: TimeWindow;
  readonly baseline: TimeWindow;
  readonly entities: readonly Entity[];
  readonly request: AnalysisRequest;
}

export type AnalysisKind = 'detect' | 'logs' | 'topology' | 'correlate' | 'rca';

/** Named queries whose answers an analysis reads, by a name of its own. */
export type Calls = Readonly<Record<string, QueryCall>>;
type FramesOf<Q extends Calls> = {
  readonly [K in keyof Q]: Q[K] extends QueryCall<infer S extends FrameSpec> ? Frame<S> : never;
};

/** Other analyses whose outputs it reads: one, or several of a kind, then by their ids. */
export type Uses = Readonly<Record<string, Analysis | readonly Analysis[]>>;
type OutputOf<A> = A extends Analysis<infer O> ? O : never;
export type OutputsOf<U extends Uses> = {
  readonly [K in keyof U]: U[K] extends readonly Analysis[]
    ? ReadonlyMap<string, OutputOf<U[K][number]>>
    : OutputOf<U[K]>;
};

export interface RunInput<P, Q extends Calls, U extends Uses> {
  readonly scope: Scope;
  readonly params: P;
  readonly frames: FramesOf<Q>;
  readonly given: OutputsOf<U>;
  /** Seeded by the request and the analysis' id. */
  readonly rng: Rng;
  readonly notice: (notice: Notice) => void;
}

export interface AnalysisInfo {
  /** 'detect.metrics', 'rca.graph-walk'. */
  readonly id: string;
  readonly kind: AnalysisKind;
  /** Counts up with every change of what comes out. */
  readonly version: number;
  readonly title: string;
  /** The paper, book or textbook method it is from. */
  readonly cite: string;
}

export interface AnalysisDef<P, Q extends Calls, U extends Uses, O> extends AnalysisInfo {
  /** Every parameter has a default: `{}` is what runs where nobody asks for something else. */
  readonly params: z.ZodType<P>;
  readonly uses: U;
  inputs(scope: Scope, given: OutputsOf<U>, params: P): Q;
  /**
   * Pure: the same input and seed, the same output, to the bit; NaN never comes out. A generator yields
   * how far it is (0–1) between chunks, and who drives it may stop there for good; work that is over in
   * milliseconds just returns.
   */
  run(input: RunInput<P, Q, U>): Generator<number, O, void> | O;
}

/** A detector, correlator or ranking method: a value in the registry, with its types folded away. */
export interface Analysis<O = unknown> extends AnalysisInfo {
  readonly params: z.ZodType;
  readonly uses: Uses;
  inputs(scope: Scope, given: Readonly<Record<string, unknown>>, params: unknown): Calls;
  run(input: ErasedInput): Generator<number, O, void> | O;
}

export interface ErasedInput {
  readonly scope: Scope;
  readonly params: unknown;
  readonly frames: Readonly<Record<string, Frame>>;
  readonly given: Readonly<Record<string, unknown>>;
  readonly rng: Rng;
  readonly notice: (notice: Notice) => void;
}

export function defineAnalysis<P, Q extends Calls, U extends Uses, O>(
  def: AnalysisDef<P, Q, U, O>,
): Analysis<O> {
  return def;
}

/** How an analysis gets its declared inputs: named queries, answered column by column. */
export type FetchFrames = <S extends FrameSpec>(call: QueryCall<S>) => Promise<Frame<S>>;

export interface AnalysisProgress {
  /** Which analysis, by id and in words. */
  readonly id: string;
  readonly label: string;
  /** 0–1 over the whole run. */
  readonly fraction: number;
}

/** All candidates as they were fused, best first. */
export interface FusionView {
  readonly ranking: readonly {
    readonly entityId: string;
    readonly score: number;
    readonly confidence: number;
    readonly methods: readonly MethodRank[];
    readonly features: readonly number[];
  }[];
  readonly strength: number;
  /** Signs of trouble by kind, 0–1 each, and together. */
  readonly trouble: {
    readonly signs: readonly { readonly kind: string; readonly beyond: number }[];
    readonly total: number;
  };
  readonly enough: boolean;
}

export interface AnalyzeOptions {
  readonly request: AnalysisRequest;
  readonly entities: readonly Entity[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalysisProgress) => void;
  /** Sees the whole ranking with its features, also where the evidence does not suffice to show it. */
  readonly onFused?: (fusion: FusionView) => void;
}

/** The one door of this module: core/analysis exports `analyze: Analyze`. */
export type Analyze = (fetch: FetchFrames, options: AnalyzeOptions) => Promise<AnalysisResult>;
