import { shaped } from './alike';

export interface ClusterOptions {
  /** Correlation with the middle of a cluster from which a series belongs to it. */
  readonly least: number;
  /** Block means that candidates are looked for by; the whole series decides. */
  readonly sketch: number;
  /** Stretches in which a member is held against the others. */
  readonly stretches: number;
}

export const clusterDefaults: ClusterOptions = { least: 0.8, sketch: 48, stretches: 12 };

export interface OddOne {
  readonly index: number;
  /** Rows [from, to) in which it departs from the others the most. */
  readonly from: number;
  readonly to: number;
  /** How far, in typical departures of the members. */
  readonly times: number;
}

export interface Cluster {
  /** The series that most others move like. */
  readonly leader: number;
  /** Members, the leader among them, ascending. */
  readonly members: readonly number[];
  readonly odd: OddOne | undefined;
}

export interface Clusters {
  /** Largest first. */
  readonly found: readonly Cluster[];
  /** Series that move like no other, and series that stand still. */
  readonly alone: number;
  readonly still: number;
}

/**
 * Series that move alike: the series with most others correlated with it takes them, then the next of what is
 * left (greedy star cover; Aslam, Pelekhov & Rus, JGAA 2004). Neighbours are found on block means of z-normalised
 * series (piecewise aggregates, Keogh et al. 2001) and confirmed on all rows. Largest first; series that stand
 * still, and those alone, are in none. Yields how far it is, 0–1.
 */
export function* clusters(
  series: readonly ArrayLike<number>[],
  options: ClusterOptions = clusterDefaults,
): Generator<number, Clusters, void> {
  const { z, moves } = shaped(series);
  const n = z.length;
  const least = Math.max(options.least, byChance(series[0]?.length ?? 0));
  const near = yield* neighbours(sketches(z, options.sketch), moves, least);
  const taken = new Uint8Array(n);
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => (near[b]?.length ?? 0) - (near[a]?.length ?? 0) || a - b,
  );
  const out: Cluster[] = [];
  for (const leader of order) {
    const middle = z[leader];
    if (!middle || taken[leader]) continue;
    const members = (near[leader] ?? []).filter(
      (i) => !taken[i] && dot(middle, z[i] ?? middle) >= least,
    );
    if (members.length === 0) continue;
    const all = [leader, ...members].sort((a, b) => a - b);
    for (const i of all) taken[i] = 1;
    out.push({ leader, members: all, odd: oddOne(z, all, options.stretches) });
  }
  out.sort((a, b) => b.members.length - a.members.length || a.leader - b.leader);
  const still = moves.reduce((sum, one) => sum + (one ? 0 : 1), 0);
  const together = taken.reduce((sum, one) => sum + one, 0);
  return { found: out, alone: n - still - together, still };
}

/** Standard errors of Fisher's z that no pair of thousands of series that do not move alike reaches. */
const ERRORS = 5;

/** The correlation that so few rows bring by chance (Fisher 1915). */
const byChance = (rows: number): number => (rows > 3 ? Math.tanh(ERRORS / Math.sqrt(rows - 3)) : 1);

/** Candidates may look a little less alike on their block means than they are. */
const SLACK = 0.1;

function* neighbours(
  sketch: readonly Float64Array[],
  moves: Uint8Array,
  least: number,
): Generator<number, readonly number[][], void> {
  const n = sketch.length;
  const near: number[][] = Array.from({ length: n }, () => []);
  for (let i = 0; i < n; i++) {
    const a = sketch[i];
    if (i % 64 === 0) yield i / n;
    if (!a || moves[i] === 0) continue;
    for (let j = i + 1; j < n; j++) {
      const b = sketch[j];
      if (!b || moves[j] === 0 || dot(a, b) < least - SLACK) continue;
      near[i]?.push(j);
      near[j]?.push(i);
    }
  }
  return near;
}

function sketches(z: readonly Float64Array[], places: number): readonly Float64Array[] {
  return z.map((one) => {
    const m = Math.min(places, one.length);
    const out = new Float64Array(m);
    for (let p = 0; p < m; p++) {
      const from = Math.floor((p * one.length) / m);
      const to = Math.floor(((p + 1) * one.length) / m);
      let sum = 0;
      for (let i = from; i < to; i++) sum += one[i] ?? 0;
      out[p] = sum / Math.sqrt(to - from);
    }
    const norm = Math.sqrt(dot(out, out));
    return norm > 0 ? out.map((v) => v / norm) : out;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Departures this many times the members' typical one make the odd one out. */
const ODD = 4;
/** The middle of fewer than three says nothing of who departed. */
const LEAST_MEMBERS = 3;
/** Members that the middle and the typical departure are taken of, spread over the cluster. */
const SAMPLE = 64;

function oddOne(
  z: readonly Float64Array[],
  members: readonly number[],
  stretches: number,
): OddOne | undefined {
  if (members.length < LEAST_MEMBERS) return undefined;
  const middle = middleOf(z, members);
  const n = middle.length;
  const typical: number[] = [];
  let odd: OddOne | undefined;
  let worst = 0;
  for (const index of members) {
    for (let s = 0; s < stretches; s++) {
      const [from, to] = [Math.floor((s * n) / stretches), Math.floor(((s + 1) * n) / stretches)];
      if (to <= from) continue;
      let squares = 0;
      for (let i = from; i < to; i++) squares += ((z[index]?.[i] ?? 0) - (middle[i] ?? 0)) ** 2;
      const away = Math.sqrt(squares / (to - from));
      typical.push(away);
      if (away > worst) [worst, odd] = [away, { index, from, to, times: 0 }];
    }
  }
  const usual = typical.sort((a, b) => a - b)[typical.length >> 1] ?? 0;
  // Members that are all but equal depart by rounding alone.
  const times = worst / Math.max(usual, 1e-3 / Math.sqrt(n));
  return odd && times >= ODD ? { ...odd, times } : undefined;
}

/** Median of the members, row by row. */
function middleOf(z: readonly Float64Array[], members: readonly number[]): Float64Array {
  const step = Math.max(1, Math.floor(members.length / SAMPLE));
  const some = members.filter((_, i) => i % step === 0);
  const n = z[members[0] ?? 0]?.length ?? 0;
  const out = new Float64Array(n);
  const row = new Float64Array(some.length);
  for (let i = 0; i < n; i++) {
    some.forEach((index, k) => (row[k] = z[index]?.[i] ?? 0));
    row.sort();
    out[i] = row[row.length >> 1] ?? 0;
  }
  return out;
}
