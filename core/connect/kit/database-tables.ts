import type { Notice } from '../../model';
import type { Described, FormatItem, MappingPreview, ReadChoices } from '../format';
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
 * Reads the tables of a database: those whose columns are OpenTelemetry's by their names, others by a mapping
 * (the one given, where the table is the mapping's or has all its columns; else a guess). Of tables that are
 * not read, a notice says names and rows.
 */
export async function* readDatabase(
  tables: readonly DatabaseTable[],
  signal: AbortSignal,
  choices: ReadChoices = {},
): AsyncGenerator<FormatItem> {
  const said = new Said();
  const left: DatabaseTable[] = [];
  for (const table of tables) {
    const shape = choices.mapping ? undefined : shapeOf(table.file.columns);
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
    if (!isWanted(table, choices.mapping)) {
      left.push(table);
      continue;
    }
    const mapped = await columnTable([table.file], signal, true);
    if (!choices.mapping && !guessMapping(mapped.head, mapped.name)) {
      left.push(table);
      continue;
    }
    yield said.with(describeMapped(mapped.head, mapped.name));
    yield* named(mapped, choices);
  }
  const notice = await aboutLeft(left, choices.mapping !== undefined);
  if (notice) yield { kind: 'notice', notice };
}

/** The first records of a table of a database: the mapping's, else the first that a mapping is known for. */
export async function previewDatabase(
  tables: readonly DatabaseTable[],
  signal: AbortSignal,
  choices: ReadChoices = {},
): Promise<MappingPreview> {
  const wanted = tables.filter((table) => isWanted(table, choices.mapping));
  let first: MappedTable<number> | undefined;
  for (const { file } of wanted) {
    const table = await columnTable([file], signal, true);
    first ??= table;
    if (!choices.mapping && !guessMapping(table.head, table.name)) continue;
    first = table;
    break;
  }
  if (!first) return { ...NO_TABLE, mapping: choices.mapping ?? null };
  const preview = await previewMapped(first, choices);
  const { mapping } = preview;
  return { ...preview, mapping: mapping && { ...mapping, table: first.name } };
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

async function aboutLeft(
  left: readonly DatabaseTable[],
  given: boolean,
): Promise<Notice | undefined> {
  const counted: string[] = [];
  for (const { file, count } of left) {
    const rows = await count();
    if (rows > 0) counted.push(`${file.name} (${rows} ${rows === 1 ? 'row' : 'rows'})`);
  }
  if (counted.length === 0) return undefined;
  const more = counted.length > NAMED ? ` and ${counted.length - NAMED} more` : '';
  const why = given
    ? 'the mapping is not of them'
    : 'no column is known as a time with something to it';
  return {
    code: 'tables-not-read',
    severity: given ? 'info' : 'warning',
    count: counted.length,
    message: `Tables that were not read, as ${why}: ${counted.slice(0, NAMED).join(', ')}${more}. A mapping with "table" reads one of them.`,
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
