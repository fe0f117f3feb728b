import { useState } from 'react';
import { asFaultlineError, isCancelled, msToNs, type TimeWindow } from '../../../../core/base';
import type { Catalog } from '../../../../core/connect';
import { freshCaseName, openDialog, useApp, workbench } from '../../state';
import { Button, Dialog, Grow } from '../../ui';
import { TargetChoice, useTarget } from '../import/target';
import { JobProgress, useRunningJob } from '../job-progress';
import { UnsavedDialog } from '../unsaved';
import { BackendFields } from './backend-form';
import { CatalogView } from './catalog-view';
import { PullProgress } from './pull-progress';
import {
  baselineOf,
  lacking,
  parseBudget,
  selectionOf,
  typedWindow,
  type BaselineId,
} from './request';
import { useBackend } from './use-backend';
import { usePull } from './use-pull';
import { WindowFields, textOf, type WindowText } from './window-form';

const close = (): void => openDialog(undefined);
const nowNs = (): bigint => msToNs(Date.now());

/** What was counted: from here on "now" stands still. */
interface Counted {
  readonly connectionId: string;
  readonly windows: readonly [TimeWindow, ...TimeWindow[]];
  readonly catalog: Catalog;
}

/** Pull from a backend: which, when, what, how much; then progress. */
export function PullDialog({
  window: given,
  connectionId,
}: {
  readonly window: TimeWindow | undefined;
  readonly connectionId: string | undefined;
}) {
  const backend = useBackend(connectionId);
  const target = useTarget();
  const pulling = usePull();
  const dirty = useApp((state) => state.info?.dirty ?? false);
  const [text, setText] = useState<WindowText>(
    given ? textOf(given) : { from: 'now-1h', to: 'now' },
  );
  const [baselines, setBaselines] = useState<ReadonlySet<BaselineId>>(new Set());
  const [budgetText, setBudgetText] = useState('1 000 000');
  const [counted, setCounted] = useState<Counted>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [counting, setCounting] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [asking, setAsking] = useState(false);

  const window = typedWindow(text.from, text.to, nowNs());
  const budget = parseBudget(budgetText);
  const lack = lacking(backend.form, backend.connector, backend.kept);
  const name = target.name ?? (typeof window === 'string' ? 'pulled' : freshCaseName(window.from));
  const stale = (): void => setCounted(undefined);

  const count = async (): Promise<void> => {
    const main = typedWindow(text.from, text.to, nowNs());
    if (typeof main === 'string') return;
    setCounting(true);
    setFailure(undefined);
    try {
      const id = await backend.keep();
      const others = [...baselines].map((baseline) => baselineOf(main, baseline));
      const windows = [main, ...others] as const;
      const catalog = await workbench().discover(id, windows);
      setCounted({ connectionId: id, windows: [main, ...others], catalog });
      setChosen(new Set(catalog.items.filter((item) => item.selected).map((item) => item.id)));
    } catch (error) {
      if (!isCancelled(error)) setFailure(asFaultlineError(error).message);
    } finally {
      setCounting(false);
    }
  };
  const pull = (): void => {
    if (!counted || budget === undefined) return;
    setAsking(false);
    const { connectionId: id, windows, catalog } = counted;
    const select = selectionOf(catalog.items, chosen);
    const newName = target.intoOpen ? undefined : name.trim() || 'pulled';
    pulling.start({ connectionId: id, windows, select, budget, newName });
  };
  const begin = (): void => {
    if (!target.intoOpen && dirty) setAsking(true);
    else pull();
  };
  if (pulling.state) {
    const ended = pulling.state.kind !== 'running';
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
        <PullProgress pulling={pulling} />
      </Dialog>
    );
  }
  return (
    <>
      <Dialog
        title="Pull from a backend"
        aside={
          <>
            <Grow />
            <TargetChoice target={target} name={name} disabled={counting} />
          </>
        }
        width={1080}
        held
        flush
        onClose={close}
        footer={
          <>
            <Status failure={failure} counting={counting} />
            <Grow />
            <Button onClick={close}>Cancel</Button>
            {counted ? (
              <Button
                tone="primary"
                disabled={chosen.size === 0 || budget === undefined}
                onClick={begin}
              >
                Pull
              </Button>
            ) : (
              <Button
                tone="primary"
                disabled={lack !== undefined || typeof window === 'string' || counting}
                title={
                  lack ?? 'Asks the backend what it has in this time, before anything is pulled'
                }
                onClick={() => void count()}
              >
                Count what is there
              </Button>
            )}
          </>
        }
      >
        <div className="pull">
          <div onChange={stale}>
            <BackendFields backend={backend} />
          </div>
          <div className="pull-what">
            <WindowFields
              text={text}
              window={window}
              baselines={baselines}
              onText={(next) => {
                setText(next);
                stale();
              }}
              onBaselines={(next) => {
                setBaselines(next);
                stale();
              }}
            />
            <h3 className="small second">What to pull</h3>
            {counted ? (
              <CatalogView catalog={counted.catalog} chosen={chosen} onChoose={setChosen} />
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
                aria-invalid={budget === undefined}
                value={budgetText}
                onChange={(event) => setBudgetText(event.target.value)}
              />
              <span className="second">
                rows a signal. Errors are kept whole, the rest is sampled above that; full counts
                come by aggregation, and a notice says so.
              </span>
            </label>
          </div>
        </div>
      </Dialog>
      {asking && <UnsavedDialog onCancel={() => setAsking(false)} onContinue={pull} />}
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
