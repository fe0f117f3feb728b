import type { DroppedWhy } from '../../../../core/model';
import { formatCount } from '../../ui';

/** A stretch of which records were dropped. */
export interface DroppedRun {
  /** Buckets, `to` not included. */
  readonly from: number;
  readonly to: number;
  readonly records: number;
  readonly why: readonly DroppedWhy[];
}

/** What the query for dropped records answers. */
export interface DroppedCells {
  readonly rows: number;
  readonly col: {
    readonly entity_id: ArrayLike<string | null>;
    readonly signal: ArrayLike<string | null>;
    readonly why: ArrayLike<string | null>;
    readonly first_bucket: ArrayLike<number | null>;
    readonly last_bucket: ArrayLike<number | null>;
    readonly n: ArrayLike<number | null>;
  };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly records: number;
  readonly why: DroppedWhy;
}

export type DroppedStretches = ReadonlyMap<string, readonly Stretch[]>;

/** Everything together, beside the entities. */
export const ALL = '*';
export const laneKey = (entityId: string, signal: string): string => `${signal} ${entityId}`;

/** Stretches by entity and signal (`laneKey`). */
export function droppedStretches({ rows, col }: DroppedCells): DroppedStretches {
  const lanes = new Map<string, Stretch[]>();
  for (let i = 0; i < rows; i++) {
    const signal = col.signal[i] ?? '';
    const stretch = {
      from: col.first_bucket[i] ?? 0,
      to: (col.last_bucket[i] ?? 0) + 1,
      records: col.n[i] ?? 0,
      why: (col.why[i] ?? 'unreadable') as DroppedWhy,
    };
    for (const entity of [ALL, col.entity_id[i] ?? '']) {
      const key = laneKey(entity, signal);
      const known = lanes.get(key);
      if (known) known.push(stretch);
      else lanes.set(key, [stretch]);
    }
  }
  return lanes;
}

/** The entities that have any. */
export function droppedEntities(cells: DroppedCells): ReadonlySet<string> {
  return new Set(Array.from({ length: cells.rows }, (_, i) => cells.col.entity_id[i] ?? ''));
}

/** Stretches that touch or overlap as one, in the order of time. */
export function droppedRuns(stretches: readonly Stretch[]): readonly DroppedRun[] {
  const runs: DroppedRun[] = [];
  for (const { from, to, records, why } of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = runs.at(-1);
    if (!last || from > last.to) {
      runs.push({ from, to, records, why: [why] });
      continue;
    }
    runs[runs.length - 1] = {
      from: last.from,
      to: Math.max(last.to, to),
      records: last.records + records,
      why: last.why.includes(why) ? last.why : [...last.why, why],
    };
  }
  return runs;
}

const BECAUSE: Readonly<Record<DroppedWhy, string>> = {
  unreadable: 'they could not be taken over',
  refused: 'deliveries could not be read and were refused',
  ring: 'the oldest rows were let go of while following',
};

/** "12 log lines dropped: they could not be taken over". */
export function droppedText({ records, why }: DroppedRun, what: string): string {
  return `${formatCount(records)} ${what} dropped: ${why.map((of) => BECAUSE[of]).join('; ')}`;
}
