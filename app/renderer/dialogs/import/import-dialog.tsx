import { useEffect, useState } from 'react';
import { asFaultlineError, isCancelled } from '../../../../core/base';
import type { InputFile } from '../../../../core/session';
import { attempt, freshCaseName, openDialog, tell, useApp, workbench } from '../../state';
import { Button, Dialog, Failure, Grow, Skeleton, formatCount, plural } from '../../ui';
import { JobProgress, useRunningJob } from '../job-progress';
import { UnsavedDialog } from '../unsaved';
import { FileList } from './file-list';
import { isWanted, totalsOf } from './report';
import { importSummary, runImport } from './run';
import { TargetChoice, useTarget } from './target';
import { useEntries } from './use-entries';

const close = (): void => openDialog(undefined);

/** What the files are taken for and what they would bring; nothing is written before Import. */
export function ImportDialog({ files }: { readonly files: readonly InputFile[] }) {
  const target = useTarget();
  const entries = useEntries(files, target.intoOpen);
  const { list, folder, ranges, error, retarget } = entries;
  const [formats, setFormats] = useState<readonly { id: string; title: string }[]>([]);
  const [phase, setPhase] = useState<'look' | 'ask' | 'import'>('look');
  const [failure, setFailure] = useState<string>();
  const dirty = useApp((state) => state.info?.dirty ?? false);
  useEffect(
    () => attempt('The formats', async () => setFormats([...(await workbench().formats())])),
    [],
  );
  const suggested =
    folder !== '' ? folder : ranges.main ? freshCaseName(ranges.main.from) : 'imported files';
  const name = target.name ?? suggested;

  const start = async (): Promise<void> => {
    setPhase('import');
    setFailure(undefined);
    try {
      const wanted = (list ?? []).filter(isWanted);
      const newName = target.intoOpen ? undefined : name.trim() || suggested;
      const summary = importSummary(await runImport(wanted, { newName }));
      const { rows, files: count, dropped, failed } = summary;
      const lost = dropped > 0 ? `, ${plural(dropped, 'record')} dropped` : '';
      const broken = failed.map(({ path, why }) => ` ${path} was left out: ${why}`).join('');
      tell('Imported', `${plural(rows, 'row')} from ${plural(count, 'file')}${lost}.${broken}`);
      close();
    } catch (problem) {
      setPhase('look');
      const kept = target.intoOpen ? 'The case is as it was.' : 'No case was made.';
      const why = isCancelled(problem) ? 'Cancelled.' : asFaultlineError(problem).message;
      setFailure(`${why} ${kept}`);
    }
  };
  const go = (): void => {
    if (!target.intoOpen && dirty) setPhase('ask');
    else void start();
  };
  const importing = phase === 'import';
  const title = list ? `Import ${plural(list.length, 'file')}` : 'Import';
  return (
    <>
      <Dialog
        title={title}
        aside={
          <>
            <span className="faint grow">nothing is written until you say so</span>
            <TargetChoice
              target={target}
              name={name}
              disabled={importing}
              onTarget={(into) => retarget(into)}
            />
          </>
        }
        width={1180}
        held
        flush
        onClose={() => !importing && close()}
        footer={
          <Footer
            entries={entries.list}
            importing={importing}
            failure={failure}
            onCancel={close}
            onImport={go}
          />
        }
      >
        {error ? (
          <Failure error={error} action={<Button onClick={close}>Close</Button>} />
        ) : list === undefined ? (
          <Looking />
        ) : (
          <div className="file-area" inert={importing}>
            <FileList entries={entries} formats={formats} />
          </div>
        )}
      </Dialog>
      {phase === 'ask' && (
        <UnsavedDialog onCancel={() => setPhase('look')} onContinue={() => void start()} />
      )}
    </>
  );
}

function Looking() {
  const job = useRunningJob('inspect');
  return (
    <div className="file-area">
      <div className="looking" role="status">
        <p>Reading the files to see what is in them…</p>
        {job && <JobProgress job={job} />}
      </div>
      <Skeleton lines={6} />
    </div>
  );
}

function Footer({
  entries,
  importing,
  failure,
  onCancel,
  onImport,
}: {
  readonly entries: ReturnType<typeof useEntries>['list'];
  readonly importing: boolean;
  readonly failure: string | undefined;
  readonly onCancel: () => void;
  readonly onImport: () => void;
}) {
  const job = useRunningJob('import');
  if (importing) {
    return job ? <JobProgress job={job} /> : <span className="second">Finishing…</span>;
  }
  const totals = entries && totalsOf(entries);
  return (
    <>
      <span className="second num" role="status">
        {totals && totalsText(totals)}
        {failure !== undefined && <span className="crit"> ■ {failure}</span>}
      </span>
      <Grow />
      <Button onClick={onCancel}>Cancel</Button>
      <Button tone="primary" disabled={!totals || totals.files === 0} onClick={onImport}>
        Import
      </Button>
    </>
  );
}

function totalsText({ rows, files, dropped, leftOut, skipped }: ReturnType<typeof totalsOf>) {
  const parts = [`${plural(rows, 'row')} from ${plural(files, 'file')}`];
  if (dropped > 0) parts.push(`${formatCount(dropped)} would be dropped`);
  if (leftOut > 0) parts.push(`${plural(leftOut, 'file')} left out`);
  if (skipped > 0) parts.push(`${plural(skipped, 'file')} skipped`);
  return parts.join(', ');
}
