import type { TimeWindow } from '../../base';
import type { Frame } from '../../model';
import type { seriesGrid } from '../../model/queries';

type GridFrame = Frame<(typeof seriesGrid)['def']['columns']>;

/** Series on one grid, by ascending id; NaN where a bucket has no sample. */
export interface Grid {
  readonly ids: readonly bigint[];
  readonly series: readonly Float64Array[];
  /** Series with fewer filled buckets than half of the fullest: their shape would be the filling's. */
  readonly sparse: number;
}

export function gridOf({ rows, col }: GridFrame, buckets: number): Grid {
  const byId = new Map<bigint, { readonly values: Float64Array; filled: number }>();
  let fullest = 0;
  for (let i = 0; i < rows; i++) {
    const id = col.series_id[i] ?? 0n;
    const at = col.bucket[i] ?? -1;
    const v = col.v[i] ?? Number.NaN;
    if (at < 0 || at >= buckets || !Number.isFinite(v)) continue;
    let one = byId.get(id);
    if (!one) {
      one = { values: new Float64Array(buckets).fill(Number.NaN), filled: 0 };
      byId.set(id, one);
    }
    if (Number.isNaN(one.values[at])) one.filled++;
    one.values[at] = v;
    fullest = Math.max(fullest, one.filled);
  }
  const kept = [...byId].filter(([, { filled }]) => 2 * filled >= fullest);
  kept.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ids: kept.map(([id]) => id),
    series: kept.map(([, { values }]) => values),
    sparse: byId.size - kept.length,
  };
}

/** Length of a bucket, ns, so that the buckets reach over the window. */
export function stepOf({ from, to }: TimeWindow, buckets: number): bigint {
  const step = (to - from) / BigInt(buckets) + 1n;
  return step > 0n ? step : 1n;
}
