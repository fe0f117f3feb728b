import { z } from 'zod';
import { formatRfc3339, type TimeWindow } from '../../core/base';
import {
  disjointWindows,
  type Catalog,
  type CatalogItem,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
  type Probe,
} from '../../core/connect';
import { SIGNALS, type Notice } from '../../core/model';
import { LakeClient } from './client';
import { findFiles, inOrder, type Found } from './find';
import { fileOf, isHidden, partitionsOf, type LakeFile } from './layout';
import { openFile, type OpenFile } from './open';
import { pullLake } from './pull';
import { mebibytes } from './say';
import { Tally } from './tally';

/**
 * Telemetry as Parquet in a folder or an S3 bucket: what `faultline export` writes, and tables with the columns of
 * ClickHouse's OpenTelemetry exporter or OTLP's words, in Hive's layout. Read by partitions, row groups and columns.
 */
export const lake: ConnectorFactory = {
  id: 'lake',
  title: 'Parquet lake (S3, folder)',
  signals: ['logs', 'spans', 'samples', 'alerts', 'changes', 'topology'],
  exampleUrl: 's3://telemetry/lake',
  ofFolders: true,
  fields: [],
  config: z.strictObject({}),
  open: (_, env) => open(env),
};

function open(env: ConnectorEnv): Connector {
  return {
    probe: (signal) => probe(env, signal),
    discover: (windows, signal) => discover(env, windows, signal),
    pull: (request, signal) => pullLake(env, request, signal),
  };
}

/** Everything: an instant is in it. */
const ALWAYS: readonly TimeWindow[] = [{ from: -(1n << 63n), to: (1n << 63n) - 1n }];

async function probe(env: ConnectorEnv, signal: AbortSignal): Promise<Probe> {
  const client = new LakeClient(env);
  const files = await listed(client, signal);
  const [first] = files;
  const opened = first && (await openFile(client, first, ALWAYS, new Tally(), signal));
  const version = opened?.parquet.createdBy ?? '';
  const retried = client.retries.notice();
  const notices: Notice[] = retried ? [retried] : [];
  if (!first) {
    const message = 'There are no Parquet files at this address.';
    notices.push({ code: 'nothing-there', severity: 'warning', count: 1, message });
  }
  return { product: 'Parquet lake', version, facts: factsOf(files), notices };
}

async function listed(client: LakeClient, signal: AbortSignal): Promise<readonly LakeFile[]> {
  const { objects } = await client.list('', true, signal);
  const files = objects.filter(({ key }) => !isHidden(key)).flatMap((one) => fileOf(one) ?? []);
  return [...files].sort(inOrder);
}

function factsOf(files: readonly LakeFile[]): readonly string[] {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const tables = [...new Set(files.map(({ table }) => table))];
  const layouts = new Set(
    files.map(({ key }) =>
      [...partitionsOf(key).values.keys()].map((name) => `${name}=`).join('/'),
    ),
  );
  const spans = files.flatMap(({ span }) => span ?? []);
  const starts = spans.map(({ from }) => from).sort(ascending);
  const ends = spans.map(({ to }) => to).sort(ascending);
  const [from, to] = [starts[0], ends.at(-1)];
  return [
    `${files.length} Parquet files, ${mebibytes(bytes)}`,
    ...(tables.length > 0 ? [`tables: ${tables.join(', ')}`] : []),
    ...[...layouts].map((layout) =>
      layout === '' ? 'files without partitions' : `Hive layout ${layout}`,
    ),
    ...(from !== undefined && to !== undefined
      ? [
          `${new Set(starts).size} hours or days present, ${formatRfc3339(from)} to ${formatRfc3339(to)}`,
        ]
      : []),
  ];
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Tables with their rows by the footers alone: an upper bound where a row group is only in part in a window. */
async function discover(
  env: ConnectorEnv,
  windows: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<Catalog> {
  const client = new LakeClient(env);
  const tally = new Tally();
  const wanted = disjointWindows(windows);
  const found = await findFiles(client, wanted, undefined, signal);
  const tables = new Map<string, OpenFile[]>();
  for (const file of found.files) {
    const opened = await openFile(client, file, wanted, tally, signal);
    if (opened) tables.set(file.table, [...(tables.get(file.table) ?? []), opened]);
  }
  tally.add('exports-unfinished', found.unfinished[0], found.unfinished.length);
  const items = [...tables].map(([table, files]) => itemOf(table, files));
  items.sort((a, b) => SIGNALS.indexOf(a.signal) - SIGNALS.indexOf(b.signal));
  const retried = client.retries.notice();
  return { items, notices: [...tally.notices(), leftOut(found), ...(retried ? [retried] : [])] };
}

function itemOf(table: string, files: readonly OpenFile[]): CatalogItem {
  const pieces = files.flatMap((file) => file.pieces);
  const count = pieces.reduce((sum, { group }) => sum + group.rows, 0);
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  return {
    id: table,
    title: `${table}, ${files.length} files, ${mebibytes(bytes)}`,
    signal: files[0]?.signal ?? 'logs',
    count,
    unit: pieces.every(({ inside }) => inside) ? 'rows' : 'rows at most',
    selected: true,
  };
}

function leftOut({ pruned: { files, folders } }: Found): Notice {
  const message = `${folders} folders and ${files} files are of other hours (UTC) by their path and were not looked into.`;
  return { code: 'lake-pruned', severity: 'info', count: files + folders, message };
}
