import { createRng, type Rng } from '../base';
import type { Attributes, Batch, ColumnData, MapData, TelemetryTable } from '../model';
import { TELEMETRY } from '../model';
import { i64, maps, recordAt } from './columns';

/** A source whose clock goes its own way. */
export interface SkewedSource {
  readonly name: string;
  /** ns that its clock is ahead at the beginning. */
  readonly offset: number;
  /** Parts in a million by which it goes faster. */
  readonly driftPpm?: number;
  /** Standard deviation of each time that it stamps, ns. */
  readonly jitter?: number;
}

export interface SkewOptions {
  readonly sources: readonly SkewedSource[];
  readonly seed: number;
  /** Since when clocks drift, ns. */
  readonly from: bigint;
  /** Which sources tell of rows of a table that a resource sent: their places in `sources`. */
  readonly assign: (table: TelemetryTable, resource: Attributes) => readonly number[];
}

const TIMES: ReadonlySet<string> = new Set(['ts', 'observed_ts', 'start', 'starts_at', 'ends_at']);

/**
 * The batches of a simulation as several sources would tell of them, each by its own clock: the truth for what
 * estimates the offsets between clocks. Spans go without their events and links.
 */
export function skewClocks(
  batches: Iterable<Batch>,
  { sources, seed, from, assign }: SkewOptions,
): readonly (readonly Batch[])[] {
  const out = sources.map((): Batch[] => []);
  const rngs = sources.map(({ name }) => createRng(`${seed}/${name}`));
  const resources = new Map<bigint, Attributes>();
  const resourceOf = new Map<bigint, bigint>();
  for (const batch of batches) {
    const { table } = batch;
    if (table === 'span_events' || table === 'span_links') continue;
    if (table === 'resources') learn(batch, resources);
    if (table === 'metric_series') learnSeries(batch, resourceOf);
    const senders = sendersOf(batch, resourceOf);
    for (const [at, source] of sources.entries()) {
      const mine = (i: number): boolean =>
        !senders || assign(table, resources.get(senders[i] ?? 0n) ?? {}).includes(at);
      const rows = Array.from({ length: batch.rows }, (_, i) => i).filter(mine);
      if (rows.length === 0) continue;
      out[at]?.push(onClock(takeRows(batch, rows), source, from, rngs[at] ?? createRng(seed)));
    }
  }
  return out;
}

function learn({ rows, columns }: Batch, resources: Map<bigint, Attributes>): void {
  for (let i = 0; i < rows; i++)
    resources.set(i64(columns[0])[i] ?? 0n, recordAt(maps(columns[1]), i));
}

function columnOf(batch: Batch, name: string): ColumnData | undefined {
  const at = Object.keys(TELEMETRY[batch.table]).indexOf(name);
  return at < 0 ? undefined : batch.columns[at];
}

function learnSeries(batch: Batch, resourceOf: Map<bigint, bigint>): void {
  const [series, resources] = ['series_id', 'resource_id'].map((name) =>
    i64(columnOf(batch, name)),
  );
  series?.forEach((id, i) => resourceOf.set(id, resources?.[i] ?? 0n));
}

/** The resource of each row; undefined for what all sources have: resources, series and definitions. */
function sendersOf(
  batch: Batch,
  resourceOf: ReadonlyMap<bigint, bigint>,
): BigInt64Array | undefined {
  if (['resources', 'metric_series', 'stated_relations', 'definitions'].includes(batch.table))
    return undefined;
  const sent = columnOf(batch, 'resource_id');
  return sent ? i64(sent) : i64(columnOf(batch, 'series_id')).map((id) => resourceOf.get(id) ?? 0n);
}

function onClock(batch: Batch, source: SkewedSource, from: bigint, rng: Rng): Batch {
  const { offset, driftPpm = 0, jitter = 0 } = source;
  const names = Object.keys(TELEMETRY[batch.table]);
  const columns = batch.columns.map((column, at): ColumnData => {
    if (column.type !== 'i64' || !TIMES.has(names[at] ?? '')) return column;
    const data = column.data.map((t) => {
      const drifted = (Number(t - from) * driftPpm) / 1e6;
      return t + BigInt(Math.round(offset + drifted + (jitter > 0 ? rng.normal() * jitter : 0)));
    });
    return { ...column, data };
  });
  return { ...batch, columns };
}

function takeRows(batch: Batch, rows: readonly number[]): Batch {
  if (rows.length === batch.rows) return batch;
  return { ...batch, rows: rows.length, columns: batch.columns.map((c) => takeCells(c, rows)) };
}

function takeCells(column: ColumnData, rows: readonly number[]): ColumnData {
  switch (column.type) {
    case 'utf8':
      return { ...column, data: rows.map((i) => column.data[i] ?? null) };
    case 'map':
      return { ...column, data: takeMaps(column.data, rows) };
    case 'i64': {
      const valid = column.valid && Uint8Array.from(rows, (i) => column.valid?.[i] ?? 0);
      const data = BigInt64Array.from(rows, (i) => column.data[i] ?? 0n);
      return { type: 'i64', data, ...(valid && { valid }) };
    }
    case 'i32':
      return { type: 'i32', data: Int32Array.from(rows, (i) => column.data[i] ?? 0) };
    case 'f64':
      return { type: 'f64', data: Float64Array.from(rows, (i) => column.data[i] ?? 0) };
    default:
      throw new Error(`The simulator writes no columns of ${column.type}.`);
  }
}

function takeMaps(map: MapData, rows: readonly number[]): MapData {
  const offsets = new Int32Array(rows.length + 1);
  const [keys, values]: [string[], string[]] = [[], []];
  for (const [at, i] of rows.entries()) {
    const [from, to] = [map.offsets[i] ?? 0, map.offsets[i + 1] ?? 0];
    keys.push(...map.keys.slice(from, to));
    values.push(...map.values.slice(from, to));
    offsets[at + 1] = keys.length;
  }
  return { offsets, keys, values };
}
