import type { FileFormat, FileGroup, Head, ListedFile } from '../../core/connect';
import { dataFolders, filesOf } from './layout';
import { readBlocks } from './read-blocks';
import { isWal } from './wal';

/**
 * Blocks of Prometheus' database, as they lie in its data folder, in a snapshot or in the object store of
 * Thanos and Mimir, and the write-ahead log beside them (github.com/prometheus/prometheus, tsdb/docs/format).
 */
export const prometheusBlock: FileFormat = {
  id: 'prometheus-block',
  title: 'Prometheus blocks and write-ahead log',
  tables: ['resources', 'metric_series', 'samples', 'histogram_samples', 'exemplars'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 'ms',
    zone: 'UTC',
    clock: 'the server that scraped',
    guessed: false,
  }),
  read: readBlocks,
  group,
};

const INDEX = [0xba, 0xaa, 0xd7, 0x00];
const CHUNKS = [0x85, 0xbd, 0x40, 0xdd];
const begins = ({ bytes }: Head, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

function sniff(head: Head): { confidence: number; why: string } {
  if (begins(head, INDEX)) return { confidence: 0.98, why: 'The index of a Prometheus block.' };
  if (begins(head, CHUNKS)) return { confidence: 0.98, why: 'A chunk file of a Prometheus block.' };
  if (isWal(head.bytes)) {
    return { confidence: 0.95, why: "A segment of Prometheus' write-ahead log, by its checksum." };
  }
  return { confidence: 0, why: '' };
}

/** Folders with an index and chunks; those beside one another are one database. */
async function group(files: readonly ListedFile[]): Promise<readonly FileGroup[]> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const groups: FileGroup[] = [];
  for (const found of dataFolders([...byName.keys()])) {
    const fits = await Promise.all(
      found.blocks.map(async ({ index = '' }) => {
        const head = await byName.get(index)?.head();
        return head !== undefined && begins(head, INDEX);
      }),
    );
    const blocks = found.blocks.filter((_, i) => fits[i]);
    const log = await hasLog(found.wal, byName);
    if (blocks.length === 0 && !log) continue;
    const [only] = blocks;
    const single = blocks.length === 1 && !log ? only?.folder : undefined;
    groups.push({
      name: (single ?? found.folder) || 'Prometheus data',
      files: filesOf({ ...found, blocks }),
      why: `${blocks.length} folders with the index and the chunks of a Prometheus block${log ? ', and a write-ahead log' : ''}.`,
    });
  }
  return groups;
}

/** True where the first segment that is not empty begins as one. */
async function hasLog(
  names: readonly string[],
  byName: ReadonlyMap<string, ListedFile>,
): Promise<boolean> {
  const first = names.map((name) => byName.get(name)).find((file) => file && file.size !== 0);
  return first !== undefined && isWal((await first.head()).bytes);
}
