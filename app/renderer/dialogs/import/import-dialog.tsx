import { useEffect, useState } from 'react';
import { asFaultlineError, isCancelled } from '../../../../core/base';
import type { InputFile } from '../../../../core/session';
import { attempt, freshCaseName, openDialog, tell, useApp, workbench } from '../../state';
import { Button, Dialog, Failure, Grow, Skeleton, formatCount, plural } from '../../ui';
import { JobProgress, useRunningJob } from '../job-progress';
import { UnsavedDialog } from '../unsaved';
import type { FormatInfo } from './file-card';
import { FileList } from './file-list';
import { MapDialog } from './mapping/map-dialog';
import { totalsOf } from './report';
import { importSummary, runImport, summaryText } from './run';
import { TargetChoice, useTarget, type Target } from './target';
import { useEntries, type Entries } from './use-entries';

const close = (): void => openDialog(undefined);

/** Reads in what is wanted, after unsaved changes were asked about, and says what came of it. */
function useImport(target: Target, list: Entries['list'], newName: string) {
  const [phase, setPhase] = useState<'look' | 'ask' | 'import'>('look');
  const [failure, setFailure] = useState<string>();
  const dirty = useApp((state) => state.info?.dirty ?? false);
  const start = async (): Promise<void> => {
    setPhase('import');
    setFailure(undefined);
    try {
      const newCase = target.intoOpen ? undefined : newName;
      const summary = importSummary(await runImport(list ?? [], newCase));
      // Files may have changed since they were looked at: a case that nothing came into was not made.
      if (summary.files === 0 && summary.failed[0]) {
        setPhase('look');
        return setFailure(`${summaryText(summary)} ${unchangedText(target)}`);
      }
      tell('Imported', summaryText(summary));
      close();
    } catch (problem) {
      setPhase('look');
      const why = isCancelled(problem) ? 'Cancelled.' : asFaultlineError(problem).message;
      setFailure(`${why} ${unchangedText(target)}`);
    }
  };
  const go = (): void => {
    if (!target.intoOpen && dirty) setPhase('ask');
    else void start();
  };
  return { phase, failure, go, start: () => void start(), stay: () => setPhase('look') };
}

const unchangedText = ({ intoOpen }: Target): string =>
  intoOpen ? 'The case is as it was.' : 'No case was made.';

/** What the files are taken for and what they would bring; nothing is written before Import. */
export function ImportDialog({ files }: { readonly files: readonly InputFile[] }) {
  const target = useTarget();
  const entries = useEntries(files, target.intoOpen);
  const { list, folder, ranges, retarget } = entries;
  const suggested =
    folder !== '' ? folder : ranges.main ? freshCaseName(ranges.main.from) : 'imported files';
  const name = target.name ?? suggested;
  const { phase, failure, go, start, stay } = useImport(target, list, name.trim() || suggested);
  const importing = phase === 'import';
  return (
    <>
      <Dialog
        title={list ? `Import ${plural(list.length, 'file')}` : 'Import'}
        aside={
          <>
            <span className="faint grow">nothing is written until you say so</span>
            <TargetChoice target={target} name={name} disabled={importing} onTarget={retarget} />
          </>
        }
        width={1180}
        held
        flush
        onClose={() => !importing && close()}
        footer={
          <Footer
            entries={list}
            importing={importing}
            failure={failure}
            onCancel={close}
            onImport={go}
          />
        }
      >
        <Files entries={entries} importing={importing} />
      </Dialog>
      {phase === 'ask' && <UnsavedDialog onCancel={stay} onContinue={start} />}
    </>
  );
}

function Files({ entries, importing }: { readonly entries: Entries; readonly importing: boolean }) {
  const [formats, setFormats] = useState<readonly FormatInfo[]>([]);
  useEffect(
    () => attempt('The formats', async () => setFormats([...(await workbench().formats())])),
    [],
  );
  const [mapped, setMapped] = useState<number>();
  const { error, list, take } = entries;
  const closeMap = (): void => setMapped(undefined);
  if (error) return <Failure error={error} action={<Button onClick={close}>Close</Button>} />;
  if (list === undefined) return <Looking />;
  return (
    <div className="file-area" inert={importing}>
      <FileList entries={entries} formats={formats} onMap={setMapped} />
      {mapped !== undefined && list[mapped] && (
        <MapDialog
          entry={list[mapped]}
          onClose={closeMap}
          onUse={(format, chosen) => {
            take(mapped, format, { ...list[mapped]?.choices, ...chosen });
            closeMap();
          }}
        />
      )}
    </div>
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
  readonly entries: Entries['list'];
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
