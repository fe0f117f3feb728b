import type { FileRef } from '../../../../core/host';

/** What is typed so far: the folder it is in, and the beginning of a name in it. */
export interface TypedPath {
  /** With its last separator; '' where none is typed yet. */
  readonly folder: string;
  readonly name: string;
}

export function splitPath(path: string): TypedPath {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return { folder: path.slice(0, at + 1), name: path.slice(at + 1) };
}

export function joinPath(folder: string, name: string): string {
  if (folder === '' || /[/\\]$/.test(folder)) return `${folder}${name}`;
  return `${folder}${folder.includes('\\') && !folder.includes('/') ? '\\' : '/'}${name}`;
}

const isCase = ({ name, isDirectory }: FileRef): boolean =>
  !isDirectory && /\.faultline$/i.test(name);

const rank = (ref: FileRef): number => (isCase(ref) ? 0 : ref.isDirectory ? 1 : 2);

/** Cases first, then folders, then files, each in the order given; only names that hold what is typed. */
export function shownEntries(entries: readonly FileRef[], typed: string): readonly FileRef[] {
  const wanted = typed.toLowerCase();
  return entries
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => rank(a) - rank(b));
}

/** The path that completes what is typed: the longest common beginning of the names that begin so. */
export function completed(path: string, entries: readonly FileRef[]): string {
  const { folder, name } = splitPath(path);
  const begins = entries.filter((ref) => ref.name.toLowerCase().startsWith(name.toLowerCase()));
  const [first] = begins;
  if (!first) return path;
  if (begins.length === 1) {
    const separator = folder.includes('\\') ? '\\' : '/';
    return `${folder}${first.name}${first.isDirectory ? separator : ''}`;
  }
  let common = first.name;
  for (const { name: other } of begins) {
    while (!other.toLowerCase().startsWith(common.toLowerCase())) common = common.slice(0, -1);
  }
  return `${folder}${common}`;
}

/** Where a case will be written: always with its ending, as the host does it. */
export function caseTarget(path: string): string {
  const typed = path.trim();
  return typed === '' || /\.faultline$/i.test(typed) ? typed : `${typed}.faultline`;
}

/** A name that every file system takes, for the suggested file of a case. */
export function fileNameOf(caseName: string): string {
  const safe = caseName.replace(/[/\\:*?"<>|\p{Cc}]+/gu, '-').replace(/^[.\s]+|[.\s]+$/g, '');
  return `${safe === '' ? 'case' : safe}.faultline`;
}

/** What saving to a path would do. */
export type SavePlace =
  /** Nothing is typed yet. */
  | { readonly kind: 'none' }
  | { readonly kind: 'free' }
  /** The file that the case was opened from or saved to. */
  | { readonly kind: 'own' }
  /** Another file, which would be replaced. */
  | { readonly kind: 'taken'; readonly name: string; readonly size: number }
  | { readonly kind: 'bad'; readonly problem: string };

export function savePlace(
  target: string,
  {
    known,
    entries,
    problem,
  }: {
    readonly known: string | undefined;
    /** Of the target's folder. */
    readonly entries: readonly FileRef[];
    /** Why the folder can't be read. */
    readonly problem: string | undefined;
  },
): SavePlace {
  const { folder, name } = splitPath(target);
  if (target === '') return { kind: 'none' };
  if (folder === '') {
    return { kind: 'bad', problem: 'Give the whole path, beginning with a folder.' };
  }
  if (problem !== undefined) return { kind: 'bad', problem };
  const there = entries.find((entry) => entry.name === name);
  if (there?.isDirectory) return { kind: 'bad', problem: `${name} is a folder.` };
  if (target === known) return { kind: 'own' };
  return there ? { kind: 'taken', name, size: there.size } : { kind: 'free' };
}
