/** SQL about spans that stand for more than themselves: what sampling left out is counted by the rate that it had. */

/** How many spans of the system a stored one stands for; one, where nothing says so. */
export const STANDS_FOR = 'coalesce(adjusted_count, 1)';

/** The sum of weights where a condition holds; 0 where it never does. */
export const sumWhere = (weight: string, condition: string): string =>
  `coalesce(sum(${weight}) FILTER (WHERE ${condition}), 0)`;

/** The share of `bad` by weight, where a condition holds; NULL where it never does. */
export const shareWhere = (bad: string, weight: string, condition: string): string =>
  `sum(CASE WHEN ${bad} THEN ${weight} ELSE 0 END) FILTER (WHERE ${condition})
    / sum(${weight}) FILTER (WHERE ${condition})`;

/**
 * What tests may count spans as. Ten spans that stand for a thousand say as much as ten do, so weights are scaled
 * down to the effective number of spans (Kish, Survey Sampling, 1965): `of_all` for what all spans say, of which
 * latencies are, and `of_errors` for how many failed: where those were kept whole they are as good as counted.
 * Both are 1 where no span says how it was sampled.
 */
export const effective = (where: string): string => `effective AS (
  SELECT coalesce(sum(a) / sum(a * a), 1) AS of_all,
    coalesce(sum(a) FILTER (WHERE failed) / sum(a * a) FILTER (WHERE failed), of_all) AS of_errors
  FROM (SELECT ${STANDS_FOR} AS a, status = 2 AS failed FROM spans WHERE ${where})
)`;

interface Quantiles {
  /** A relation with `weight` and what `value` is made of. */
  readonly from: string;
  /** The duration in ms. */
  readonly value?: string;
  /** Columns of it that make a group. */
  readonly by: readonly string[];
  /** Column by quantile. */
  readonly at: Readonly<Record<string, number>>;
}

/**
 * Weighted quantiles of durations in ms as a relation `weighted`: the shortest duration up to which that share of
 * the weight lies. Empty where no span says how it was sampled, so that nothing is sorted for it.
 */
export function weightedQuantiles({ from, value = 'duration / 1e6', by, at }: Quantiles): string {
  const group = by.join(', ');
  const quantiles = Object.entries(at).map(
    ([name, share]) => `min(v) FILTER (WHERE upto >= ${share} * whole) AS ${name}`,
  );
  return `weighted AS (
  SELECT ${group}, ${quantiles.join(', ')} FROM (
    SELECT ${group}, ${value} AS v, sum(weight) OVER (PARTITION BY ${group} ORDER BY ${value}) AS upto,
      sum(weight) OVER (PARTITION BY ${group}) AS whole
    FROM ${from} WHERE ${ANY_SAYS}
  ) GROUP BY ${group}
)`;
}

/**
 * The same of groups whose spans are not at hand a second time: `toldDurations` gathers them beside other
 * aggregates, where a condition says that they are needed; `toldQuantiles` makes `numbered`, which is `from` with a
 * `place`, and `weighted` by it.
 */
export const toldDurations = (needed: string): string =>
  `list({'v': duration / 1e6, 'w': weight}) FILTER (WHERE ${needed}) AS told`;

export function toldQuantiles(from: string, at: Quantiles['at']): string {
  const each = `SELECT place, unnest(told) AS t FROM numbered WHERE told IS NOT NULL`;
  return `numbered AS (SELECT *, row_number() OVER () AS place FROM ${from}),
${weightedQuantiles({ from: `(SELECT place, t.v AS v, t.w AS weight FROM (${each}))`, value: 'v', by: ['place'], at })}`;
}

/** Whether any span says how it was sampled. */
export const ANY_SAYS = 'EXISTS (SELECT 1 FROM spans WHERE adjusted_count <> 1)';

/** Medians in ms of both windows, as a relation `weighted` with `win`; for `medianOf`. */
export const weightedMedians = (from: string): string =>
  weightedQuantiles({ from, value: 'ms', by: ['win'], at: { w50: 0.5 } });

/** The median of `ms` in a window, by weight where spans have any. */
export const medianOf = (win: 0 | 1, condition: string): string =>
  `coalesce((SELECT w50 FROM weighted WHERE win = ${win}), median(ms) FILTER (WHERE ${condition}))`;
