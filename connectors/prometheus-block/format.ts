import type { FileFormat, FileGroup, Head, ListedFile } from '../../core/connect';
import { dataFolders, filesOf } from './layout';
import { readBlocks } from './read-blocks';

/**
 * Blocks of Prometheus' database, as they lie in its data folder, in a snapshot or in the object store of
 * Thanos and Mimir (github.com/prometheus/prometheus, tsdb/docs/format).
 */
export const prometheusBlock: FileFormat = {
  id: 'prometheus-block',
  title: 'Prometheus blocks',
  tables: ['resources', 'metric_series', 'samples', 'histogram_samples'],
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
    if (blocks.length === 0) continue;
    const [only] = blocks;
    groups.push({
      name: (blocks.length === 1 && only ? only.folder : found.folder) || 'Prometheus blocks',
      files: filesOf({ ...found, blocks }),
      why: `${blocks.length} folders with the index and the chunks of a Prometheus block.`,
    });
  }
  return groups;
}
