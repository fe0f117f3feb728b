import { createRng } from '../base';
import { bootstrap, wilson, type Interval } from './intervals';

export interface Scored {
  readonly id: string;
  readonly score: number;
}

/** Where the truth stands in a ranking; null where it is not in it. */
export interface Placing {
  /** Expected rank of the first true one where ties are put in random order. */
  readonly rank: number | null;
  /** The literature's count: equal scores are one rank. */
  readonly lenient: number | null;
}

export const NOT_LISTED: Placing = { rank: null, lenient: null };

/**
 * The place of the best true entry. Among `tied` equal scores of which `true_` are true, below `better`
 * larger ones, the first true one is expected at better + (tied + 1) / (true_ + 1).
 */
export function placingOf(ranking: readonly Scored[], isTrue: (id: string) => boolean): Placing {
  const best = Math.max(...ranking.filter(({ id }) => isTrue(id)).map(({ score }) => score));
  if (!Number.isFinite(best)) return NOT_LISTED;
  const above = ranking.filter(({ score }) => score > best);
  const tied = ranking.filter(({ score }) => score === best);
  const trueOnes = tied.filter(({ id }) => isTrue(id)).length;
  return {
    rank: above.length + (tied.length + 1) / (trueOnes + 1),
    lenient: new Set(above.map(({ score }) => score)).size + 1,
  };
}

/** A case that has a cause. An abstention has no placing and so is a miss at every k. */
export interface PlacedCase extends Placing {
  readonly abstained: boolean;
  /** Where several things broke: the place of each. */
  readonly each?: readonly Placing[];
}

export interface RankingScore {
  readonly metrics: Readonly<Record<string, number>>;
  readonly intervals: Readonly<Record<string, Interval>>;
}

const within = (cases: readonly PlacedCase[], k: number): number =>
  cases.filter(({ rank }) => rank !== null && rank <= k).length;

const average5 = (cases: readonly PlacedCase[]): number =>
  [1, 2, 3, 4, 5].reduce((sum, k) => sum + within(cases, k), 0) / (5 * cases.length);

/**
 * top1 top3 top5 avg5 top1Lenient lost, as shares of the cases; no figure where there is no case. Of cases in
 * which several things broke: bothTop3, the share in which each of them is within the first three.
 */
export function rankingScore(cases: readonly PlacedCase[], seed = 1): RankingScore {
  const n = cases.length;
  if (n === 0) return { metrics: {}, intervals: {} };
  const lenient = cases.filter((one) => one.lenient === 1).length;
  const lost = cases.filter(({ abstained }) => abstained).length;
  const counts = {
    top1: within(cases, 1),
    top3: within(cases, 3),
    top5: within(cases, 5),
    top1Lenient: lenient,
    lost,
  };
  const metrics: Record<string, number> = { avg5: average5(cases) };
  const intervals: Record<string, Interval> = {
    avg5: bootstrap(cases, average5, createRng(seed)),
  };
  for (const [name, hits] of Object.entries(counts)) {
    metrics[name] = hits / n;
    intervals[name] = wilson(hits, n);
  }
  const several = cases.filter(({ each = [] }) => each.length > 1);
  if (several.length > 0) {
    const both = several.filter(({ each = [] }) => within3(each)).length;
    metrics['bothTop3'] = both / several.length;
    intervals['bothTop3'] = wilson(both, several.length);
  }
  return { metrics, intervals };
}

const within3 = (each: readonly Placing[]): boolean =>
  each.every(({ rank }) => rank !== null && rank <= 3);
