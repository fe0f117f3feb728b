import { useState } from 'react';
import type { TimeWindow } from '../../../../core/base';
import { freshCaseName, openDialog, useApp } from '../../state';
import { Button, Dialog, Grow } from '../../ui';
import { TargetChoice, useTarget } from '../import/target';
import { JobProgress, useRunningJob } from '../job-progress';
import { UnsavedDialog } from '../unsaved';
import { BackendFields } from './backend-form';
import { CatalogView } from './catalog-view';
import { FollowField } from './follow-field';
import { PullPreview } from './preview';
import { PullProgress } from './pull-progress';
import { NamedTraces, isNamed, nameOfTraces, pullNamed, tracesIn } from './named-traces';
import { lacking, parseBudget, selectionOf } from './request';
import { useBackend, type Backend } from './use-backend';
import { useLink } from './use-link';
import { usePull, type Pulling } from './use-pull';
import { useQuestion, type Asking } from './use-question';
import { WindowFields } from './window-form';

const close = (): void => openDialog(undefined);

/** Pull from a backend: which, when, what, how much; then progress. */
export function PullDialog({
  window,
  connectionId,
  trace,
}: {
  readonly window: TimeWindow | undefined;
  readonly connectionId: string | undefined;
  /** Traces to ask for, by their ids. */
  readonly trace: string | undefined;
}) {
  const backend = useBackend({ connectionId, trace });
  const asking = useQuestion(window, backend);
  const pulling = usePull();
  return pulling.state ? (
    <RunDialog backend={backend} pulling={pulling} />
  ) : (
    <AskDialog backend={backend} asking={asking} pulling={pulling} />
  );
}

function RunDialog({ backend, pulling }: { readonly backend: Backend; readonly pulling: Pulling }) {
  const traces = tracesIn(backend);
  const ended = pulling.state?.kind !== 'running';
  return (
    <Dialog
      title={`Pull from ${backend.form.name}`}
      held={!ended}
      onClose={close}
      width={720}
      footer={
        <>
          <span className="faint">
            {ended ? '' : 'It goes on when this is closed: the status bar shows it.'}
          </span>
          <Grow />
          <Button tone={ended ? 'primary' : 'plain'} onClick={close}>
            Close
          </Button>
        </>
      }
    >
      <PullProgress pulling={pulling} trace={traces.length === 1 ? traces[0] : undefined} />
    </Dialog>
  );
}

const nameAt = (window: Asking['window']): string =>
  typeof window === 'string' ? 'pulled' : freshCaseName(window.from);

function AskDialog({
  backend,
  asking,
  pulling,
}: {
  readonly backend: Backend;
  readonly asking: Asking;
  readonly pulling: Pulling;
}) {
  const target = useTarget();
  const { link, onAddress, onPaste } = useLink(backend, asking);
  const dirty = useApp((state) => state.info?.dirty ?? false);
  const [unsaved, setUnsaved] = useState(false);
  const { question, step, window } = asking;
  const budget = parseBudget(question.budget);
  const name = target.name ?? nameOfTraces(backend) ?? nameAt(window);
  const pull = (): void => {
    const { counted, chosen } = question;
    setUnsaved(false);
    const newCase = target.intoOpen ? undefined : name.trim() || 'pulled';
    if (isNamed(backend)) return void pullNamed(backend, asking, pulling, newCase);
    if (!counted || budget === undefined) return;
    const { connectionId, windows, catalog } = counted;
    const select = selectionOf(catalog.items, chosen);
    const ring = question.follow ? parseBudget(question.ring) : undefined;
    pulling.start({ connectionId, windows, select, budget, newCase }, ring);
  };
  return (
    <>
      <Dialog
        title="Pull from a backend"
        aside={
          <>
            <Grow />
            <TargetChoice target={target} name={name} disabled={question.counting} />
          </>
        }
        width={1080}
        held
        flush
        onClose={close}
        footer={
          <Footer
            backend={backend}
            asking={asking}
            onPull={() => (!target.intoOpen && dirty ? setUnsaved(true) : pull())}
          />
        }
      >
        <div className="pull">
          <div onChange={() => step({ kind: 'backend' })}>
            <BackendFields {...{ backend, link, onAddress, onPaste }} />
          </div>
          {isNamed(backend) ? <NamedTraces backend={backend} /> : <What {...{ backend, asking }} />}
        </div>
      </Dialog>
      {unsaved && <UnsavedDialog onCancel={() => setUnsaved(false)} onContinue={pull} />}
    </>
  );
}

/** Which time, what of it, and how much at most. */
function What({ backend, asking }: { readonly backend: Backend; readonly asking: Asking }) {
  const { question, step, window } = asking;
  const { text, baselines, counted, chosen, counting } = question;
  return (
    <div className="pull-what">
      <WindowFields
        text={text}
        window={window}
        baselines={baselines}
        onText={(next) => step({ kind: 'time', text: next })}
        onBaselines={(ids) => step({ kind: 'baselines', ids })}
      />
      <PullPreview backend={backend} asking={asking} />
      <h3 className="small second">What to pull</h3>
      {counted ? (
        <CatalogView
          catalog={counted.catalog}
          chosen={chosen}
          budget={parseBudget(question.budget)}
          onChoose={(ids) => step({ kind: 'choose', ids })}
        />
      ) : (
        <p className="pull-uncounted second">
          {counting
            ? 'Counting…'
            : 'Count first: Faultline asks the backend what it has in this time, and you choose.'}
        </p>
      )}
      <label className="pull-budget">
        <span className="second">At most</span>
        <input
          className="input num"
          aria-invalid={parseBudget(question.budget) === undefined}
          value={question.budget}
          onChange={(event) => step({ kind: 'budget', text: event.target.value })}
        />
        <span className="second">
          rows a signal. Above that errors are kept whole where the backend can find them, the rest
          is sampled and counted, and a notice says so.
        </span>
      </label>
      <FollowField asking={asking} />
    </div>
  );
}

function Footer({
  backend,
  asking: { question, window, count },
  onPull,
}: {
  readonly backend: Backend;
  readonly asking: Asking;
  readonly onPull: () => void;
}) {
  const { form, connector, kept } = backend;
  const { counted, counting, chosen, budget, follow, ring, failure } = question;
  const lack = lacking(form, connector, kept);
  return (
    <>
      <Status failure={failure} counting={counting} />
      <Grow />
      <Button onClick={close}>Cancel</Button>
      {isNamed(backend) ? (
        <Button
          tone="primary"
          disabled={lack !== undefined || counting}
          title={lack}
          onClick={onPull}
        >
          Pull
        </Button>
      ) : counted ? (
        <Button
          tone="primary"
          disabled={
            chosen.size === 0 ||
            parseBudget(budget) === undefined ||
            (follow && parseBudget(ring) === undefined)
          }
          onClick={onPull}
        >
          {follow ? 'Pull and follow' : 'Pull'}
        </Button>
      ) : (
        <Button
          tone="primary"
          disabled={lack !== undefined || typeof window === 'string' || counting}
          title={lack ?? 'Asks the backend what it has in this time, before anything is pulled'}
          onClick={() => void count()}
        >
          Count what is there
        </Button>
      )}
    </>
  );
}

function Status({
  failure,
  counting,
}: {
  readonly failure: string | undefined;
  readonly counting: boolean;
}) {
  const job = useRunningJob('inspect');
  if (counting && job) return <JobProgress job={job} />;
  return failure === undefined ? null : (
    <span className="crit" role="alert">
      ■ {failure}
    </span>
  );
}
