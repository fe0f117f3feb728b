import type { FileFormat, FileGroup, Head, ListedFile } from '../../core/connect';
import { COLUMNAR_TABLES, columnar } from './columnar';
import { ParquetFile } from './file';

const startsWith = ({ bytes }: Head, magic: readonly number[]): boolean =>
  bytes.length > magic.length && magic.every((byte, at) => bytes[at] === byte);

const PAR1 = [0x50, 0x41, 0x52, 0x31];
/**
 * Parquet, one file or the partitions of a folder (Hive layout: `signal=logs/date=…/part-0.parquet`): columns
 * of OpenTelemetry's names (our own export, ClickHouse's exporter) are known, others go through a mapping.
 */
export const parquet: FileFormat = {
  id: 'parquet',
  title: 'Parquet',
  tables: COLUMNAR_TABLES,
  sniff: (head) =>
    startsWith(head, PAR1)
      ? { confidence: 0.98, why: 'It begins with PAR1, as Parquet files do.' }
      : { confidence: 0, why: '' },
  ...columnar((source, signal) => ParquetFile.open(source, signal)),
  group,
};

/** `date=2024-05-01` in a path, as Hive writes what all rows of a file have. */
const PARTITION = /^[A-Za-z_][\w-]*=[^/]*$/;

/** The files below a folder whose folders are partitions. */
function group(files: readonly ListedFile[]): Promise<readonly FileGroup[]> {
  const tables = new Map<string, string[]>();
  for (const { name } of files) {
    if (!/\.(parquet|parq)$/i.test(name)) continue;
    const folders = name.split('/').slice(0, -1);
    const at = folders.findIndex((folder) => PARTITION.test(folder));
    if (at < 0) continue;
    const root = folders.slice(0, at).join('/');
    const members = tables.get(root) ?? [];
    members.push(name);
    tables.set(root, members);
  }
  return Promise.resolve(
    [...tables].map(([root, members]) => ({
      name: root === '' ? 'partitioned table' : root,
      files: members.sort(),
      why: `${members.length} Parquet files in folders that are called as partitions are (key=value).`,
    })),
  );
}
