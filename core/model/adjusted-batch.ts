import { SAMPLING_KEYS, adjustedCountsOf } from './adjusted-count';
import type { Batch, ColumnData, MapData } from './batch';
import { TELEMETRY } from './tables';

const NAMES = Object.keys(TELEMETRY.spans);
const TRACE = NAMES.indexOf('trace_id');
const ATTRIBUTES = NAMES.indexOf('attributes');
const COUNT = NAMES.indexOf('adjusted_count');

/**
 * The batch with the adjusted count of every span whose attributes say it and whose reader did not. What a first
 * span of Jaeger's says holds for the spans of its trace in this batch. A batch that says nothing is handed back
 * as it is.
 */
export function withAdjustedCounts(batch: Batch): Batch {
  if (batch.table !== 'spans') return batch;
  const [traces, attributes] = [batch.columns[TRACE], batch.columns[ATTRIBUTES]];
  const counts = batch.columns[COUNT];
  if (traces?.type !== 'utf8' || attributes?.type !== 'map' || counts?.type !== 'f64') return batch;
  const saying = spansThatSay(attributes.data, batch.rows);
  if (saying.size === 0) return batch;
  // Of the traces in which a span says something, all spans: it may say it for the others.
  const told = new Set([...saying.keys()].map((row) => traces.data[row]));
  const rows = [...traces.data.keys()].filter((row) => told.has(traces.data[row] ?? null));
  const found = adjustedCountsOf(
    rows.map((row) => traces.data[row] ?? ''),
    rows.map((row) => saying.get(row) ?? {}),
  );
  const data = counts.data.slice();
  const valid = counts.valid?.slice() ?? new Uint8Array(batch.rows).fill(1);
  for (const [i, row] of rows.entries()) {
    const count = found[i];
    if (count === undefined || valid[row] === 1) continue;
    data[row] = count;
    valid[row] = 1;
  }
  const filled: ColumnData = { type: 'f64', data, valid };
  return { ...batch, columns: batch.columns.map((column, at) => (at === COUNT ? filled : column)) };
}

/** Of each row that has any, the attributes about sampling. */
function spansThatSay(
  { offsets, keys, values }: MapData,
  rows: number,
): ReadonlyMap<number, Record<string, string>> {
  const found = new Map<number, Record<string, string>>();
  let row = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? '';
    if (!SAMPLING_KEYS.has(key)) continue;
    while (row < rows && (offsets[row + 1] ?? 0) <= i) row++;
    const one = found.get(row) ?? {};
    one[key] = values[i] ?? '';
    found.set(row, one);
  }
  return found;
}

/** The same of a batch of which a share was kept: every span stands for `times` as many as it says. */
export function scaledAdjustedCounts(batch: Batch, times: (row: number) => number): Batch {
  if (batch.table !== 'spans') return batch;
  const said = withAdjustedCounts(batch);
  const counts = said.columns[COUNT];
  if (counts?.type !== 'f64') return batch;
  const data = counts.data.map(
    (count, row) => (counts.valid?.[row] === 0 ? 1 : count) * times(row),
  );
  const scaled: ColumnData = { type: 'f64', data };
  return { ...said, columns: said.columns.map((column, at) => (at === COUNT ? scaled : column)) };
}
