import type { ClockPair } from '../../model';

/** A clock beside the reference of those that it can be compared with, ns. */
export interface Placed {
  readonly reference: number;
  readonly offset: number;
  readonly lower: number;
  readonly upper: number;
}

export interface Graph {
  readonly clocks: ReadonlyMap<number, Placed>;
  /** With their residuals; those that contradict the others are marked. */
  readonly pairs: readonly ClockPair[];
}

/** Below this, ns, bounds around a ring of pairs may contradict each other: figures are rounded. */
const ROUNDING = 1000;

/**
 * Offsets of all clocks from those of pairs. Bounds go along every path: shortest paths over the difference
 * constraints, whose negative cycles are contradictions (Cormen et al., ch. 24). Within them the offset is by
 * least squares, weighed by the widths. Of pairs that contradict each other those go that fit worst.
 * `prefer`: of two sources that agree with as many others, the greater one is the reference.
 */
export function placeClocks(
  ids: readonly number[],
  pairs: readonly ClockPair[],
  prefer: (id: number) => number,
): Graph {
  const clocks = new Map<number, Placed>();
  const judged: ClockPair[] = [];
  for (const group of connected(ids, pairs)) {
    const within = pairs.filter(({ a }) => group.includes(a));
    const placed = placeGroup(group, within, prefer);
    for (const [id, clock] of placed.clocks) clocks.set(id, clock);
    judged.push(...placed.pairs);
  }
  return { clocks, pairs: judged };
}

function placeGroup(
  group: readonly number[],
  pairs: readonly ClockPair[],
  prefer: (id: number) => number,
): Graph {
  const reach = reachOf(group, pairs);
  const reference = referenceOf(group, reach, prefer);
  const solved = leastSquares(group, pairs, reference);
  const residual = ({ a, b, offset }: ClockPair): number =>
    offset - ((solved.get(b) ?? 0) - (solved.get(a) ?? 0));
  if (group.some((_, i) => (reach[i]?.[i] ?? 0) < -ROUNDING)) {
    const beyond = (pair: ClockPair): number => Math.abs(residual(pair)) / widthOf(pair);
    const worst = pairs.reduce((a, b) => (beyond(b) > beyond(a) ? b : a));
    const rest = placeClocks(
      group,
      pairs.filter((pair) => pair !== worst),
      prefer,
    );
    const left = { ...worst, residual: residual(worst), contradicted: true };
    return { clocks: rest.clocks, pairs: [...rest.pairs, left] };
  }
  const home = group.indexOf(reference);
  const clocks = group.map((id, i): [number, Placed] => {
    const [upper, lower] = [reach[home]?.[i] ?? 0, -(reach[i]?.[home] ?? 0)];
    const offset = Math.min(upper, Math.max(lower, solved.get(id) ?? 0));
    return [id, id === reference ? { reference, ...HOME } : { reference, offset, lower, upper }];
  });
  return {
    clocks: new Map(clocks),
    pairs: pairs.map((pair) => ({ ...pair, residual: residual(pair) })),
  };
}

const HOME = { offset: 0, lower: 0, upper: 0 };

const widthOf = ({ lower, upper }: ClockPair): number => (upper - lower) / 2 + ROUNDING;

/** reach[i][j]: most that the clock j can be ahead of the clock i. */
function reachOf(group: readonly number[], pairs: readonly ClockPair[]): Float64Array[] {
  const index = new Map(group.map((id, i) => [id, i]));
  const reach = group.map((_, i) =>
    new Float64Array(group.length).fill(Infinity).fill(0, i, i + 1),
  );
  const atMost = (from: number, to: number, most: number): void => {
    const row = reach[index.get(from) ?? 0];
    const at = index.get(to) ?? 0;
    if (row) row[at] = Math.min(row[at] ?? Infinity, most);
  };
  for (const { a, b, lower, upper } of pairs) {
    atMost(a, b, upper);
    atMost(b, a, -lower);
  }
  for (const via of reach.keys())
    for (const row of reach) {
      const first = row[via] ?? Infinity;
      if (first === Infinity) continue;
      const rest = reach[via] ?? row;
      for (let j = 0; j < row.length; j++)
        row[j] = Math.min(row[j] ?? Infinity, first + (rest[j] ?? Infinity));
    }
  return reach;
}

/** The clock that most others may be in step with: the fewest are to be called wrong. */
function referenceOf(
  group: readonly number[],
  reach: readonly Float64Array[],
  prefer: (id: number) => number,
): number {
  const inStep = (i: number): number =>
    group.filter((_, j) => (reach[i]?.[j] ?? 0) >= 0 && (reach[j]?.[i] ?? 0) >= 0).length;
  const ranked = group
    .map((id, i) => ({ id, step: inStep(i), liking: prefer(id) }))
    .sort((a, b) => b.step - a.step || b.liking - a.liking || a.id - b.id);
  return ranked[0]?.id ?? 0;
}

function connected(ids: readonly number[], pairs: readonly ClockPair[]): readonly number[][] {
  const root = new Map(ids.map((id) => [id, id]));
  const rootOf = (id: number): number => {
    const up = root.get(id) ?? id;
    return up === id ? id : rootOf(up);
  };
  for (const { a, b } of pairs)
    root.set(Math.max(rootOf(a), rootOf(b)), Math.min(rootOf(a), rootOf(b)));
  const groups = new Map<number, number[]>();
  for (const id of ids) groups.set(rootOf(id), [...(groups.get(rootOf(id)) ?? []), id]);
  return [...groups.values()];
}

/** Weighted least squares of the offsets with the reference at 0: the normal equations, eliminated. */
function leastSquares(
  group: readonly number[],
  pairs: readonly ClockPair[],
  reference: number,
): ReadonlyMap<number, number> {
  const free = group.filter((id) => id !== reference);
  const index = new Map(free.map((id, i) => [id, i]));
  const n = free.length;
  const rows = free.map(() => new Float64Array(n + 1));
  const add = (id: number, to: number, value: number): void => {
    const row = rows[index.get(id) ?? -1];
    const at = to === reference ? -1 : to < 0 ? n : (index.get(to) ?? -1);
    if (row && at >= 0) row[at] = (row[at] ?? 0) + value;
  };
  for (const pair of pairs) {
    const { a, b, offset } = pair;
    const weight = (ROUNDING / widthOf(pair)) ** 2;
    for (const [mine, other, sign] of [
      [a, b, -1],
      [b, a, 1],
    ] as const) {
      add(mine, mine, weight);
      add(mine, other, -weight);
      add(mine, RIGHT, sign * weight * offset);
    }
  }
  eliminate(rows, n);
  return new Map(free.map((id, i) => [id, rows[i]?.[n] ?? 0]));
}

/** In place of an id, the right side of an equation; ids of sources begin at 1. */
const RIGHT = -1;

/** Gauss–Jordan on a symmetric positive matrix: no pivot is needed. The solution stands in the last column. */
function eliminate(rows: readonly Float64Array[], n: number): void {
  for (const [k, pivot] of rows.entries()) {
    const lead = pivot[k] ?? 0;
    if (lead <= 0) continue;
    for (let j = k; j <= n; j++) pivot[j] = (pivot[j] ?? 0) / lead;
    for (const row of rows) {
      const factor = row[k] ?? 0;
      if (row === pivot || factor === 0) continue;
      for (let j = k; j <= n; j++) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0);
    }
  }
}
