import type { FusionView } from '../../analysis';
import type { MethodRank } from '../../model';
import type { Placing } from '../ranking-score';
import type { CaseResult } from '../task';
import type { Candidate } from './fold';
import type { InnerRanks } from './inner';
import type { Miss } from './miss';
import type { QuietKind } from './quiet';

/** One candidate as it was fused, with the answer beside it: what a calibration is fitted on. */
export interface Labelled {
  /** From 1. */
  readonly place: number;
  readonly correct: boolean;
  readonly confidence: number;
  readonly features: readonly number[];
  readonly methods: readonly MethodRank[];
}

/** All that one labelled case gives. */
export interface Outcome {
  readonly set: string;
  /** Simulated cases are reported apart from recorded ones. */
  readonly simulated: boolean;
  readonly system: string;
  readonly kind: string;
  readonly result: CaseResult;
  /** True where nothing was wrong. */
  readonly quiet: boolean;
  readonly abstained: boolean;
  readonly placing: Placing;
  /** Of each thing that broke by itself. */
  readonly each: readonly Placing[];
  readonly inner: InnerRanks;
  readonly truths: readonly string[];
  /** The ranking at the level of the truth, best first. */
  readonly ranking: readonly Candidate[];
  readonly fused: readonly Labelled[];
  readonly trouble: FusionView['trouble'];
  /** Names at the level of the truth that could be answered. */
  readonly choices: number;
  readonly largestZ: Placing;
  /** Where the case was run blind: what the last seconds of the recording would say. */
  readonly lastN?: Placing;
  /** Why the first answer is not the true one; undefined where it is. */
  readonly miss?: Miss;
  readonly silences: readonly Silence[];
  readonly ablations: readonly Ablation[];
}

/** The same case with the weight of one method at 0, or without one signal. */
export interface Ablation {
  /** A method's id, or `signal: logs`. */
  readonly without: string;
  readonly placing: Placing;
  readonly abstained: boolean;
}

/** A stretch without an incident, asked about as if it were one. */
export interface Silence {
  readonly id: string;
  /** How it was made quiet. */
  readonly kind: QuietKind;
  readonly silent: boolean;
  /** What was answered where something was. */
  readonly top: string | null;
  readonly confidence: number | null;
  /** Of the first candidate, also where it was not shown. */
  readonly features: readonly number[];
  readonly trouble: FusionView['trouble'];
}
