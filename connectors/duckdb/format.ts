import { FaultlineError, asFaultlineError, throwIfAborted } from '../../core/base';
import {
  COLUMNAR_TABLES,
  peekSource,
  previewDatabase,
  readDatabase,
  type ByteSource,
  type FileFormat,
  type FormatItem,
  type OpenDatabase,
  type OpenedDatabase,
  type ReadChoices,
} from '../../core/connect';
import { listTables, type Listing } from './tables';

const MAGIC_AT = 8;
const MAGIC = [0x44, 0x55, 0x43, 0x4b];
const HEAD = 64;

const isDuckdb = (bytes: Uint8Array): boolean =>
  MAGIC.every((byte, at) => bytes[MAGIC_AT + at] === byte);

/** DuckDB database files, read by the engine itself: nothing else knows how they are stored. */
export const duckdb: FileFormat = {
  id: 'duckdb',
  title: 'DuckDB database',
  tables: COLUMNAR_TABLES,
  sniff: ({ bytes }) =>
    isDuckdb(bytes)
      ? { confidence: 0.98, why: 'It has DUCK at byte 8, as DuckDB databases do.' }
      : { confidence: 0, why: '' },
  describe: () => ({
    signals: [],
    time: null,
    zone: 'unknown',
    clock: 'whoever wrote the tables',
    guessed: true,
  }),
  read,
  preview: async (source, signal, choices, tools) => {
    const { database, listing } = await open(source, signal, tools?.openDatabase);
    try {
      return await previewDatabase(listing.tables, signal, choices);
    } finally {
      await database.close();
    }
  },
};

async function* read(
  source: ByteSource,
  signal: AbortSignal,
  choices?: ReadChoices,
  tools?: { readonly openDatabase?: OpenDatabase },
): AsyncGenerator<FormatItem> {
  const { database, listing } = await open(source, signal, tools?.openDatabase);
  try {
    const { views, tables } = listing;
    if (views.length > 0) {
      const message = `Views are not read, only tables: ${views.slice(0, 20).join(', ')}.`;
      const notice = { code: 'views-not-read', severity: 'info', count: views.length, message };
      yield { kind: 'notice', notice: { ...notice, severity: 'info' } };
    }
    if (source.path === undefined) yield { kind: 'notice', notice: ALONE };
    yield* readDatabase(tables, signal, choices);
  } finally {
    await database.close();
  }
}

const ALONE = {
  code: 'log-not-given',
  severity: 'info',
  count: 1,
  message:
    'What a program wrote last may stand in a .wal file beside the database, which is not read here. CHECKPOINT writes it into the database.',
} as const;

async function open(
  source: ByteSource,
  signal: AbortSignal,
  openDatabase: OpenDatabase | undefined,
): Promise<{ readonly database: OpenedDatabase; readonly listing: Listing }> {
  throwIfAborted(signal);
  const { start } = await peekSource(source, signal, HEAD, (_, length) => length >= HEAD);
  if (!isDuckdb(start)) throw damaged(source, 'it does not begin as one');
  if (!openDatabase) throw new FaultlineError('internal', 'There is no engine to read DuckDB.');
  let database: OpenedDatabase;
  try {
    database = await openDatabase(source, signal);
  } catch (error) {
    throwIfAborted(signal);
    throw whyNotOpened(source, error, start);
  }
  try {
    const listing = await listTables(database, signal);
    if (listing.isCase) {
      const message = `${source.name} is a Faultline case, not a file to import: open it as a case.`;
      throw new FaultlineError('format/unknown', message);
    }
    return { database, listing };
  } catch (error) {
    await database.close();
    throwIfAborted(signal);
    const known = asFaultlineError(error);
    throw known.code === 'format/unknown' ? known : damaged(source, known.message);
  }
}

function whyNotOpened(source: ByteSource, error: unknown, start: Uint8Array): FaultlineError {
  const known = asFaultlineError(error);
  switch (known.code) {
    case 'case/newer-version': {
      const version = new DataView(start.buffer, start.byteOffset).getBigUint64(12, true);
      return new FaultlineError(
        'format/unknown',
        `${source.name} was written by a newer DuckDB than the one in here (storage version ${version}). Write its tables to Parquet (COPY … TO 'x.parquet') or the database anew with STORAGE_VERSION 'v1.0.0'.`,
      );
    }
    case 'case/locked':
      return new FaultlineError(
        'format/unknown',
        `${source.name} is open in another program. Close it there, or copy it.`,
      );
    case 'case/truncated':
    case 'case/not-a-case':
      return damaged(source, 'its blocks can not be read');
    default:
      return known;
  }
}

function damaged({ name }: ByteSource, why: string): FaultlineError {
  return new FaultlineError(
    'format/damaged',
    `${name} is no whole DuckDB database: ${why.slice(0, 200)}.`,
  );
}
