import { parseEntityId } from '../../../core/model';
import type { AnalysisResult } from '../../../core/model';
import type { Job } from '../../../core/session';
import { clearSelection, reanalyze, selectEntity, useApp, type AppState } from '../state';
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
  const runs =
    (...kinds: readonly Job['kind'][]) =>
    (state: AppState) =>
      state.jobs.some(({ kind, state: now }) => kinds.includes(kind) && now === 'running');
  const running = useApp(runs('analyze'));
  const [receiving, pulling] = [useApp(runs('receive')), useApp(runs('pull', 'follow'))];
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
        <span className="second">{waiting({ empty, partial, running, receiving, pulling })}</span>
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

function waiting(of: {
  readonly empty: boolean;
  readonly partial: boolean | undefined;
  readonly running: boolean;
  readonly receiving: boolean;
  readonly pulling: boolean;
}): string {
  if (of.running) return 'Looking for what broke first…';
  if (of.receiving) return 'Listening: what comes is looked at as it comes.';
  if (of.empty && of.pulling) return 'What is pulled is analysed when all of it is here.';
  if (of.empty && of.partial) {
    return 'A pull was broken off: resume it, or discard what came, in Sources.';
  }
  return of.empty
    ? 'This case is empty. Drop files on it, or pull from a backend.'
    : 'Not analysed yet.';
}
