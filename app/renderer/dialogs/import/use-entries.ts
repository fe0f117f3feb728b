import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { asFaultlineError, isCancelled, type FaultlineError } from '../../../../core/base';
import type { FileReport } from '../../../../core/connect';
import type { InputFile } from '../../../../core/session';
import { reportError, useApp, workbench } from '../../state';
import { listFiles, look } from './run';
import { compareRanges, lightOf, type Entry, type Ranges } from './report';

export interface Entries {
  /** Undefined while the first look is under way. */
  readonly list: readonly Entry[] | undefined;
  readonly folder: string;
  readonly ranges: Ranges;
  readonly error: FaultlineError | undefined;
  readonly change: (at: number, change: Partial<Entry>) => void;
  /** Looks at one file again, as the format given or by its content. */
  readonly take: (at: number, as: string | undefined) => void;
  /** Looks again at what the open case holds already, for another target. */
  readonly retarget: (intoOpenCase: boolean) => void;
}

/** Details of what needs a look are shown from the start. */
function entryOf(file: InputFile, report: FileReport, outlier: boolean): Entry {
  const light = lightOf(report, outlier ? '' : undefined);
  return {
    file,
    report,
    as: undefined,
    included: report.state === 'ok',
    open: light === 'warn' || light === 'bad',
    busy: false,
  };
}

const already = ({ report }: Entry): boolean =>
  report.notices.some(({ code }) => code === 'already-imported');

/** The files of the import dialog, looked at once it opens. */
export function useEntries(given: readonly InputFile[], intoOpenCase: boolean): Entries {
  const [list, setList] = useState<readonly Entry[]>();
  const [folder, setFolder] = useState('');
  const [error, setError] = useState<FaultlineError>();
  const [first] = useState(intoOpenCase);
  const newest = useRef(list);
  useEffect(() => {
    newest.current = list;
  }, [list]);

  useEffect(() => {
    let current = true;
    const read = async (): Promise<void> => {
      const listing = await listFiles(given);
      const reports = await look(listing.files, first);
      if (!current) return;
      const { outliers } = compareRanges(reports);
      setFolder(listing.folder);
      setList(
        listing.files.flatMap((file, at) => {
          const report = reports[at];
          return report ? [entryOf(file, report, outliers.has(at))] : [];
        }),
      );
    };
    read().catch((problem: unknown) => {
      if (current && !isCancelled(problem)) setError(asFaultlineError(problem));
    });
    return () => {
      current = false;
      cancelJobs('inspect');
    };
  }, [given, first]);

  const change = useCallback(
    (at: number, what: Partial<Entry>) =>
      setList((before) => before?.map((entry, i) => (i === at ? { ...entry, ...what } : entry))),
    [],
  );

  const again = useCallback(
    async (at: number, as: string | undefined, into: boolean) => {
      const entry = newest.current?.[at];
      if (!entry) return;
      change(at, { busy: true });
      try {
        const { file } = entry;
        const chosen = as === undefined ? {} : { [file.name]: as };
        const [report] = await look([file], into, chosen);
        if (report) change(at, { report, as, busy: false, included: report.state === 'ok' });
      } catch (problem) {
        change(at, { busy: false });
        reportError(`${entry.file.name} could not be looked at`, problem);
      }
    },
    [change],
  );

  const take = useCallback(
    (at: number, as: string | undefined) => void again(at, as, false),
    [again],
  );
  const retarget = useCallback(
    (into: boolean) => {
      newest.current?.forEach((entry, at) => {
        if (into ? entry.report.state === 'ok' : already(entry)) void again(at, entry.as, into);
      });
    },
    [again],
  );
  const ranges = useMemo(() => compareRanges(list?.map(({ report }) => report) ?? []), [list]);
  return { list, folder, ranges, error, change, take, retarget };
}

/** Ends running jobs of a kind: their dialog is gone. */
export function cancelJobs(kind: 'inspect' | 'import'): void {
  for (const job of useApp.getState().jobs) {
    if (job.kind === kind && job.state === 'running') {
      void workbench()
        .cancelJob(job.id)
        .catch(() => undefined);
    }
  }
}
