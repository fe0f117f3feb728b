import type { TimeWindow } from '../../base';
import {
  TELEMETRY,
  type Batch,
  type ColumnData,
  type ListData,
  type MapData,
  type Signal,
  type TelemetryTable,
} from '../../model';

const TIME: Readonly<Partial<Record<TelemetryTable, string>>> = {
  logs: 'ts',
  spans: 'start',
  samples: 'ts',
  histogram_samples: 'ts',
  exemplars: 'ts',
  alerts: 'starts_at',
  changes: 'ts',
};

/** What `rowsWithin` has to say of the rows that carry a signal. */
export interface RowsSeen {
  readonly signal: Signal;
  /** Rows in each window, those of them that are kept, and rows in none. */
  readonly within: readonly number[];
  readonly kept: readonly number[];
  readonly outside: number;
}

const COUNTED: Readonly<Partial<Record<TelemetryTable, Signal>>> = {
  logs: 'logs',
  spans: 'spans',
  samples: 'samples',
  histogram_samples: 'samples',
  alerts: 'alerts',
  changes: 'changes',
};

/** Which rows of a batch are wanted; undefined for all. */
export type Wanted = (batch: Batch) => ((row: number) => boolean) | undefined;

export interface WithinOptions {
  readonly wanted?: Wanted;
  /** Rows outside of the windows are counted and come, too. */
  readonly everything?: boolean;
}

/**
 * Of batches that belong together the rows whose own time is in one of the windows (in order, disjoint), with the
 * resources and series that they name, and how many rows there were. Events and links of a span stay with it. Of rows
 * within the windows those come that are `wanted`.
 */
export function rowsWithin(
  batches: readonly Batch[],
  windows: readonly TimeWindow[],
  { wanted = () => undefined, everything = false }: WithinOptions = {},
): { readonly batches: readonly Batch[]; readonly seen: readonly RowsSeen[] } {
  const seen = new Map<Signal, Counts>();
  const gone = new Set<string>();
  let all = true;
  const kept = batches.map((batch) => {
    const times = batchColumn(batch, TIME[batch.table]);
    const signal = COUNTED[batch.table];
    if (times?.type !== 'i64') return batch;
    const counts = signal && (seen.get(signal) ?? countsOf(windows.length));
    if (signal && counts) seen.set(signal, counts);
    const keep = indexesWithin(times.data, windows, {
      counts,
      wanted: wanted(batch),
      everything,
    });
    if (keep.length === batch.rows) return batch;
    all = false;
    if (batch.table === 'spans') noteGone(batch, keep, gone);
    return pickRows(batch, keep);
  });
  const rows = [...seen].map(([signal, counts]) => ({ signal, ...counts }));
  return { batches: all ? batches : withoutOrphans(kept, gone), seen: rows };
}

interface Counts {
  readonly within: number[];
  readonly kept: number[];
  outside: number;
}

const countsOf = (windows: number): Counts => ({
  within: new Array<number>(windows).fill(0),
  kept: new Array<number>(windows).fill(0),
  outside: 0,
});

function indexesWithin(
  times: BigInt64Array,
  windows: readonly TimeWindow[],
  {
    counts,
    wanted,
    everything,
  }: {
    readonly counts: Counts | undefined;
    readonly wanted: ReturnType<Wanted>;
    readonly everything: boolean;
  },
): Int32Array {
  const keep = new Int32Array(times.length);
  let n = 0;
  for (let i = 0; i < times.length; i++) {
    const ts = times[i] ?? 0n;
    const at = windows.findIndex(({ from, to }) => ts >= from && ts < to);
    const come = (at >= 0 || everything) && (!wanted || wanted(i));
    if (come) keep[n++] = i;
    if (!counts) continue;
    if (at < 0) counts.outside++;
    else counts.within[at] = (counts.within[at] ?? 0) + 1;
    if (come && at >= 0) counts.kept[at] = (counts.kept[at] ?? 0) + 1;
  }
  return keep.subarray(0, n);
}

/** A column of a batch by its name. */
export function batchColumn(batch: Batch, name: string | undefined): ColumnData | undefined {
  if (name === undefined) return undefined;
  return batch.columns[Object.keys(TELEMETRY[batch.table]).indexOf(name)];
}

function textsOf(batch: Batch, name: string): readonly (string | null)[] {
  const column = batchColumn(batch, name);
  return column?.type === 'utf8' ? column.data : [];
}

function noteGone(spans: Batch, keep: Int32Array, gone: Set<string>): void {
  const traces = textsOf(spans, 'trace_id');
  const ids = textsOf(spans, 'span_id');
  let next = 0;
  for (let i = 0; i < spans.rows; i++) {
    if (keep[next] === i) next++;
    else gone.add(`${traces[i]} ${ids[i]}`);
  }
}

/** Without events and links of spans that are gone, and then without resources and series that nothing names. */
function withoutOrphans(batches: readonly Batch[], gone: ReadonlySet<string>): readonly Batch[] {
  const whole = batches.map((batch) =>
    batch.table === 'span_events' || batch.table === 'span_links'
      ? pickWhere(batch, (i) => {
          const trace = textsOf(batch, 'trace_id')[i];
          return !gone.has(`${trace} ${textsOf(batch, 'span_id')[i]}`);
        })
      : batch,
  );
  const withSeries = onlyNamed(whole, 'metric_series', 'series_id');
  const named = onlyNamed(withSeries, 'resources', 'resource_id');
  return named.filter(({ rows }) => rows > 0);
}

function onlyNamed(
  batches: readonly Batch[],
  table: TelemetryTable,
  column: string,
): readonly Batch[] {
  const named = new Set<bigint>();
  for (const batch of batches) {
    const ids = batch.table === table ? undefined : batchColumn(batch, column);
    if (ids?.type === 'i64') for (const id of ids.data) named.add(id);
  }
  return batches.map((batch) => {
    const ids = batch.table === table ? batchColumn(batch, column) : undefined;
    return ids?.type === 'i64' ? pickWhere(batch, (i) => named.has(ids.data[i] ?? 0n)) : batch;
  });
}

function pickWhere(batch: Batch, wanted: (i: number) => boolean): Batch {
  const keep = new Int32Array(batch.rows);
  let n = 0;
  for (let i = 0; i < batch.rows; i++) if (wanted(i)) keep[n++] = i;
  return n === batch.rows ? batch : pickRows(batch, keep.subarray(0, n));
}

/** The rows of a batch at these indexes, in this order. */
function pickRows(batch: Batch, keep: Int32Array): Batch {
  const columns = batch.columns.map((column) => pickColumn(column, keep));
  return { table: batch.table, rows: keep.length, columns };
}

function pickColumn(column: ColumnData, keep: Int32Array): ColumnData {
  switch (column.type) {
    case 'i32':
      return {
        ...column,
        data: picked(column.data, keep, new Int32Array(keep.length)),
        ...validOf(column, keep),
      };
    case 'i64':
      return {
        ...column,
        data: picked(column.data, keep, new BigInt64Array(keep.length)),
        ...validOf(column, keep),
      };
    case 'f64':
      return {
        ...column,
        data: picked(column.data, keep, new Float64Array(keep.length)),
        ...validOf(column, keep),
      };
    case 'bool':
      return {
        ...column,
        data: picked(column.data, keep, new Uint8Array(keep.length)),
        ...validOf(column, keep),
      };
    case 'utf8':
      return { type: 'utf8', data: Array.from(keep, (i) => column.data[i] ?? null) };
    case 'map':
      return { type: 'map', data: pickMap(column.data, keep) };
    case 'f64[]':
      return { type: 'f64[]', data: pickList(column.data, keep, (n) => new Float64Array(n)) };
    case 'i64[]':
      return { type: 'i64[]', data: pickList(column.data, keep, (n) => new BigInt64Array(n)) };
  }
}

function picked<A extends { [i: number]: T }, T>(
  data: { readonly [i: number]: T },
  keep: Int32Array,
  out: A,
): A {
  let n = 0;
  for (const row of keep) out[n++] = data[row] as T;
  return out;
}

function validOf(
  column: { readonly valid?: Uint8Array },
  keep: Int32Array,
): { valid?: Uint8Array } {
  return column.valid ? { valid: picked(column.valid, keep, new Uint8Array(keep.length)) } : {};
}

function pickMap({ offsets, keys, values }: MapData, keep: Int32Array): MapData {
  const ends = new Int32Array(keep.length + 1);
  const outKeys: string[] = [];
  const outValues: string[] = [];
  let n = 0;
  for (const row of keep) {
    const end = offsets[row + 1] ?? 0;
    for (let at = offsets[row] ?? 0; at < end; at++) {
      outKeys.push(keys[at] ?? '');
      outValues.push(values[at] ?? '');
    }
    ends[++n] = outKeys.length;
  }
  return { offsets: ends, keys: outKeys, values: outValues };
}

function pickList<A extends Float64Array | BigInt64Array>(
  { offsets, items }: ListData<A>,
  keep: Int32Array,
  make: (n: number) => A,
): ListData<A> {
  const ends = new Int32Array(keep.length + 1);
  let length = 0;
  let n = 0;
  for (const row of keep) {
    length += (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
    ends[++n] = length;
  }
  const out = make(length);
  for (let i = 0; i < keep.length; i++) {
    const row = keep[i] ?? 0;
    out.set(items.subarray(offsets[row], offsets[row + 1]) as never, ends[i]);
  }
  return { offsets: ends, items: out };
}
