import {
  TELEMETRY,
  parseEntityId,
  type Attributes,
  type Batch,
  type ColumnData,
  type DroppedCount,
  type Notice,
} from '../../model';
import type { DroppedRecord } from '../format';
import type { SpanRow } from '../kit/rows';
import type { StoredSpan } from './store';
import type { TraceTally } from './tally';

/** Decodes traces of OTLP in its JSON encoding; `connectors/index.ts` hands it to those who ask for them. */
export type DecodeTraces = (
  signal: 'traces',
  encoding: 'json',
  body: Uint8Array,
) => {
  readonly batches: readonly Batch[];
  readonly dropped: number;
  readonly droppedExamples: readonly DroppedRecord[];
  readonly droppedAt: readonly DroppedCount[];
  readonly notices: readonly Notice[];
};

/** The spans of an OTLP answer by trace id, with what was left out of it in the tally. */
export function decodedTraces(
  { batches, droppedExamples, droppedAt, notices }: ReturnType<DecodeTraces>,
  tally: TraceTally,
): ReadonlyMap<string, readonly StoredSpan[]> {
  tally.drop(
    droppedExamples[0]?.reason,
    droppedAt.map(({ window, entityId, records }) => ({
      at: window?.from,
      service: entityId === '' ? '' : parseEntityId(entityId).name,
      records,
    })),
  );
  for (const { code, severity, count, message } of notices) {
    tally.note(code, severity, (n) => message.replace(/^\d+/, String(n)), count);
  }
  const resources = new Map<bigint, Attributes>();
  for (const batch of batches.filter(({ table }) => table === 'resources')) {
    const cells = new Cells(batch);
    for (let row = 0; row < batch.rows; row++) {
      resources.set(cells.int('resource_id', row), cells.map('attributes', row));
    }
  }
  const events = nested(batches, 'span_events', (cells, row) => ({
    ts: cells.int('ts', row),
    name: cells.text('name', row),
    attributes: cells.map('attributes', row),
  }));
  const links = nested(batches, 'span_links', (cells, row) => ({
    traceId: cells.text('linked_trace_id', row),
    spanId: cells.text('linked_span_id', row),
    attributes: cells.map('attributes', row),
  }));
  const traces = new Map<string, StoredSpan[]>();
  for (const batch of batches.filter(({ table }) => table === 'spans')) {
    const cells = new Cells(batch);
    for (let row = 0; row < batch.rows; row++) {
      const resource = resources.get(cells.int('resource_id', row)) ?? {};
      const id = cells.text('trace_id', row);
      const key = `${id} ${cells.text('span_id', row)}`;
      const of = traces.get(id) ?? [];
      traces.set(id, of);
      of.push({
        service: resource['service.name'] ?? '',
        row: { ...spanOf(cells, row, resource), events: events.get(key), links: links.get(key) },
      });
      // Of spans that share their ids, the first has what belongs to them.
      events.delete(key);
      links.delete(key);
    }
  }
  return traces;
}

function spanOf(cells: Cells, row: number, resource: Attributes): SpanRow {
  return {
    traceId: cells.text('trace_id', row),
    spanId: cells.text('span_id', row),
    parentSpanId: cells.text('parent_span_id', row),
    name: cells.text('name', row),
    kind: cells.number('kind', row),
    start: cells.int('start', row),
    duration: cells.int('duration', row),
    status: cells.number('status', row),
    statusMessage: cells.text('status_message', row),
    resource,
    attributes: cells.map('attributes', row),
  };
}

/** Rows that belong to spans, by trace and span id. */
function nested<T>(
  batches: readonly Batch[],
  table: 'span_events' | 'span_links',
  read: (cells: Cells, row: number) => T,
): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const batch of batches.filter((one) => one.table === table)) {
    const cells = new Cells(batch);
    for (let row = 0; row < batch.rows; row++) {
      const key = `${cells.text('trace_id', row)} ${cells.text('span_id', row)}`;
      const of = found.get(key) ?? [];
      found.set(key, of);
      of.push(read(cells, row));
    }
  }
  return found;
}

/** Cells of a batch by column name. */
class Cells {
  private readonly columns: ReadonlyMap<string, ColumnData>;

  constructor(batch: Batch) {
    const names = Object.keys(TELEMETRY[batch.table]);
    this.columns = new Map(batch.columns.map((column, i) => [names[i] ?? '', column]));
  }

  text(name: string, row: number): string {
    const column = this.columns.get(name);
    return column?.type === 'utf8' ? (column.data[row] ?? '') : '';
  }

  int(name: string, row: number): bigint {
    const column = this.columns.get(name);
    return column?.type === 'i64' ? (column.data[row] ?? 0n) : 0n;
  }

  number(name: string, row: number): number {
    const column = this.columns.get(name);
    return column?.type === 'i32' ? (column.data[row] ?? 0) : 0;
  }

  map(name: string, row: number): Attributes {
    const column = this.columns.get(name);
    if (column?.type !== 'map') return {};
    const { offsets, keys, values } = column.data;
    const out: Record<string, string> = {};
    for (let at = offsets[row] ?? 0; at < (offsets[row + 1] ?? 0); at++) {
      out[keys[at] ?? ''] = values[at] ?? '';
    }
    return out;
  }
}
