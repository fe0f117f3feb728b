import { useEffect, useRef, useState } from 'react';
import { openDialog, select, showPanel, useApp } from '../../state';
import { Button, plural } from '../../ui';
import { JobProgress, useRunningJob } from '../job-progress';
import type { Pulling } from './use-pull';

const LINES_KEPT = 200;

/** The steps that the pull has told of, oldest first. */
function useSteps(label: string | undefined): readonly string[] {
  const [steps, setSteps] = useState<readonly string[]>([]);
  useEffect(() => {
    if (label === undefined || label === '') return;
    setSteps((before) =>
      before.at(-1) === label ? before : [...before.slice(-LINES_KEPT), label],
    );
  }, [label]);
  return steps;
}

/** Progress per query, and how it ended. */
export function PullProgress({
  pulling,
  trace,
}: {
  readonly pulling: Pulling;
  /** The one trace that was asked for. */
  readonly trace: string | undefined;
}) {
  const job = useRunningJob('pull');
  const steps = useSteps(job?.label);
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // Its answer is a promise in newer Chromium, which is no clean-up.
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [steps]);
  const { state } = pulling;
  return (
    <div className={`pull-run ${state?.kind === 'running' ? 'running' : ''}`}>
      {state?.kind === 'running' && (
        <div role="status">
          {job ? <JobProgress job={job} /> : <p className="second">Beginning…</p>}
        </div>
      )}
      {state?.kind === 'stopped' && <Stopped pulling={pulling} state={state} />}
      {state?.kind === 'done' && <Done sourceId={state.source?.sourceId} trace={trace} />}
      {(state?.kind === 'running' || steps.length > 1) && (
        <ul className="pull-steps mono" aria-label="Queries" tabIndex={0}>
          {steps.map((step, at) => (
            <li key={`${at} ${step}`} ref={at === steps.length - 1 ? end : undefined}>
              {step}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Stopped({
  pulling,
  state,
}: {
  readonly pulling: Pulling;
  readonly state: Extract<Pulling['state'], { kind: 'stopped' }>;
}) {
  const { message, cancelled, partial } = state;
  return (
    <div role="alert" className="pull-end">
      <p className={cancelled ? 'strong' : 'crit'}>{cancelled ? 'Cancelled.' : `■ ${message}`}</p>
      {partial ? (
        <>
          <p className="second">
            {plural(partial.rows, 'row')} came before that. They are kept as partial and not shown
            until the pull is resumed; Sources lists it.
          </p>
          <div className="field-row">
            <Button tone="primary" autoFocus onClick={() => pulling.resume(partial.sourceId)}>
              Resume
            </Button>
            <Button tone="danger" onClick={() => pulling.discard(partial.sourceId)}>
              Discard what came
            </Button>
          </div>
        </>
      ) : (
        <>
          <p className="second">Nothing was taken in.</p>
          <Button autoFocus onClick={pulling.back}>
            Back to what was asked
          </Button>
        </>
      )}
    </div>
  );
}

function Done({
  sourceId,
  trace,
}: {
  readonly sourceId: number | undefined;
  readonly trace: string | undefined;
}) {
  const source = useApp((state) => state.info?.facts.sources.find((s) => s.sourceId === sourceId));
  const notices = useApp((state) => state.info?.facts.notices);
  const mine = notices?.filter((notice) => notice.sourceId === sourceId) ?? [];
  return (
    <div role="status" className="pull-end">
      <p>
        <span className="ok" aria-hidden>
          ●{' '}
        </span>
        <span className="strong">{plural(source?.rows ?? 0, 'row')}</span> from {source?.name}
      </p>
      {mine.map(({ code, message, severity }) => (
        <p key={code + message} className={severity === 'info' ? 'second' : 'warn'}>
          {severity === 'info' ? '' : '▲ '}
          {message}
        </p>
      ))}
      <div className="field-row">
        {trace !== undefined && (
          <Button
            onClick={() => {
              openDialog(undefined);
              select({ traceId: trace, spanId: undefined });
              showPanel('traces');
            }}
          >
            Open the trace
          </Button>
        )}
        <Button
          onClick={() => {
            openDialog(undefined);
            showPanel('sources');
          }}
        >
          Show notices in Sources
        </Button>
      </div>
    </div>
  );
}
