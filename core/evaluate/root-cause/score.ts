import { wilson, type Interval } from '../intervals';
import { rankingScore, type PlacedCase } from '../ranking-score';
import type { GroupScore, SetScore } from '../task';
import type { InnerRank, InnerRanks } from './inner';
import { MISSES } from './miss';
import type { Outcome } from './outcome';
import type { SetRun } from './run';

/** The score of a root-cause set by the protocol of DESIGN §11. */
export function scoreRun({ set, outcomes, differing, passedOver }: SetRun): SetScore {
  const faults = outcomes.filter(({ quiet }) => !quiet);
  const metrics: Record<string, number> = {};
  const intervals: Record<string, Interval> = {};
  const placed = faults.map((one) => ({ ...one, ...one.placing }));
  const ranked = rankingScore(placed);
  Object.assign(metrics, ranked.metrics);
  Object.assign(intervals, ranked.intervals);
  for (const name of INNER) {
    const asked = faults.filter(({ inner }) => inner[name] !== undefined);
    if (asked.length === 0) continue;
    for (const k of [1, 3]) {
      const hits = asked.filter(({ inner }) => isWithin(inner[name], k)).length;
      metrics[`${name}${k}`] = hits / asked.length;
      intervals[`${name}${k}`] = wilson(hits, asked.length);
    }
  }
  if (differing !== undefined && outcomes.length > 0) {
    const same = outcomes.length - differing.length;
    metrics['scrambleAgreement'] = same / outcomes.length;
    intervals['scrambleAgreement'] = wilson(same, outcomes.length);
  }
  return {
    set,
    task: faults.some(({ inner }) => inner.change !== undefined) ? 'change' : 'root-cause',
    cases: outcomes.length,
    metrics,
    intervals,
    nulls: nullsOf(faults),
    results: outcomes.map(({ result }) => result),
    groups: [...groupsOf(placed, 'kind'), ...groupsOf(placed, 'system')],
    notes: notesOf(outcomes, differing, passedOver),
  };
}

const INNER = ['region', 'metric', 'change'] as const satisfies readonly (keyof InnerRanks)[];

const isWithin = (rank: InnerRank, k: number): boolean =>
  rank !== undefined && rank !== null && rank <= k;

/** Top 1 of a constant (the name that is right most often), of chance, and of the largest z. */
export function nullsOf(faults: readonly Outcome[]): Readonly<Record<string, number>> {
  if (faults.length === 0) return {};
  const counts = new Map<string, number>();
  for (const { truths } of faults) {
    for (const name of new Set(truths)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const share = (hits: number): number => hits / faults.length;
  const chance = faults.reduce(
    (sum, { truths, choices }) => sum + truths.length / Math.max(choices, truths.length),
    0,
  );
  const first = (rank: number | null | undefined): boolean => typeof rank === 'number' && rank <= 1;
  const nulls: Record<string, number> = {
    prior: share(Math.max(...counts.values())),
    random: share(chance),
    largestZ: share(faults.filter(({ largestZ }) => first(largestZ.rank)).length),
  };
  if (faults.some(({ lastN }) => lastN)) {
    nulls['lastN'] = share(faults.filter(({ lastN }) => first(lastN?.rank)).length);
  }
  return nulls;
}

export function groupsOf(
  faults: readonly (PlacedCase & Pick<Outcome, 'kind' | 'system'>)[],
  by: GroupScore['by'],
): readonly GroupScore[] {
  const groups = new Map<string, PlacedCase[]>();
  for (const one of faults) {
    const name = one[by];
    if (name !== '') groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, cases]) => ({
      by,
      name,
      cases: cases.length,
      metrics: rankingScore(cases).metrics,
    }));
}

function notesOf(
  outcomes: readonly Outcome[],
  differing: readonly string[] | undefined,
  passedOver: readonly string[],
): readonly string[] {
  const notes: string[] = [];
  const quiet = outcomes.filter((one) => one.quiet).length;
  if (quiet > 0) notes.push(`${quiet} cases have no cause: they count in "silent", not in top-k.`);
  const missed = outcomes.filter(({ miss, quiet: calm }) => miss !== undefined && !calm);
  for (const [miss, words] of Object.entries(MISSES)) {
    const n = missed.filter((one) => one.miss === miss).length;
    if (n > 0) notes.push(`${n} of ${missed.length} that are not right at once: ${words}.`);
  }
  if (passedOver.length > 0) {
    notes.push(
      `${passedOver.length} cases allow no blind claim (excerpts of traces or logs, or a recording that is no longer than its incident).`,
    );
  }
  if (differing !== undefined && differing.length > 0) {
    notes.push(`Rankings differ after scrambling: ${differing.join(', ')}.`);
  }
  return notes;
}
