import type { FileReport } from '../../../../core/connect';
import type { InputFile } from '../../../../core/session';
import { host, inputOf, newCase, useApp, workbench } from '../../state';
import { commonFolder, droppedOf, rowsOf, withUniqueNames, type Entry } from './report';

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
  as: Readonly<Record<string, string>> = {},
): Promise<readonly FileReport[]> {
  return workbench().inspect(files, { as, intoOpenCase });
}

export interface ImportTarget {
  /** Name of a new case; undefined for the open one. */
  readonly newName: string | undefined;
}

/**
 * Reads the files in. A new case is made only now; where the import fails or is cancelled it goes again,
 * and the case that was open before comes back from its file.
 */
export async function runImport(
  wanted: readonly Entry[],
  { newName }: ImportTarget,
): Promise<readonly FileReport[]> {
  const files = wanted.map(({ file }) => file);
  const as: Record<string, string> = {};
  for (const { file, as: format } of wanted) if (format !== undefined) as[file.name] = format;
  const before = useApp.getState().info;
  if (newName !== undefined) await newCase(newName);
  try {
    return await workbench().importFiles(files, as);
  } catch (error) {
    if (newName !== undefined) await takeBack(before?.path ?? undefined);
    throw error;
  }
}

async function takeBack(path: string | undefined): Promise<void> {
  const ref = path === undefined ? null : await host().stat(path);
  if (ref) await workbench().openCase(inputOf(ref));
  else await workbench().closeCase();
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
