/** A copy in which what is not finite keeps the last value; what is before the first takes the first. */
export function filled(series: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(series);
  let last = out.find((v) => Number.isFinite(v)) ?? 0;
  for (let i = 0; i < out.length; i++) {
    const v = out[i] ?? last;
    if (Number.isFinite(v)) last = v;
    out[i] = last;
  }
  return out;
}
