import {
  COLUMNAR_TABLES,
  previewDatabase,
  readDatabase,
  type ByteSource,
  type FileFormat,
  type FileGroup,
  type FormatItem,
  type Head,
  type ListedFile,
  type ReadChoices,
} from '../../core/connect';
import type { Notice } from '../../core/model';
import { openDatabase, type SqliteDatabase } from './database';
import { headerOf, type Pages } from './pages';
import { isWal } from './wal';

const MAGIC = 'SQLite format 3\0';

/**
 * SQLite databases (sqlite.org/fileformat2.html), read page by page: tables through a mapping, with what the
 * write-ahead log beside has committed.
 */
export const sqlite: FileFormat = {
  id: 'sqlite',
  title: 'SQLite database',
  tables: COLUMNAR_TABLES,
  sniff: (head) =>
    head.text.startsWith(MAGIC) && headerOf(head.bytes)
      ? { confidence: 0.98, why: 'It begins with "SQLite format 3".' }
      : { confidence: 0, why: '' },
  describe: () => ({
    signals: [],
    time: null,
    zone: 'unknown',
    clock: 'whoever wrote the tables',
    guessed: true,
  }),
  read,
  preview: async (source, signal, choices) => {
    const { tables } = await open(source, signal);
    return previewDatabase(tables, signal, choices);
  },
  group,
};

function open(source: ByteSource, signal: AbortSignal): Promise<SqliteDatabase> {
  const [file, wal] = source.parts ?? [source];
  return openDatabase(file ?? source, wal, signal);
}

async function* read(
  source: ByteSource,
  signal: AbortSignal,
  choices?: ReadChoices,
): AsyncGenerator<FormatItem> {
  const database = await open(source, signal);
  for (const notice of noticesOf(database, (source.parts ?? []).length > 1)) {
    yield { kind: 'notice', notice };
  }
  yield* readDatabase(database.tables, signal, choices);
}

function noticesOf(
  { pages, tables, others, broken }: SqliteDatabase,
  withLog: boolean,
): readonly Notice[] {
  const notices = [...aboutPages(pages, withLog)];
  const [first] = broken;
  if (first !== undefined) {
    notices.push(
      warning(
        'schema-damaged',
        broken.length,
        `Of the schema, which lists the tables, ${first}; tables may be missing.`,
      ),
    );
  }
  if (others.length > 0) {
    const list = others.map(({ name, why }) => `${name} (${why})`).join(', ');
    notices.push(
      warning('tables-unreadable', others.length, `Tables that can not be read: ${list}.`),
    );
  }
  const computed = tables.filter((table) => table.computed > 0);
  if (computed.length > 0) {
    const names = computed.map(({ file }) => file.name).join(', ');
    notices.push({
      code: 'columns-computed',
      severity: 'info',
      count: computed.reduce((sum, table) => sum + table.computed, 0),
      message: `Generated columns that are not stored were left out (${names}).`,
    });
  }
  return notices;
}

function aboutPages(pages: Pages, withLog: boolean): readonly Notice[] {
  const { header, count, fromLog } = pages;
  const notices: Notice[] = [];
  if (header.pages !== undefined && header.pages > count && fromLog === 0) {
    const message = `The file has ${count} of the ${header.pages} pages that its header counts: it was cut, or copied while it was written.`;
    notices.push(warning('file-cut', header.pages - count, message));
  }
  if (header.wal && !withLog) {
    notices.push({
      code: 'log-not-given',
      severity: 'info',
      count: 1,
      message:
        'The database keeps what was written last in a file beside it (-wal). Where there is one, give both together: without it, what it holds is missing.',
    });
  }
  if (fromLog > 0) {
    const message = `${fromLog} pages were read as the write-ahead log beside the database has them.`;
    notices.push({ code: 'log-read', severity: 'info', count: fromLog, message });
  }
  return notices;
}

const warning = (code: string, count: number, message: string): Notice => ({
  code,
  severity: 'warning',
  count,
  message,
});

/** A database with its write-ahead log; the index of the log (-shm) has nothing of its own. */
async function group(files: readonly ListedFile[]): Promise<readonly FileGroup[]> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const groups: FileGroup[] = [];
  for (const file of files) {
    const log = byName.get(`${file.name}-wal`);
    if (!log || !isDatabase(await file.head()) || !isWal((await log.head()).bytes)) continue;
    const index = byName.get(`${file.name}-shm`);
    groups.push({
      name: file.name,
      files: [file.name, log.name, ...(index ? [index.name] : [])],
      why: 'A SQLite database with its write-ahead log.',
    });
  }
  return groups;
}

const isDatabase = ({ text }: Head): boolean => text.startsWith(MAGIC);
