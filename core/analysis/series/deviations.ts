/** Deviations beyond this many spreads say no more: one spike would be all that is seen. */
const FAR = 20;
/** Of the whole range, where a series stood still in the baseline. */
const STOOD = 8;
/** Missing rows over which the last value is kept; a longer gap says nothing. */
const KEPT = 2;
/** Spread of a level that hardly moved, as a share of it. */
const LEAST_SHARE = 0.01;

export interface Deviations {
  /** Robust deviations from the baseline's median in its spreads, within ±20; 0 where nothing is known. */
  readonly z: readonly Float64Array[];
  /** Which series each is. */
  readonly indices: readonly number[];
  /** Rows of which nothing is known, 1 each. */
  readonly silent: readonly Uint8Array[];
}

/**
 * Series in units of their own baseline rows: median and MAD (Rousseeuw & Croux 1993), where that is nothing
 * the distance of the outer tenths, where that is nothing an eighth of the whole range, so that what first
 * moves later is far out. Series that never move, or have too few values in the baseline, are left out.
 */
export function deviations(
  series: readonly ArrayLike<number>[],
  base: { readonly from: number; readonly to: number },
): Deviations {
  const z: Float64Array[] = [];
  const indices: number[] = [];
  const silent: Uint8Array[] = [];
  series.forEach((one, index) => {
    const values = keptOver(one);
    const unit = unitOf(values, base);
    if (!unit) return;
    z.push(
      values.map((v) => {
        const off = (v - unit.middle) / unit.spread;
        return Number.isNaN(off) ? 0 : Math.max(-FAR, Math.min(FAR, off));
      }),
    );
    indices.push(index);
    silent.push(Uint8Array.from(values, (v) => (Number.isNaN(v) ? 1 : 0)));
  });
  return { z, indices, silent };
}

function keptOver(series: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(series);
  let missing = KEPT;
  for (let i = 0; i < out.length; i++) {
    if (Number.isFinite(out[i])) missing = 0;
    else out[i] = ++missing <= KEPT ? (out[i - 1] ?? Number.NaN) : Number.NaN;
  }
  return out;
}

function unitOf(
  values: Float64Array,
  base: { readonly from: number; readonly to: number },
): { readonly middle: number; readonly spread: number } | undefined {
  const usual = values
    .slice(base.from, base.to)
    .filter((v) => !Number.isNaN(v))
    .sort();
  if (2 * usual.length < base.to - base.from || usual.length === 0) return undefined;
  const at = (q: number): number => usual[Math.round(q * (usual.length - 1))] ?? 0;
  const middle = at(0.5);
  const off = usual.map((v) => Math.abs(v - middle)).sort();
  const known = values.filter((v) => !Number.isNaN(v)).sort();
  const range = (known.at(-1) ?? 0) - (known[0] ?? 0);
  // Rounding alone makes the range of a constant more than nothing.
  if (!(range > 1e-9 * Math.abs(middle)) || !Number.isFinite(range)) return undefined;
  const spread =
    1.4826 * (off[off.length >> 1] ?? 0) || (at(0.9) - at(0.1)) / 2.56 || range / STOOD;
  return { middle, spread: Math.max(spread, LEAST_SHARE * Math.abs(middle)) };
}
