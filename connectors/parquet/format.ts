import {
  COLUMNAR_TABLES,
  ParquetFile,
  type FileFormat,
  type FileGroup,
  type Head,
  type ListedFile,
} from '../../core/connect';
import { ArrowFile } from './arrow';
import { columnar } from './columnar';

const startsWith = ({ bytes }: Head, magic: readonly number[]): boolean =>
  bytes.length > magic.length && magic.every((byte, at) => bytes[at] === byte);

const PAR1 = [0x50, 0x41, 0x52, 0x31];
/** "ARROW1" and two bytes of padding. */
const ARROW1 = [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31, 0, 0];

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

/** Arrow's IPC format, file (Feather) and stream, plain or compressed, with the same columns as Parquet. */
export const arrowIpc: FileFormat = {
  id: 'arrow-ipc',
  title: 'Arrow IPC',
  tables: COLUMNAR_TABLES,
  sniff(head) {
    if (startsWith(head, ARROW1)) {
      return { confidence: 0.98, why: 'It begins with ARROW1, as Arrow files do.' };
    }
    return isStream(head)
      ? { confidence: 0.95, why: 'It begins with the schema of an Arrow stream.' }
      : { confidence: 0, why: '' };
  },
  ...columnar((source, signal) => ArrowFile.open(source, signal)),
};

/** A continuation mark, a length of metadata that is a multiple of 8, and a flatbuffer's root after it. */
function isStream({ bytes }: Head): boolean {
  if (bytes.length < 16) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getInt32(4, true);
  const root = view.getUint32(8, true);
  return (
    view.getUint32(0, true) === 0xffffffff &&
    length > 16 &&
    length % 8 === 0 &&
    length < 16 << 20 &&
    root >= 4 &&
    root < length
  );
}

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
