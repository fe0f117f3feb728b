import { formatRfc3339 } from '../../base';
import { TELEMETRY, type Attributes, type Batch, type Notice } from '../../model';
import type { MappingPreview, PreviewRow, ReadChoices } from '../format';
import type { MappedTable } from './mapped-table';
import { faultsOf } from './mapping';
import { guessMapping } from './mapping-guess';
import { MappedRows } from './mapping-rows';
import { cellText } from './mapping-shape';
import { isSecretName, redactText } from './redact';
import { RowSink } from './rows';

const EXAMPLES = 3;
const EXAMPLE_LENGTH = 60;

/** The first records of a table as they would be by a mapping, the guess where none is given. */
export async function previewMapped<R>(
  table: MappedTable<R>,
  choices: ReadChoices = {},
  limit = 20,
): Promise<MappingPreview> {
  const { head, name, shape, fault } = table;
  const mapping = choices.mapping ?? guessMapping(head, name);
  const seen = new Seen();
  const faults = mapping ? faultsOf(mapping) : [];
  const rows =
    mapping && faults.length === 0 ? new MappedRows(mapping, shape, seen.sink, choices) : undefined;
  const out: PreviewRow[] = [];
  for await (const { records } of table.blocks) {
    for (const record of records.slice(0, limit - out.length)) {
      const reason = !('value' in record)
        ? record.reason
        : fault?.(record.value) || (rows ? rows.add(record.value) : '');
      out.push({ where: record.where, fields: seen.take(), reason });
    }
    if (out.length >= limit) break;
  }
  return {
    columns: head.columns.flatMap((column, at) =>
      column === '' ? [] : [examplesOf(column, head.rows, at)],
    ),
    mapping: mapping ?? null,
    guessed: choices.mapping === undefined,
    rows: rows ? out : [],
    faults,
    notices: seen.notices,
    missing: rows?.missingColumns ?? '',
  };
}

function examplesOf(name: string, rows: readonly (readonly unknown[])[], at: number) {
  if (isSecretName(name)) return { name, examples: ['not shown'] };
  const texts = rows.map((row) => cellText(row[at]).trim()).filter((text) => text !== '');
  const examples = [...new Set(texts)].slice(0, EXAMPLES);
  return { name, examples: examples.map((text) => redactText(text).slice(0, EXAMPLE_LENGTH)) };
}

/** Takes what a record became out of the sink, as texts. */
class Seen {
  readonly sink = new RowSink();
  readonly notices: Notice[] = [];
  private readonly resources = new Map<bigint, Attributes>();
  private readonly series = new Map<
    bigint,
    { metric: string; labels: Attributes; resource: bigint }
  >();

  take(): readonly (readonly [string, string])[] {
    const fields: (readonly [string, string])[] = [];
    for (const item of this.sink.items(true)) {
      if (item.kind === 'notice') this.notice(item.notice);
      if (item.kind !== 'batch') continue;
      for (let row = 0; row < item.batch.rows; row++) fields.push(...this.row(item.batch, row));
    }
    const named = new Map<string, string>();
    for (const [name, text] of fields) if (text !== '' && !named.has(name)) named.set(name, text);
    return [...named];
  }

  /** Notices are taken after each record: their counts add up. */
  private notice(notice: Notice): void {
    if (!this.notices.some(({ code }) => code === notice.code)) this.notices.push(notice);
  }

  private row({ table, columns }: Batch, row: number): readonly (readonly [string, string])[] {
    const cells = new Map(
      Object.keys(TELEMETRY[table]).map((name, at) => [name, cellOf(columns[at], row)]),
    );
    const id = (name: string): bigint => cells.get(name)?.id ?? 0n;
    const map = (name: string): Attributes => cells.get(name)?.map ?? {};
    if (table === 'resources') this.resources.set(id('resource_id'), map('attributes'));
    if (table === 'metric_series') {
      const metric = cells.get('metric')?.text ?? '';
      const resource = id('resource_id');
      this.series.set(id('series_id'), { metric, labels: map('labels'), resource });
    }
    if (table === 'resources' || table === 'metric_series') return [];
    if (table === 'samples') return this.sample(id('series_id'), cells);
    const resource = Object.entries(this.resources.get(id('resource_id')) ?? {});
    return [...cells].flatMap(([name, cell]) => {
      if (name === 'resource_id') return resource;
      if (cell.map) return Object.entries(cell.map);
      if (cell.text === '0' && NUMBERED.has(name)) return [];
      return [[name, TIMES.has(name) ? timeText(cell.id) : cell.text] as const];
    });
  }

  private sample(series: bigint, cells: ReadonlyMap<string, Cell>) {
    const { metric = '', labels = {}, resource = 0n } = this.series.get(series) ?? {};
    return [
      ['time', timeText(cells.get('ts')?.id)] as const,
      [metric, cells.get('value')?.text ?? ''] as const,
      ...Object.entries(this.resources.get(resource) ?? {}),
      ...Object.entries(labels),
    ];
  }
}

interface Cell {
  readonly text: string;
  readonly id?: bigint;
  readonly map?: Attributes;
}

function cellOf(column: Batch['columns'][number] | undefined, row: number): Cell {
  switch (column?.type) {
    case 'map': {
      const { offsets, keys, values } = column.data;
      const map: Record<string, string> = {};
      for (let i = offsets[row] ?? 0; i < (offsets[row + 1] ?? 0); i++)
        map[keys[i] ?? ''] = values[i] ?? '';
      return { text: '', map };
    }
    case 'i64':
      if (column.valid?.[row] === 0) return { text: '' };
      return { text: String(column.data[row]), id: column.data[row] };
    case 'i32':
    case 'f64':
      return { text: column.valid?.[row] === 0 ? '' : String(column.data[row]) };
    case 'utf8':
      return { text: column.data[row] ?? '' };
    default:
      return { text: '' };
  }
}

/** 0 of these says nothing. */
const NUMBERED = new Set(['severity', 'kind', 'status']);
const TIMES = new Set(['ts', 'observed_ts', 'starts_at', 'ends_at', 'start']);
const timeText = (ns: bigint | undefined): string => (ns === undefined ? '' : formatRfc3339(ns));
