import type { PointStage } from './stages';

interface Explicit {
  readonly bounds: readonly number[];
  readonly counts: readonly bigint[];
}

/**
 * An exponential histogram point as one with explicit bounds. Bucket i of the positive range holds
 * (base^i, base^(i+1)] with base = 2^(2^-scale), the negative range mirrors it, and values within
 * ±zeroThreshold are the zero bucket (OpenTelemetry metrics data model, "ExponentialHistogram"). Every
 * bucket keeps its count and its bounds; a bucket's lower bound is inclusive in the negative range there
 * and exclusive here, which matters only for values exactly on a bound. Why not, where it can't be read.
 */
export function explicitOf(point: PointStage): Explicit | string {
  const { positive, negative, scale, zeroCount } = point;
  if (!Number.isInteger(scale) || scale < -10 || scale > 20) return 'the scale is out of range';
  const base = 2 ** -scale;
  const boundary = (index: number): number => 2 ** (index * base);
  const bounds: number[] = [];
  const counts: bigint[] = [];
  let beyond = 0n;
  const upTo = (bound: number, count: bigint): void => {
    const last = bounds.at(-1);
    // Bounds beyond the range of a double, or below a zero threshold, fall together.
    if (last !== undefined && bound <= last) counts[counts.length - 1]! += count;
    else if (bound !== Number.POSITIVE_INFINITY) {
      bounds.push(bound);
      counts.push(count);
    } else beyond += count;
  };
  if (negative.length > 0) {
    upTo(-boundary(point.negativeOffset + negative.length), 0n);
    for (let i = negative.length - 1; i >= 0; i--) {
      upTo(-boundary(point.negativeOffset + i), negative[i]!);
    }
    upTo(-point.zeroThreshold || 0, 0n);
  }
  upTo(point.zeroThreshold, zeroCount);
  if (positive.length > 0) upTo(boundary(point.positiveOffset), 0n);
  for (const [i, count] of positive.entries()) upTo(boundary(point.positiveOffset + i + 1), count);
  counts.push(beyond);
  if (bounds.some((bound) => !Number.isFinite(bound))) return 'the bounds are out of range';
  return { bounds, counts };
}
