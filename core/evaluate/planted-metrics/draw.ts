import type { Rng } from '../../base';

/** Standard normal (Box & Muller 1958). */
export function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
}

/** Log-normal with median 1. */
export const heavy = (rng: Rng, sigma: number): number => Math.exp(sigma * normal(rng));

/** Poisson: by waiting times where few, as a normal where many. */
export function poisson(rng: Rng, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(rng)));
  let [count, left] = [-1, Math.exp(-mean)];
  for (let product = 1; product > left; product *= rng.next()) count++;
  return Math.max(0, count);
}

export const between = (rng: Rng, low: number, high: number): number =>
  low + (high - low) * rng.next();

export function oneOf<T>(rng: Rng, list: readonly [T, ...T[]]): T {
  return list[Math.floor(rng.next() * list.length)] ?? list[0];
}
