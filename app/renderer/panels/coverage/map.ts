import {
  ALL,
  droppedEntities,
  droppedRuns,
  droppedStretches,
  laneKey,
  type DroppedCells,
  type DroppedRun,
} from './dropped';

/**
 * What a case holds of each signal, entity by entity, over time. A stretch without rows is missing only where
 * rows were to be expected: the signal is there from others, the entity's own pace leads to expect several, and
 * its rows don't usually come with such pauses.
 */
export const SIGNALS = ['spans', 'logs', 'samples', 'alerts', 'changes'] as const;
export type MapSignal = (typeof SIGNALS)[number];

/** Alerts and changes come when something happens: nothing is expected of them. */
const STEADY: ReadonlySet<MapSignal> = new Set(['spans', 'logs', 'samples']);
/** By chance so many expected arrivals fail to come once in a thousand stretches (Poisson). */
const EXPECTED = 7;
/** A pause that is longer than this many usual ones is not usual. */
const USUAL = 3;
/** Of a stretch's lines, the share that came late from which on it is told. */
const LATE = 0.1;

export type CellState = 'present' | 'sampled' | 'late' | 'missing';

export interface Run {
  /** Buckets, `to` not included. */
  readonly from: number;
  readonly to: number;
  readonly state: CellState;
  /** Rows that are there; of a missing run, about how many were to be expected. */
  readonly rows: number;
}

export interface Lane {
  readonly signal: MapSignal;
  readonly rows: number;
  readonly runs: readonly Run[];
  readonly dropped: readonly DroppedRun[];
}

export interface MapRow {
  /** '' for what no entity is known for. */
  readonly entityId: string;
  readonly lanes: readonly Lane[];
  readonly rows: number;
  /** Stretches where rows are missing. */
  readonly gaps: number;
  /** Records that were dropped. */
  readonly dropped: number;
}

export interface Cells {
  readonly rows: number;
  readonly col: {
    readonly entity_id: ArrayLike<string | null>;
    readonly signal: ArrayLike<string | null>;
    readonly bucket: ArrayLike<number | null>;
    readonly n: ArrayLike<number | null>;
    readonly late: ArrayLike<number | null>;
  };
}

/** Buckets of a signal that a source kept only a part of. */
export type SampledBuckets = ReadonlyMap<string, ReadonlySet<number>>;

const NONE: DroppedCells = {
  rows: 0,
  col: { entity_id: [], signal: [], why: [], first_bucket: [], last_bucket: [], n: [] },
};

interface Counts {
  readonly n: Float64Array;
  readonly late: Float64Array;
}

/** The rows of the map, everything together first. */
export function coverageOf(
  cells: Cells,
  buckets: number,
  sampled: SampledBuckets,
  lost: DroppedCells = NONE,
): { readonly all: MapRow; readonly entities: readonly MapRow[] } {
  const dropped = droppedStretches(lost);
  const { whole, byEntity } = countsOf(cells, buckets);
  const everywhere = new Float64Array(buckets).fill(1);
  const row = (
    entityId: string,
    lanes: ReadonlyMap<MapSignal, Counts>,
    there: (signal: MapSignal) => Float64Array,
    of = entityId,
  ): MapRow => {
    // Every row has the same lanes, so that a signal stands at the same height everywhere.
    const has = (signal: MapSignal): boolean =>
      whole.has(signal) || dropped.has(laneKey(ALL, signal));
    const made = SIGNALS.filter(has).map((signal): Lane => {
      const counts = lanes.get(signal);
      const stretches = dropped.get(laneKey(of, signal)) ?? [];
      const lane = counts
        ? laneOf(signal, counts, there(signal), sampled.get(signal))
        : { signal, rows: 0, runs: [] };
      return { ...lane, dropped: droppedRuns(stretches) };
    });
    const gaps = made.flatMap(({ runs }) => runs).filter(({ state }) => state === 'missing').length;
    return {
      entityId,
      lanes: made,
      rows: made.reduce((sum, lane) => sum + lane.rows, 0),
      gaps,
      dropped: made.flatMap((lane) => lane.dropped).reduce((sum, { records }) => sum + records, 0),
    };
  };
  // Of some there is nothing but what was dropped.
  for (const entity of droppedEntities(lost)) {
    if (!byEntity.has(entity)) byEntity.set(entity, new Map());
  }
  return {
    all: row('', whole, () => everywhere, ALL),
    entities: [...byEntity].map(([entityId, lanes]) =>
      row(entityId, lanes, (signal) => whole.get(signal)?.n ?? everywhere),
    ),
  };
}

/** Rows by bucket, of everything and of each entity. */
function countsOf(cells: Cells, buckets: number) {
  const whole = new Map<MapSignal, Counts>();
  const byEntity = new Map<string, Map<MapSignal, Counts>>();
  for (let i = 0; i < cells.rows; i++) {
    const signal = cells.col.signal[i] as MapSignal;
    const bucket = cells.col.bucket[i] ?? 0;
    const entity = cells.col.entity_id[i] ?? '';
    let lanes = byEntity.get(entity);
    if (!lanes) byEntity.set(entity, (lanes = new Map()));
    for (const of of [whole, lanes]) {
      let counts = of.get(signal);
      if (!counts) {
        of.set(
          signal,
          (counts = { n: new Float64Array(buckets), late: new Float64Array(buckets) }),
        );
      }
      counts.n[bucket] = (counts.n[bucket] ?? 0) + (cells.col.n[i] ?? 0);
      counts.late[bucket] = (counts.late[bucket] ?? 0) + (cells.col.late[i] ?? 0);
    }
  }
  return { whole, byEntity };
}

function laneOf(
  signal: MapSignal,
  { n, late }: Counts,
  /** Rows of the signal from anywhere: where there are none, nothing was recorded or pulled. */
  there: Float64Array,
  sampled: ReadonlySet<number> | undefined,
): Omit<Lane, 'dropped'> {
  const runs: Run[] = [];
  const add = (from: number, to: number, state: CellState, rows: number): void => {
    const last = runs.at(-1);
    if (last && last.to === from && last.state === state) {
      runs[runs.length - 1] = { from: last.from, to, state, rows: last.rows + rows };
    } else runs.push({ from, to, state, rows });
  };
  const missing = STEADY.has(signal) ? missingRuns(n, there) : [];
  let next = 0;
  for (let bucket = 0; bucket < n.length; bucket++) {
    const gap = missing[next];
    if (gap?.from === bucket) {
      add(gap.from, gap.to, 'missing', gap.expected);
      bucket = gap.to - 1;
      next++;
      continue;
    }
    const rows = n[bucket] ?? 0;
    if (rows === 0) continue;
    const isLate = (late[bucket] ?? 0) > LATE * rows;
    add(bucket, bucket + 1, isLate ? 'late' : sampled?.has(bucket) ? 'sampled' : 'present', rows);
  }
  return { signal, rows: n.reduce((sum, rows) => sum + rows, 0), runs };
}

interface Gap {
  readonly from: number;
  readonly to: number;
  readonly expected: number;
}

/** Runs of empty buckets where rows were to be expected. */
function missingRuns(n: Float64Array, there: Float64Array): readonly Gap[] {
  const first = there.findIndex((rows) => rows > 0);
  let last = there.length - 1;
  while (last > first && there[last] === 0) last--;
  const empty: { from: number; to: number }[] = [];
  let recorded = 0;
  let total = 0;
  let neighbours = 0;
  for (let bucket = first; bucket >= 0 && bucket <= last; bucket++) {
    if ((there[bucket] ?? 0) === 0) continue;
    recorded++;
    total += n[bucket] ?? 0;
    if ((n[bucket] ?? 0) > 0) {
      if ((n[bucket - 1] ?? 0) > 0) neighbours++;
      continue;
    }
    const open = empty.at(-1);
    if (open?.to === bucket) open.to = bucket + 1;
    else empty.push({ from: bucket, to: bucket + 1 });
  }
  // Rows that stand bucket by bucket are pauses of no length.
  const pauses = [
    ...new Array<number>(neighbours).fill(0),
    ...empty.map(({ from, to }) => to - from),
  ];
  const usual = pauses.sort((a, b) => a - b)[Math.floor((pauses.length - 1) * 0.9)] ?? 0;
  const pace = total / Math.max(1, recorded);
  const arrivals = pace / clumping(n, there);
  return empty
    .filter(({ from, to }) => arrivals * (to - from) >= EXPECTED && to - from > USUAL * usual)
    .map(({ from, to }) => ({ from, to, expected: pace * (to - from) }));
}

/** How many rows come at a time: variance over mean of the buckets that have any, 1 at least. */
function clumping(n: Float64Array, there: Float64Array): number {
  const some = n.filter((rows, bucket) => rows > 0 && (there[bucket] ?? 0) > 0);
  const mean = some.reduce((sum, rows) => sum + rows, 0) / Math.max(1, some.length);
  const squares = some.reduce((sum, rows) => sum + (rows - mean) ** 2, 0);
  return Math.max(1, squares / Math.max(1, some.length) / Math.max(mean, 1e-9));
}

/** Buckets of a grid that lie in stretches of which only a part was kept. */
export function sampledBuckets(
  stretches: readonly { readonly signal: string; readonly from: bigint; readonly to: bigint }[],
  grid: { readonly from: bigint; readonly step: bigint; readonly buckets: number },
): SampledBuckets {
  const out = new Map<string, Set<number>>();
  for (const { signal, from, to } of stretches) {
    const own = out.get(signal) ?? new Set<number>();
    out.set(signal, own);
    const start = Math.max(0, Number((from - grid.from) / grid.step));
    const end = Math.min(grid.buckets, Number((to - grid.from + grid.step - 1n) / grid.step));
    for (let bucket = start; bucket < end; bucket++) own.add(bucket);
  }
  return out;
}
