/** The files of one block folder, by the names that were given. */
export interface BlockFiles {
  /** Path of the folder. */
  readonly folder: string;
  meta?: string;
  index?: string;
  tombstones?: string;
  /** By number of the segment, from 1. */
  readonly segments: Map<number, string>;
}

/** The blocks of one data folder or snapshot, and what else of it Prometheus keeps. */
export interface DataFolder {
  readonly folder: string;
  readonly blocks: readonly BlockFiles[];
  /** The write-ahead log in order: the newest checkpoint, and the segments behind it. */
  readonly wal: readonly string[];
  /** What else of the head is not read: chunks that were mapped into memory (the log has them, too), older logs. */
  readonly head: readonly string[];
  /** Logs of samples that came out of order, which stand nowhere else. */
  readonly outOfOrder: readonly string[];
  /** Files that have no data: lock, queries.active. */
  readonly other: readonly string[];
}

const OF_BLOCK = /^(?:(.*)\/)?(meta\.json|index|tombstones|chunks\/(\d{6,}))$/;
const OF_HEAD = /^(?:(.*)\/)?(wal|wbl|chunks_head)\/(?:checkpoint\.(\d+)\/)?(\d+)$/;
const OTHER = /^(?:(.*)\/)?(?:lock|queries\.active)$/;

const slashed = (name: string): string => name.replaceAll('\\', '/');
const parentOf = (folder: string): string => folder.slice(0, Math.max(0, folder.lastIndexOf('/')));

/** Files by the folders in which Prometheus keeps them; a block has at least an index. Some have a log only. */
export function dataFolders(names: readonly string[]): readonly DataFolder[] {
  const blocks = new Map<string, BlockFiles>();
  for (const name of names) addToBlock(blocks, name);
  const folders = new Map<string, BlockFiles[]>();
  for (const block of blocks.values()) {
    if (block.index === undefined || (block.segments.size === 0 && block.meta === undefined))
      continue;
    const parent = parentOf(block.folder);
    const known = folders.get(parent);
    if (known) known.push(block);
    else folders.set(parent, [block]);
  }
  for (const name of names) {
    const match = OF_HEAD.exec(slashed(name));
    if (match && !folders.has(match[1] ?? '')) folders.set(match[1] ?? '', []);
  }
  mergeSnapshots(folders);
  return [...folders].map(([folder, found]) => ({
    folder,
    blocks: found,
    ...headOf(folder, names),
    other: names.filter((name) => {
      const match = OTHER.exec(slashed(name));
      return match !== null && (match[1] ?? '') === folder;
    }),
  }));
}

/** Snapshots within a data folder are copies of its blocks and its head: one database with it. */
function mergeSnapshots(folders: Map<string, BlockFiles[]>): void {
  for (const [folder, blocks] of folders) {
    const [, base] = /^(.*?)\/?snapshots\/[^/]+$/.exec(folder) ?? [];
    const data = base === undefined ? undefined : folders.get(base);
    if (!data) continue;
    data.push(...blocks);
    folders.delete(folder);
  }
}

function headOf(
  folder: string,
  names: readonly string[],
): Pick<DataFolder, 'wal' | 'head' | 'outOfOrder'> {
  const files = names.flatMap((name) => {
    const match = OF_HEAD.exec(slashed(name));
    if (!match || (match[1] ?? '') !== folder) return [];
    const checkpoint = match[3] === undefined ? -1 : Number(match[3]);
    return [{ name, kind: match[2], checkpoint, number: Number(match[4]) }];
  });
  const logs = files.filter(({ kind }) => kind === 'wal');
  // A checkpoint stands for all segments up to its number.
  const newest = Math.max(-1, ...logs.map(({ checkpoint }) => checkpoint));
  const wal = logs
    .filter(({ checkpoint, number }) => (checkpoint < 0 ? number > newest : checkpoint === newest))
    .sort((a, b) => b.checkpoint - a.checkpoint || a.number - b.number)
    .map(({ name }) => name);
  const named = (kind: string): readonly string[] =>
    files.filter((file) => file.kind === kind).map(({ name }) => name);
  const older = logs.map(({ name }) => name).filter((name) => !wal.includes(name));
  return { wal, head: [...named('chunks_head'), ...older], outOfOrder: named('wbl') };
}

function addToBlock(blocks: Map<string, BlockFiles>, name: string): void {
  const match = OF_BLOCK.exec(slashed(name));
  if (!match) return;
  const [, folder = '', file, segment] = match;
  let block = blocks.get(folder);
  if (!block) blocks.set(folder, (block = { folder, segments: new Map() }));
  if (segment !== undefined) block.segments.set(Number(segment), name);
  else if (file === 'index') block.index = name;
  else if (file === 'tombstones') block.tombstones = name;
  else block.meta = name;
}

/** The files of a data folder in the order in which they are read. */
export function filesOf({ blocks, wal, head, outOfOrder, other }: DataFolder): readonly string[] {
  const ofBlocks = blocks.flatMap(({ meta, index, tombstones, segments }) => [
    ...[meta, index, tombstones].filter((name) => name !== undefined),
    ...[...segments].sort(([a], [b]) => a - b).map(([, name]) => name),
  ]);
  return [...ofBlocks, ...wal, ...head, ...outOfOrder, ...other];
}
