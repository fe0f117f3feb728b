import { useState } from 'react';
import { asFaultlineError, type FaultlineError } from '../../../../core/base';
import type { EntityMerge } from '../../../../core/store';
import { openDialog, reportError, track, useApp, useAsync, workbench } from '../../state';
import { Button, Dialog, ENTITY_ICON, Failure, Grow, KIND_WORD, Skeleton, plural } from '../../ui';
import { EntityPicker } from './entity-picker';
import { ORDER, mergeProblem, mergesOf, type MergeState } from './merges';

const close = (): void => openDialog(undefined);

const HEAD: Readonly<Record<MergeState, string>> = {
  proposed: 'Proposed',
  accepted: 'Merged',
  rejected: 'Kept apart',
};

/** The merges of the case, read again after each change. */
function useMerges() {
  const [asked, setAsked] = useState(0);
  const { data: merges, error, loading } = useAsync(`merges ${asked}`, () => workbench().merges());
  const run = async (title: string, work: () => Promise<void>): Promise<void> => {
    try {
      await track(work());
    } catch (problem) {
      reportError(title, problem);
    }
    setAsked((count) => count + 1);
  };
  return {
    merges,
    error,
    loading,
    decide: (merge: EntityMerge, state: MergeState): void =>
      void run('The merge could not be changed', () =>
        workbench().decideMerge(merge.mergeId, state),
      ),
    add: (from: string, into: string, reason: string): void =>
      void run('The names could not be merged', () => workbench().addMerge(from, into, reason)),
  };
}

/** When one thing came in under several names: accept, keep apart, undo, or say so oneself. */
export function EntitiesDialog() {
  const [filter, setFilter] = useState('');
  const { merges, error, loading, decide, add } = useMerges();
  return (
    <Dialog
      title="Names of one thing"
      aside={
        <>
          <Grow />
          {(merges?.length ?? 0) > 8 && (
            <input
              className="input"
              type="search"
              aria-label="Filter"
              placeholder="Filter"
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
            />
          )}
        </>
      }
      width={860}
      onClose={close}
      footer={
        <>
          <span className="faint">The case is analysed anew after each change.</span>
          <Grow />
          <Button tone="primary" onClick={close}>
            Done
          </Button>
        </>
      }
    >
      <p className="second">
        One service may come in as a <span className="mono">job</span>, a pod and a{' '}
        <span className="mono">service.name</span>. Merging maps one name to another; the rows stay
        as they came, so it can be undone at any time.
      </p>
      <MergeLists
        merges={merges}
        error={error}
        loading={loading}
        filter={filter}
        onDecide={decide}
      />
      <ByHand merges={merges ?? []} onMerge={add} />
    </Dialog>
  );
}

function MergeLists({
  merges,
  error,
  loading,
  filter,
  onDecide,
}: {
  readonly merges: readonly EntityMerge[] | undefined;
  readonly error: FaultlineError | undefined;
  readonly loading: boolean;
  readonly filter: string;
  readonly onDecide: (merge: EntityMerge, state: MergeState) => void;
}) {
  if (error) return <Failure error={asFaultlineError(error)} />;
  if (!merges) return loading ? <Skeleton lines={4} /> : null;
  if (merges.length === 0) {
    return <p className="merge-none faint">No two names in this case look like one thing.</p>;
  }
  return ORDER.map((state) => {
    const listed = mergesOf(merges, state, filter);
    if (listed.length === 0) return null;
    return (
      <section key={state} aria-label={HEAD[state]} className="merge-section">
        <h3 className="small second">
          {HEAD[state]}, {plural(listed.length, 'pair')}
        </h3>
        <ul>
          {listed.map((merge) => (
            <MergeRow key={merge.mergeId} merge={merge} onDecide={onDecide} />
          ))}
        </ul>
      </section>
    );
  });
}

function Name({ merge, which }: { readonly merge: EntityMerge; readonly which: 'from' | 'into' }) {
  const { kind, name } = merge[which];
  const Icon = ENTITY_ICON[kind];
  return (
    <span className="merge-name" title={`${name}, ${KIND_WORD[kind]}`}>
      <Icon size={12} aria-hidden />
      <span className="cut">{name}</span>
      <span className="small faint">{KIND_WORD[kind]}</span>
    </span>
  );
}

function MergeRow({
  merge,
  onDecide,
}: {
  readonly merge: EntityMerge;
  readonly onDecide: (merge: EntityMerge, state: MergeState) => void;
}) {
  const { from, into, state, reason } = merge;
  const what = `${from.name} into ${into.name}`;
  return (
    <li className="merge-row">
      <div className="grow">
        <p className="merge-names">
          <Name merge={merge} which="from" /> <span aria-hidden>→</span>
          <span className="visually-hidden">into</span> <Name merge={merge} which="into" />
        </p>
        <p className="small faint">{reason}</p>
      </div>
      {state === 'proposed' && (
        <>
          <Button aria-label={`Merge ${what}`} onClick={() => onDecide(merge, 'accepted')}>
            Merge
          </Button>
          <Button
            tone="quiet"
            aria-label={`Keep apart ${what}`}
            onClick={() => onDecide(merge, 'rejected')}
          >
            Keep apart
          </Button>
        </>
      )}
      {state === 'accepted' && (
        <Button aria-label={`Split ${what}`} onClick={() => onDecide(merge, 'rejected')}>
          Split
        </Button>
      )}
      {state === 'rejected' && (
        <Button
          tone="quiet"
          aria-label={`Propose again ${what}`}
          onClick={() => onDecide(merge, 'proposed')}
        >
          Undo
        </Button>
      )}
    </li>
  );
}

function ByHand({
  merges,
  onMerge,
}: {
  readonly merges: readonly EntityMerge[];
  readonly onMerge: (from: string, into: string, reason: string) => void;
}) {
  const entities = useApp((state) => state.entities);
  const [fromId, setFrom] = useState<string>();
  const [intoId, setInto] = useState<string>();
  const [reason, setReason] = useState('');
  const from = entities.find(({ id }) => id === fromId);
  const into = entities.find(({ id }) => id === intoId);
  const problem = mergeProblem(from, into, merges);
  const started = fromId !== undefined || intoId !== undefined;
  return (
    <section aria-label="Merge by hand" className="merge-section">
      <h3 className="small second">Merge by hand</h3>
      <div className="merge-hand">
        <EntityPicker label="This name" entities={entities} value={fromId} onChange={setFrom} />
        <EntityPicker label="is another of" entities={entities} value={intoId} onChange={setInto} />
        <label className="field grow">
          <span>because</span>
          <input
            className="input"
            placeholder="Stated by hand."
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <Button
          disabled={problem !== undefined}
          title={problem}
          onClick={() => {
            if (!from || !into) return;
            onMerge(from.id, into.id, reason.trim() === '' ? 'Stated by hand.' : reason.trim());
            setFrom(undefined);
            setReason('');
          }}
        >
          Merge
        </Button>
      </div>
      <p className="small faint merge-problem" role="status">
        {started ? problem : ''}
      </p>
    </section>
  );
}
