import type { Difference } from '../../model';
import type { Contrast } from './stats';

/** A comparison, before it is corrected for the others and ranked. */
export type Found = Omit<Difference, 'rank' | 'q' | 'score' | 'sentence' | 'effect' | 'p'> &
  Contrast & {
    /** Bad-looking by itself: kept as "always so" where both sides are alike. */
    readonly notable: boolean;
  };

/** Smallest rows on a side for a share or a mean to be compared. */
export const FEWEST = 5;

export function noveltyOf(reference: number, selected: number): Difference['novelty'] {
  if (reference === 0 && selected > 0) return 'new';
  return selected === 0 && reference > 0 ? 'gone' : 'changed';
}

export const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
