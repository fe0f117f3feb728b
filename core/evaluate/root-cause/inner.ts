import type { Culprit } from '../../model';
import type { Truth } from './truth';

/** What the ranking names inside an entity, in its order. */
export interface Named {
  /** Whether the entity is a true one. */
  readonly correct: boolean;
  readonly culprits: readonly Culprit[];
}

/** From 1; null where none of them is it; undefined where the truth does not say. */
export type InnerRank = number | null | undefined;

export interface InnerRanks {
  readonly region: InnerRank;
  readonly metric: InnerRank;
  readonly change: InnerRank;
}

/** Places of the code region, the metric and the change among the culprits of their kind, best entity first. */
export function innerRanks(ranking: readonly Named[], truth: Truth): InnerRanks {
  const all = ranking.flatMap(({ culprits, correct }) =>
    culprits.map((culprit) => ({
      ...culprit,
      correct,
      text: bare(`${culprit.name} ${culprit.detail}`),
    })),
  );
  type One = (typeof all)[number];
  const placeOf = (
    kinds: readonly Culprit['kind'][],
    fits: (one: One) => boolean,
  ): number | null => {
    const at = all.filter(({ kind }) => kinds.includes(kind)).findIndex(fits);
    return at < 0 ? null : at + 1;
  };
  const { region, metrics, changes } = truth;
  const derived = metrics.some(isDerived);
  return {
    region:
      region.length === 0
        ? undefined
        : placeOf(['operation', 'log-template', 'edge'], ({ text }) =>
            region.some((position) => text.includes(bare(position))),
          ),
    metric:
      metrics.length === 0
        ? undefined
        : placeOf(
            derived ? ['metric', 'edge'] : ['metric'],
            ({ kind, name, correct }) =>
              correct && (metrics.includes(name) || (derived && kind === 'edge')),
          ),
    change:
      changes.length === 0
        ? undefined
        : placeOf(['change'], ({ text }) =>
            changes.some((words) => words.every((word) => text.includes(bare(word)))),
          ),
  };
}

/** A latency between two services is no metric of the recordings: the edge that slowed stands for it. */
const isDerived = (metric: string): boolean => metric.startsWith('network_latency');

const bare = (text: string): string => text.replace(/\s+/g, '').toLowerCase();
