import type { Notice, Signal } from '../../model';
import type { Described, FormatItem, ReadChoices } from '../format';
import { mappingWords, type Mapping } from './mapping';
import { guessMapping, type TableHead } from './mapping-guess';
import { MappedRows } from './mapping-rows';
import { cellText, type RecordShape } from './mapping-shape';
import { isSecretName } from './redact';
import { readRecords, type RawRecord, type RecordBlock } from './records';
import { RowSink } from './rows';
import { guessTimeUnit } from './times';

/** A table that is read by a mapping: its start, its records, and how a record's columns are found. */
export interface MappedTable<R> {
  readonly name: string;
  readonly head: TableHead;
  readonly shape: RecordShape<R>;
  readonly blocks: AsyncIterable<RecordBlock<R>>;
  /** One of several in its file: its mapping says which. */
  readonly ofDatabase?: boolean;
  /** Why a record is none of the table's; '' where it is one. */
  readonly fault?: (record: R) => string;
}

/** Reads a table by the mapping that was given, else by a guess that a notice tells; without either, all is dropped. */
export async function* readMapped<R>(
  table: MappedTable<R>,
  choices: ReadChoices = {},
): AsyncGenerator<FormatItem> {
  const sink = new RowSink();
  const given = choices.mapping;
  const found = given ?? guessMapping(table.head, table.name);
  if (!found) {
    yield* unmapped(table, sink);
    return;
  }
  const mapping = table.ofDatabase ? { ...found, table: table.name } : found;
  yield { kind: 'mapped', mapping, guessed: given === undefined };
  const rows = new MappedRows(mapping, table.shape, sink, choices);
  if (rows.missingColumns !== '') {
    yield { kind: 'notice', notice: missingNotice(rows.missingColumns) };
  }
  const { fault } = table;
  yield* readRecords(withoutSecrets(table), {
    sink,
    signal: mapping.target,
    add: (record) => fault?.(record) || rows.add(record),
    place: (record) => (fault?.(record) ? {} : rows.place(record)),
  });
  yield { kind: 'notice', notice: mappingNotice(mapping, given === undefined) };
}

async function* unmapped<R>(table: MappedTable<R>, sink: RowSink): AsyncGenerator<FormatItem> {
  const columns = table.head.columns
    .filter((name) => name !== '')
    .slice(0, 20)
    .join(', ');
  const reason = `no column is known as a time with something to it: give a mapping`;
  if (columns !== '') {
    const message = `It is not known what the columns mean (${columns}). Choose what is what, or give a mapping.`;
    yield {
      kind: 'notice',
      notice: { code: 'mapping-needed', severity: 'warning', count: 1, message },
    };
  }
  yield* readRecords(withoutSecrets(table), { sink, signal: 'logs', add: () => reason });
}

function missingNotice(columns: string): Notice {
  const message = `The table has no columns ${columns}, which the mapping names; they were read as empty.`;
  return { code: 'mapped-columns-missing', severity: 'warning', count: 1, message };
}

function mappingNotice(mapping: Mapping, guessed: boolean): Notice {
  const words = mappingWords(mapping);
  const rest = mapping.rest ?? (mapping.target === 'samples' ? 'leave' : 'attributes');
  const others =
    rest === 'leave' ? 'Other columns were left out.' : 'Other columns are attributes.';
  return {
    code: guessed ? 'columns-guessed' : 'columns-mapped',
    severity: guessed ? 'warning' : 'info',
    count: 1,
    message: guessed
      ? `Read as ${mapping.target} by the names and contents of the columns: ${words}. ${others} Choose another mapping if that is wrong.`
      : `Read as ${mapping.target} by a mapping: ${words}. ${others}`,
    detail: { mapping: JSON.stringify(mapping) },
  };
}

/** The text of a dropped record is shown: not where a column is called as a secret is. */
async function* withoutSecrets<R>({
  head,
  blocks,
}: MappedTable<R>): AsyncGenerator<RecordBlock<R>> {
  if (!head.columns.some(isSecretName)) {
    yield* blocks;
    return;
  }
  const hidden = 'not shown: a column of the table is called as secrets are';
  for await (const block of blocks) {
    const records = block.records.map((record): RawRecord<R> => ({ ...record, text: hidden }));
    yield { ...block, records };
  }
}

/** What a table would bring, as the dry run shows it. */
export function describeMapped(
  head: TableHead,
  name: string,
  clock = 'whoever wrote the table',
): Described {
  const mapping = guessMapping(head, name);
  const signals: readonly Signal[] = mapping ? [mapping.target] : [];
  const time = mapping?.fields['time'];
  const at = time && 'column' in time ? head.columns.indexOf(time.column) : -1;
  const sample = head.rows.map((row) => cellText(row[at])).find((text) => text !== '') ?? '';
  if (at < 0) return { signals, time: null, zone: 'unknown', clock, guessed: true };
  if (/^-?\d{9,20}(\.\d+)?$/.test(sample)) {
    const unit = guessTimeUnit(Number(sample)) ?? null;
    return { signals, time: unit, zone: 'UTC', clock, guessed: true };
  }
  const stated = /(Z|UTC|GMT|[+-]\d\d:?\d\d)$/i.test(sample);
  return { signals, time: 'text', zone: stated ? 'stated' : 'unknown', clock, guessed: true };
}
