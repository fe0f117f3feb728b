import type { TimeWindow } from '../base';
import type { Signal } from './tables';

/**
 * Why records are not in a case although they came: `unreadable` (a record that can't be a row), `refused` (a whole
 * delivery that could not be read), `ring` (the oldest rows of what is followed, beyond what was to be kept).
 */
export const DROPPED_WHY = ['unreadable', 'refused', 'ring'] as const;
export type DroppedWhy = (typeof DROPPED_WHY)[number];

/** Records of one signal and entity that are not in the case. */
export interface DroppedCount {
  readonly signal: Signal;
  readonly why: DroppedWhy;
  /** '' where it is not known whom they are about. */
  readonly entityId: string;
  /** Null where their time can't be read. */
  readonly window: TimeWindow | null;
  readonly records: number;
}

/**
 * Dropped records stand in the table `coverage`, none of them kept; `how` tells them from stretches of which a part
 * was kept: the word, why, and the entity where it is known.
 */
export const howDropped = ({ why, entityId }: Pick<DroppedCount, 'why' | 'entityId'>): string =>
  `dropped ${why} ${entityId}`.trimEnd();

const FORM = `'^dropped (${DROPPED_WHY.join('|')})(?: (.*))?$'`;

/** SQL conditions and columns over rows of `coverage`. */
export const DROPPED_SQL = {
  is: `regexp_full_match(how, ${FORM})`,
  why: `regexp_extract(how, ${FORM}, 1)`,
  entityId: `regexp_extract(how, ${FORM}, 2)`,
} as const;
