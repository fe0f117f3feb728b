import { parseEntityId } from '../../../core/model';
import type { AnalysisResult } from '../../../core/model';
import { clearSelection, reanalyze, selectEntity, useApp } from '../state';
import { Button, formatTime, Kbd } from '../ui';

/** Whether the answer survives other baselines, in words. */
function robustness({ robustToBaselines, baselines, verdict }: AnalysisResult): string {
  if (verdict !== 'ranked' || robustToBaselines === null) return '';
  const against = `${baselines.length} baselines`;
  return robustToBaselines
    ? `Same answer against all ${against}.`
    : `The first place differs between ${against}.`;
}

function Selected() {
  const { entityId, edge, range } = useApp((state) => state.selection);
  const zone = useApp((state) => state.zone);
  const parts = [
    edge && `${parseEntityId(edge.source).name} → ${parseEntityId(edge.target).name}`,
    !edge && entityId !== undefined && parseEntityId(entityId).name,
    range && `${formatTime(range.from, zone)} – ${formatTime(range.to, zone)}`,
  ].filter(Boolean);
  if (parts.length === 0) return null;
  return (
    <>
      <span className="small faint cut num">selected: {parts.join(' · ')}</span>
      <button type="button" className="chip" onClick={clearSelection}>
        Clear <Kbd keys="Escape" />
      </button>
    </>
  );
}

/** The answer in one sentence, and what is selected. */
export function Verdict() {
  const analysis = useApp((state) => state.analysis);
  const stale = useApp((state) => state.stale);
  const running = useApp((state) =>
    state.jobs.some((job) => job.kind === 'analyze' && job.state === 'running'),
  );
  const empty = useApp((state) => !state.info?.facts.range);
  const partial = useApp((state) =>
    state.info?.facts.sources.some((source) => source.state === 'partial'),
  );
  const top = analysis?.verdict === 'ranked' ? analysis.ranking[0] : undefined;
  return (
    <div className="verdict" role="status">
      {analysis ? (
        <button
          type="button"
          className="plain strong cut"
          title={top ? `Select ${top.entity.name}` : undefined}
          onClick={() => top && selectEntity(top.entity.id)}
        >
          {analysis.headline}
        </button>
      ) : (
        <span className="second">{waiting(empty, partial, running)}</span>
      )}
      {analysis && <span className="second cut">{robustness(analysis)}</span>}
      {stale && !running && (
        <Button tone="quiet" onClick={reanalyze}>
          Data changed: analyse again
        </Button>
      )}
      <span className="grow" />
      <Selected />
    </div>
  );
}

function waiting(empty: boolean, partial: boolean | undefined, running: boolean): string {
  if (running) return 'Looking for what broke first…';
  if (empty && partial)
    return 'A pull was broken off: resume it, or discard what came, in Sources.';
  return empty
    ? 'This case is empty. Drop files on it, or pull from a backend.'
    : 'Not analysed yet.';
}
