import type { TimeWindow } from '../../base';
import type { Frame } from '../../model';
import type { seriesGrid } from '../../model/queries';

type GridFrame = Frame<(typeof seriesGrid)['def']['columns']>;

/** Series on one grid, by ascending id; NaN where a row has no sample. */
export interface Grid {
  readonly ids: readonly bigint[];
  readonly series: readonly Float64Array[];
  /** Buckets of the frame that stand in one row: as many as most series need to have a sample in each. */
  readonly per: number;
  readonly rows: number;
  /** Series with a sample in fewer than half of the rows: their shape would be the filling's. */
  readonly sparse: number;
}

/** Of four series three have a sample in most rows. */
const WELL_FILLED = 0.25;

export function gridOf(frame: GridFrame, buckets: number): Grid {
  const byId = valuesOf(frame, buckets);
  const filled = [...byId.values()].map(filledOf).sort((a, b) => a - b);
  const usual = filled[Math.floor(WELL_FILLED * filled.length)] ?? buckets;
  // Sampling is seldom quite regular: a tenth of the buckets may be empty before two are put together.
  const per = Math.max(1, Math.ceil(buckets / Math.max(1, usual) - 0.1));
  const rows = Math.ceil(buckets / per);
  const ids: bigint[] = [];
  const series: Float64Array[] = [];
  for (const [id, values] of [...byId].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const merged = per === 1 ? values : mergedBy(values, per, rows);
    if (2 * filledOf(merged) < rows) continue;
    ids.push(id);
    series.push(merged);
  }
  return { ids, series, per, rows, sparse: byId.size - ids.length };
}

function valuesOf({ rows, col }: GridFrame, buckets: number): ReadonlyMap<bigint, Float64Array> {
  const byId = new Map<bigint, Float64Array>();
  let last: bigint | undefined;
  let values: Float64Array | undefined;
  for (let i = 0; i < rows; i++) {
    const at = col.bucket[i] ?? -1;
    const v = col.v[i] ?? Number.NaN;
    if (at < 0 || at >= buckets || !Number.isFinite(v)) continue;
    const id = col.series_id[i] ?? 0n;
    // Rows of a series mostly stand together: a look-up for each would cost more than all else.
    if (id !== last || !values) {
      last = id;
      values = byId.get(id);
      if (!values) byId.set(id, (values = new Float64Array(buckets).fill(Number.NaN)));
    }
    values[at] = v;
  }
  return byId;
}

function filledOf(values: Float64Array): number {
  let filled = 0;
  for (const v of values) if (!Number.isNaN(v)) filled++;
  return filled;
}

/** Means of the buckets of a row that have a sample. */
function mergedBy(values: Float64Array, per: number, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    let n = 0;
    for (let i = row * per; i < Math.min(values.length, (row + 1) * per); i++) {
      const v = values[i] ?? Number.NaN;
      if (Number.isNaN(v)) continue;
      sum += v;
      n++;
    }
    return n > 0 ? sum / n : Number.NaN;
  });
}

/** Length of a bucket, ns, so that the buckets reach over the window. */
export function stepOf({ from, to }: TimeWindow, buckets: number): bigint {
  const step = (to - from) / BigInt(buckets) + 1n;
  return step > 0n ? step : 1n;
}
