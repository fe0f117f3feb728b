import type { FileReport, ReadChoices } from '../../../../core/connect';
import type { ImportChoices, InputFile } from '../../../../core/session';
import { addingSources, host, inputOf, workbench } from '../../state';
import { plural } from '../../ui';
import {
  commonFolder,
  droppedOf,
  rowsOf,
  selectionOf,
  withUniqueNames,
  type Entry,
} from './report';

export interface Listing {
  readonly files: readonly InputFile[];
  /** Name of the folder that was given, for the new case; '' where there was none. */
  readonly folder: string;
}

/** Opens up folders of the host, so that every file has its own card. */
export async function listFiles(given: readonly InputFile[]): Promise<Listing> {
  const lists = await Promise.all(
    given.map(async (file) => {
      if (file.kind === 'blob') return [file];
      const refs = await host().list(file.path);
      const itself = refs.length === 1 && refs[0]?.path === file.path;
      return refs.map((ref) => ({
        ...inputOf(ref),
        name: itself ? file.name : ref.path.slice(file.path.length).replace(/^[/\\]/, ''),
      }));
    }),
  );
  const files = withUniqueNames(lists.flat());
  const [only] = given;
  const whole = given.length === 1 && only?.kind === 'path' && lists[0]?.[0]?.name !== only.name;
  const folder = whole ? only.name : commonFolder(given.map(({ name }) => name));
  return { files, folder };
}

/** A first look at files, and again after a format was chosen. */
export async function look(
  files: readonly InputFile[],
  intoOpenCase: boolean,
  chosen: ImportChoices = {},
): Promise<readonly FileReport[]> {
  return workbench().inspect(files, { ...chosen, intoOpenCase });
}

/** Reads in what is wanted, each as what it was taken for: into the open case, or a new one of that name. */
export async function runImport(
  entries: readonly Entry[],
  newCase: string | undefined,
): Promise<readonly FileReport[]> {
  const { files, leave } = selectionOf(entries);
  return addingSources(() =>
    workbench().importFiles(files, { ...choicesOf(entries), leave }, newCase),
  );
}

/** What was decided of the files, by their names. */
export function choicesOf(
  entries: readonly Pick<Entry, 'name' | 'as' | 'choices'>[],
): ImportChoices {
  const as: Record<string, string> = {};
  const choices: Record<string, ReadChoices> = {};
  for (const entry of entries) {
    if (entry.as !== undefined) as[entry.name] = entry.as;
    if (entry.choices) choices[entry.name] = entry.choices;
  }
  return { as, choices };
}

/** What came of it, for the word at the end. */
export function importSummary(reports: readonly FileReport[]) {
  const good = reports.filter(({ state }) => state === 'ok');
  return {
    files: good.length,
    rows: good.reduce((sum, report) => sum + rowsOf(report), 0),
    dropped: good.reduce((sum, report) => sum + droppedOf(report), 0),
    failed: reports.filter(({ state }) => state === 'failed'),
  };
}

/** "1 204 rows from 3 files, 2 records dropped. b.log was left out: …" */
export function summaryText(summary: ReturnType<typeof importSummary>): string {
  const { rows, files, dropped, failed } = summary;
  const lost = dropped > 0 ? `, ${plural(dropped, 'record')} dropped` : '';
  const broken = failed.map(({ path, why }) => ` ${path} was left out: ${why}`).join('');
  return `${plural(rows, 'row')} from ${plural(files, 'file')}${lost}.${broken}`;
}
