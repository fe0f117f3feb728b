import type { TimeWindow } from '../base';
import type { AnalysisRequest, MethodRun, Notice } from '../model';
import { caseRangeQuery } from '../model/queries';
import { Runner } from './runner';
import type { Analysis, AnalysisProgress, FetchFrames } from './seam';

export interface AskOptions {
  /** Parameters of the analysis, as JSON; what is left out has its default. */
  readonly params?: NonNullable<AnalysisRequest['parameters']>[string];
  /** Where it is looked; the whole case where it is not given. */
  readonly range?: TimeWindow;
  /** What is judged, and what counts as usual; the range where it is not given. */
  readonly incident?: TimeWindow;
  readonly baseline?: TimeWindow;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalysisProgress) => void;
}

export interface Answer<O> {
  readonly output: O;
  readonly notices: readonly Notice[];
  readonly methods: readonly MethodRun[];
}

/** Runs one analysis outside a ranking: anomalies of the series in view, series of the same shape, clusters. */
export async function ask<O>(
  fetch: FetchFrames,
  analysis: Analysis<O>,
  { params, range, incident, baseline, signal, onProgress }: AskOptions = {},
): Promise<Answer<O>> {
  const whole = range ?? (await rangeOf(fetch));
  const request: AnalysisRequest = params ? { parameters: { [analysis.id]: params } } : {};
  const scope = {
    range: whole,
    incident: incident ?? whole,
    baseline: baseline ?? whole,
    entities: [],
    request,
  };
  const runner = new Runner(fetch, scope, { signal, onProgress });
  const output = await runner.output(analysis);
  return { output, notices: runner.notices, methods: runner.ran };
}

async function rangeOf(fetch: FetchFrames): Promise<TimeWindow> {
  const { col } = await fetch(caseRangeQuery({}));
  return { from: col.lo[0] ?? 0n, to: (col.hi[0] ?? 0n) + 1n };
}
