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
  /** Write-ahead logs and memory-mapped chunks of the head. */
  readonly head: readonly string[];
  /** Files that have no data: lock, queries.active. */
  readonly other: readonly string[];
}

const OF_BLOCK = /^(?:(.*)\/)?(meta\.json|index|tombstones|chunks\/(\d{6,}))$/;
const OF_HEAD = /^(?:(.*)\/)?(?:wal|wbl|chunks_head)\/(?:checkpoint\.\d+\/)?\d+$/;
const OTHER = /^(?:(.*)\/)?(?:lock|queries\.active)$/;

const slashed = (name: string): string => name.replaceAll('\\', '/');
const parentOf = (folder: string): string => folder.slice(0, Math.max(0, folder.lastIndexOf('/')));

/** Files by the folders in which Prometheus keeps them; a block has at least an index. */
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
  return [...folders].map(([folder, found]) => {
    const within = (pattern: RegExp): readonly string[] =>
      names.filter((name) => {
        const match = pattern.exec(slashed(name));
        return match !== null && (match[1] ?? '') === folder;
      });
    return { folder, blocks: found, head: within(OF_HEAD), other: within(OTHER) };
  });
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
export function filesOf({ blocks, head, other }: DataFolder): readonly string[] {
  const ofBlocks = blocks.flatMap(({ meta, index, tombstones, segments }) => [
    ...[meta, index, tombstones].filter((name) => name !== undefined),
    ...[...segments].sort(([a], [b]) => a - b).map(([, name]) => name),
  ]);
  return [...ofBlocks, ...head, ...other];
}
