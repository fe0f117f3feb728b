import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { asFaultlineError, isCancelled, type FaultlineError } from '../../../../core/base';
import type { FileReport, ReadChoices } from '../../../../core/connect';
import type { InputFile } from '../../../../core/session';
import { reportError, useApp, workbench } from '../../state';
import { choicesOf, listFiles, look } from './run';
import { compareRanges, entriesOf, lightOf, type Entry, type Ranges } from './report';

export interface Entries {
  /** Undefined while the first look is under way. */
  readonly list: readonly Entry[] | undefined;
  readonly folder: string;
  readonly ranges: Ranges;
  readonly error: FaultlineError | undefined;
  readonly change: (at: number, change: Partial<Entry>) => void;
  /** Looks at one file again, as the format given or by its content, and with what was decided of its times. */
  readonly take: (at: number, as: string | undefined, choices?: ReadChoices) => void;
  /** Looks again at what the open case holds already, for another target. */
  readonly retarget: (intoOpenCase: boolean) => void;
}

/** Details of what needs a look are shown from the start. */
function entryOf(report: FileReport, files: readonly InputFile[], outlier: boolean): Entry {
  const light = lightOf(report, outlier ? '' : undefined);
  return {
    name: report.path,
    files,
    report,
    as: undefined,
    included: report.state === 'ok',
    open: light === 'warn' || light === 'bad',
    busy: false,
  };
}

const already = ({ report }: Entry): boolean =>
  report.notices.some(({ code }) => code === 'already-imported');

interface FirstLook {
  readonly folder: string;
  readonly list: readonly Entry[];
}

async function firstLook(given: readonly InputFile[], intoOpenCase: boolean): Promise<FirstLook> {
  const { files, folder } = await listFiles(given);
  const reports = await look(files, intoOpenCase);
  const { outliers } = compareRanges(reports);
  const list = entriesOf(reports, files, (report, given, at) =>
    entryOf(report, given, outliers.has(at)),
  );
  return { folder, list };
}

/** The first look, begun with the dialog and ended with it. */
function useFirstLook(given: readonly InputFile[], intoOpenCase: boolean) {
  const [list, setList] = useState<readonly Entry[]>();
  const [folder, setFolder] = useState('');
  const [error, setError] = useState<FaultlineError>();
  const [first] = useState(intoOpenCase);
  useEffect(() => {
    let current = true;
    const read = async (): Promise<void> => {
      const found = await firstLook(given, first);
      if (!current) return;
      setFolder(found.folder);
      setList(found.list);
    };
    read().catch((problem: unknown) => {
      if (current && !isCancelled(problem)) setError(asFaultlineError(problem));
    });
    return () => {
      current = false;
      cancelLooks();
    };
  }, [given, first]);
  return { list, setList, folder, error };
}

/** The files of the import dialog, looked at once it opens. */
export function useEntries(given: readonly InputFile[], intoOpenCase: boolean): Entries {
  const { list, setList, folder, error } = useFirstLook(given, intoOpenCase);
  const newest = useRef(list);
  useEffect(() => {
    newest.current = list;
  }, [list]);
  const change = useCallback(
    (at: number, what: Partial<Entry>) =>
      setList((before) => before?.map((entry, i) => (i === at ? { ...entry, ...what } : entry))),
    [setList],
  );
  const again = useCallback(
    async (
      at: number,
      { as, choices }: { as: string | undefined; choices?: ReadChoices },
      into: boolean,
    ) => {
      const entry = newest.current?.[at];
      if (!entry) return;
      change(at, { busy: true });
      try {
        const { name, files } = entry;
        const reports = await look(files, into, choicesOf([{ name, as, choices }]));
        const report = reports.find(({ path }) => path === name);
        if (report)
          change(at, { report, as, choices, busy: false, included: report.state === 'ok' });
      } catch (problem) {
        change(at, { busy: false });
        reportError(`${entry.name} could not be looked at`, problem);
      }
    },
    [change],
  );
  const take = useCallback(
    (at: number, as: string | undefined, choices?: ReadChoices) =>
      void again(at, { as, choices: choices ?? newest.current?.[at]?.choices }, intoOpenCase),
    [again, intoOpenCase],
  );
  const retarget = useCallback(
    (into: boolean) => {
      newest.current?.forEach((entry, at) => {
        if (into ? entry.report.state === 'ok' : already(entry)) void again(at, entry, into);
      });
    },
    [again],
  );
  const ranges = useMemo(() => compareRanges(list?.map(({ report }) => report) ?? []), [list]);
  return { list, folder, ranges, error, change, take, retarget };
}

/** Ends running looks: their dialog is gone. */
function cancelLooks(): void {
  for (const job of useApp.getState().jobs) {
    if (job.kind === 'inspect' && job.state === 'running') {
      void workbench()
        .cancelJob(job.id)
        .catch(() => undefined);
    }
  }
}
