import type { Notice } from '../../model';
import type {
  Described,
  FormatItem,
  MappingPreview,
  ReadChoices,
  TableInDatabase,
} from '../format';
import type { ColumnFile } from './column-rows';
import { columnTable, readKnown } from './column-table';
import { describeMapped, readMapped, type MappedTable } from './mapped-table';
import type { Mapping } from './mapping';
import { guessMapping } from './mapping-guess';
import { previewMapped } from './mapping-preview';
import { OtelRows } from './otel-columns';
import { SIGNAL_OF_SHAPE, shapeOf } from './otel-names';
import { RowSink } from './rows';

/** A table of a database file; `file.name` is what the database calls it. */
export interface DatabaseTable {
  readonly file: ColumnFile;
  /** Its rows; may have to read it through. */
  readonly count: () => Promise<number>;
}

/**
 * Reads the tables of a database: those with a mapping of their own by it, those whose columns are OpenTelemetry's by
 * their names, others by a mapping (the one given, where the table is the mapping's or has all its columns; else a
 * guess). Of tables that are not read, a notice says names and rows.
 */
export async function* readDatabase(
  tables: readonly DatabaseTable[],
  signal: AbortSignal,
  choices: ReadChoices = {},
): AsyncGenerator<FormatItem> {
  const said = new Said();
  const left: DatabaseTable[] = [];
  const unwanted: DatabaseTable[] = [];
  for (const table of tables) {
    const own = choices.tables?.[table.file.name];
    if (own === null) {
      unwanted.push(table);
      continue;
    }
    const shape = own || choices.mapping ? undefined : shapeOf(table.file.columns);
    if (shape) {
      yield said.with({
        signals: [SIGNAL_OF_SHAPE[shape]],
        time: 'ns',
        zone: 'UTC',
        clock: 'whoever wrote the table',
        guessed: false,
      });
      const sink = new RowSink();
      yield* readKnown(table.file, shape, new OtelRows(sink, choices), sink, signal, true);
      yield* sink.items(true);
      continue;
    }
    if (!own && !isWanted(table, choices.mapping)) {
      left.push(table);
      continue;
    }
    const mapped = await columnTable([table.file], signal, true);
    const mapping = own ?? choices.mapping;
    if (!mapping && !guessMapping(mapped.head, mapped.name)) {
      left.push(table);
      continue;
    }
    yield said.with(describeMapped(mapped.head, mapped.name));
    yield* named(mapped, { ...choices, mapping });
  }
  for (const [those, why] of [
    [unwanted, 'unwanted'],
    [left, choices.mapping ? 'other' : 'unknown'],
  ] as const) {
    const notice = await aboutLeft(those, why);
    if (notice) yield { kind: 'notice', notice };
  }
}

/**
 * The first records of a table of a database: the one that is named, the mapping's, else the first that a mapping is
 * known for.
 */
export async function previewDatabase(
  tables: readonly DatabaseTable[],
  signal: AbortSignal,
  choices: ReadChoices = {},
): Promise<MappingPreview> {
  const { table: asked } = choices;
  if (asked !== undefined) return previewOne(tables, asked, signal, choices);
  const list = await Promise.all(tables.map((table) => fateOf(table, signal, choices)));
  const wanted = tables.filter((table) => isWanted(table, choices.mapping));
  let first: MappedTable<number> | undefined;
  for (const { file } of wanted) {
    const table = await columnTable([file], signal, true);
    first ??= table;
    if (!choices.mapping && !guessMapping(table.head, table.name)) continue;
    first = table;
    break;
  }
  if (!first) return { ...NO_TABLE, mapping: choices.mapping ?? null, tables: list };
  return { ...(await previewNamed(first, choices)), tables: list };
}

async function previewOne(
  tables: readonly DatabaseTable[],
  name: string,
  signal: AbortSignal,
  choices: ReadChoices,
): Promise<MappingPreview> {
  const table = tables.find(({ file }) => file.name === name);
  if (!table) return { ...NO_TABLE, mapping: choices.mapping ?? null };
  return previewNamed(await columnTable([table.file], signal, true), choices);
}

async function previewNamed(
  table: MappedTable<number>,
  choices: ReadChoices,
): Promise<MappingPreview> {
  const mapping = choices.mapping ?? choices.tables?.[table.name] ?? undefined;
  const preview = await previewMapped(table, { ...choices, mapping });
  const found = preview.mapping;
  return { ...preview, table: table.name, mapping: found && { ...found, table: table.name } };
}

/** What would be made of a table, whatever was decided of single ones. */
async function fateOf(
  table: DatabaseTable,
  signal: AbortSignal,
  { mapping }: ReadChoices,
): Promise<TableInDatabase> {
  const { name, columns } = table.file;
  if (mapping) {
    return isWanted(table, mapping)
      ? { name, how: 'given', signal: mapping.target }
      : { name, how: 'left', signal: '' };
  }
  const shape = shapeOf(columns);
  if (shape) return { name, how: 'known', signal: SIGNAL_OF_SHAPE[shape] };
  const { head } = await columnTable([table.file], signal, true);
  const guess = guessMapping(head, name);
  return guess ? { name, how: 'guessed', signal: guess.target } : { name, how: 'left', signal: '' };
}

const NO_TABLE: Omit<MappingPreview, 'mapping'> = {
  columns: [],
  guessed: false,
  rows: [],
  notices: [],
  missing: '',
  faults: ['the database has no table that the mapping fits'],
};

function isWanted({ file }: DatabaseTable, mapping: Mapping | undefined): boolean {
  if (!mapping) return true;
  if (mapping.table !== undefined) return mapping.table === file.name;
  const names = new Set(file.columns.map(({ name }) => name));
  const wanted = Object.values(mapping.fields).flatMap((of) => ('column' in of ? of.column : []));
  return [...wanted, ...(mapping.values ?? [])].every((name) => names.has(name));
}

/** A mapping and its notices say which table they are of. */
async function* named(
  table: MappedTable<number>,
  choices: ReadChoices,
): AsyncGenerator<FormatItem> {
  for await (const item of readMapped({ ...table, ofDatabase: true }, choices)) {
    if (item.kind !== 'notice') yield item;
    else {
      const { message, detail } = item.notice;
      const notice: Notice = {
        ...item.notice,
        message: `Table ${table.name}: ${message}`,
        detail: { ...detail, table: table.name },
      };
      yield { kind: 'notice', notice };
    }
  }
}

const NAMED = 20;

const WHY = {
  other: 'the mapping is not of them',
  unknown: 'no column is known as a time with something to it',
  unwanted: 'they are not wanted',
} as const;

async function aboutLeft(
  left: readonly DatabaseTable[],
  why: keyof typeof WHY,
): Promise<Notice | undefined> {
  const counted: string[] = [];
  for (const { file, count } of left) {
    const rows = await count();
    if (rows > 0) counted.push(`${file.name} (${rows} ${rows === 1 ? 'row' : 'rows'})`);
  }
  if (counted.length === 0) return undefined;
  const more = counted.length > NAMED ? ` and ${counted.length - NAMED} more` : '';
  const names = `${counted.slice(0, NAMED).join(', ')}${more}`;
  const help = why === 'unwanted' ? '' : ' A mapping with "table" reads one of them.';
  return {
    code: why === 'unwanted' ? 'tables-left-out' : 'tables-not-read',
    severity: why === 'unknown' ? 'warning' : 'info',
    count: counted.length,
    message: `Tables that were not read, as ${WHY[why]}: ${names}.${help}`,
  };
}

/** What the tables so far bring together. */
class Said {
  private all: Described | undefined;

  with(described: Described): FormatItem {
    const { all } = this;
    this.all = all
      ? {
          ...all,
          signals: [...new Set([...all.signals, ...described.signals])],
          time: all.time ?? described.time,
          guessed: all.guessed || described.guessed,
        }
      : described;
    return { kind: 'described', described: this.all };
  }
}
