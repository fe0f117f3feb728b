import { throwIfAborted, type TimeWindow } from '../base';
import { caseRangeQuery } from '../model/queries';
import { coverage } from './detect/coverage';
import { pulse } from './detect/pulse';
import { facts as factsOf } from './facts';
import { logAnomalies } from './logs/anomalies';
import { logAnomaliesOf } from './logs/words';
import { askedOnce } from './once';
import { describeCauses } from './rca/causes';
import { fusion as fusionOf } from './rca/fuse';
import { anomaliesOf, templatesOf } from './results';
import { Runner, closureOf, watched } from './runner';
import type { Analyze, AnalyzeOptions, FetchFrames, Scope } from './seam';
import { topologyOf } from './topology/view';
import { headlineOf, missingOf } from './verdict';
import { windows as windowsOf } from './windows';

/** Detection, correlation and ranking over a case. Pure but for `fetch`; the same input, the same result. */
export const analyze: Analyze = async (fetch, options) => {
  const { request, entities, signal, onProgress } = options;
  const started = performance.now();
  const range = await caseRange(watching(fetch, options, RANGE), request.incident);
  const whole: Scope = { range, incident: range, baseline: range, entities, request };
  const before = new Runner(fetch, whole, { signal, onProgress, share: [0, 0.05] });
  const windows = await before.output(windowsOf);
  const baseline = windows.baseline ?? { from: range.from, to: windows.incident.from };
  const scope: Scope = { ...whole, incident: windows.incident, baseline };
  const planned = closureOf(fusionOf).length + 1;
  const runner = new Runner(fetch, scope, { signal, onProgress, share: [0.05, 0.85], planned });
  const facts = await runner.output(factsOf);
  const { heat, health } = await runner.output(pulse);
  const covered = await runner.output(coverage);
  const unusualLines = await runner.output(logAnomalies);
  const detectMs = performance.now() - started;
  const fusion = await runner.output(fusionOf);
  options.onFused?.(fusion);
  const top = fusion.ranking[0]?.entityId;
  const robust = await robustToBaselines(fetch, options, scope, windows.baselines, top);
  throwIfAborted(signal);
  const enough = fusion.enough && windows.baseline !== null;
  const gathering = askedOnce(watching(fetch, options, EVIDENCE));
  const ranking = enough ? await describeCauses(facts, covered, gathering, fusion) : [];
  const missing = missingOf(facts, windows.baseline !== null, covered.rows);
  return {
    incident: windows.incident,
    baseline: windows.baseline,
    baselines: windows.baselines,
    verdict: enough ? 'ranked' : 'insufficient-evidence',
    headline: headlineOf(ranking, robust, missing),
    missing: enough ? [] : missing,
    robustToBaselines: robust,
    ranking,
    anomalies: anomaliesOf(facts),
    heat,
    logTemplates: templatesOf(facts.templates),
    logAnomalies: logAnomaliesOf(unusualLines, windows.incident),
    alertGroups: facts.alertGroups,
    topology: topologyOf(facts.graph, facts.operations, health, covered.spans),
    notices: [...before.notices, ...runner.notices],
    timings: { detectMs, rankMs: performance.now() - started - detectMs },
    methods: [...before.ran, ...runner.ran],
  };
};

/** What is asked beside the analyses, as steps of their own. */
const RANGE = {
  id: 'analysis.case-range',
  label: 'Finding the first and last row',
  from: 0,
  to: 0,
};
const EVIDENCE = { id: 'rca.evidence', label: 'Gathering evidence', from: 0.95, to: 1 };

/** A fetch that tells the progress of one step and ends where the run is cancelled. */
function watching(
  fetch: FetchFrames,
  { signal, onProgress }: AnalyzeOptions,
  { id, label, from, to }: typeof RANGE,
): FetchFrames {
  let done = from;
  const beat = (part: number): void => {
    done = Math.max(done, from + (to - from) * part);
    onProgress?.({ id, label, fraction: done });
  };
  return (call) => watched(fetch, call, signal, beat);
}

async function caseRange(
  fetch: FetchFrames,
  incident: TimeWindow | undefined,
): Promise<TimeWindow> {
  const { col } = await fetch(caseRangeQuery({}));
  const lo = col.lo[0] ?? 0n;
  const hi = (col.hi[0] ?? 0n) + 1n;
  if (!incident) return { from: lo, to: hi };
  return {
    from: incident.from < lo ? incident.from : lo,
    to: incident.to > hi ? incident.to : hi,
  };
}

/** Does rank 1 stay against every other baseline? Null where there is only one. */
async function robustToBaselines(
  fetch: FetchFrames,
  { signal, onProgress }: AnalyzeOptions,
  scope: Scope,
  baselines: readonly TimeWindow[],
  top: string | undefined,
): Promise<boolean | null> {
  if (baselines.length < 2) return null;
  for (const baseline of baselines.slice(1)) {
    const options = { signal, onProgress, share: [0.85, 0.95] as const };
    const other = await new Runner(fetch, { ...scope, baseline }, options).output(fusionOf);
    if (other.ranking[0]?.entityId !== top) return false;
  }
  return true;
}
