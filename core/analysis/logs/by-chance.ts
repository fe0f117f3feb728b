/** Exceedances that the tail is fitted to. */
const MOST = 20;
/** Exceedances that the theoretical tail counts for. */
const PRIOR = 4;

/**
 * How many scores at least as large a window of the baseline's own kind would bring by chance: counted in
 * stretches of the baseline that stood in for the window, an exponential tail beyond the largest ones
 * (Pickands 1975), drawn to `usual` (mean excess in theory) while they are few.
 */
export function byChance(
  nulls: readonly number[],
  stretches: number,
  usual: number,
): (score: number) => number {
  const sorted = nulls.filter((score) => score > 0).sort((a, b) => b - a);
  const k = Math.min(MOST, sorted.length);
  const start = sorted.length > k ? (sorted[k] ?? 0) : 0;
  let excess = usual * PRIOR;
  for (let i = 0; i < k; i++) excess += (sorted[i] ?? 0) - start;
  const scale = excess / (k + PRIOR);
  return (score) => {
    if (score <= start) return (above(sorted, score) + 0.5) / stretches;
    return ((k + 0.5) / stretches) * Math.exp(-(score - start) / scale);
  };
}

/** How many of descending scores are at least this large. */
function above(sorted: readonly number[], score: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((sorted[mid] ?? 0) >= score) low = mid + 1;
    else high = mid;
  }
  return low;
}
