/** What an analysis waits for: queries over spans, log lines, samples, and those behind evidence. */
export type Stage = 'spans' | 'logs' | 'samples' | 'evidence';

/** Work between two turns of the event loop: nothing is cancelled within it. */
export interface Stretch {
  /** By the clock, and by the processor: others on the machine make only the first longer. */
  readonly ms: number;
  readonly cpuMs: number;
  /** The query or analysis that had begun last. */
  readonly at: string;
}

/** One analysis of one case, measured; times in ms. */
export interface ScaleRun {
  readonly verdict: string;
  readonly first: string;
  readonly ms: number;
  readonly cpuMs: number;
  /** Time that the analysis waited for answers, by what they are about. */
  readonly stages: Readonly<Record<Stage, number>>;
  readonly peakMb: number;
  /** The longest between two turns of the event loop. */
  readonly longest: Stretch;
  /** The longest between two reports of progress. */
  readonly silenceMs: number;
  /** From the wish to cancel to the end of the run. */
  readonly cancelMs: readonly number[];
}

export function stageOf(query: string): Stage {
  if (query.startsWith('evidence.')) return 'evidence';
  if (/metric|series|covered|case-range/.test(query)) return 'samples';
  return /log|message/.test(query) ? 'logs' : 'spans';
}
