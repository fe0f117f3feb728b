import type { Candidate } from './fold';

type Ranked = Pick<Candidate, 'id' | 'score'>;

/** Relative difference below which two scores are one: threads add in any order. */
const EQUAL = 1e-9;

/**
 * Whether two rankings of the same case are equal, ties aside: the same names in every place, where entries
 * of one score may stand in any order. The last tie is left out of the count: the list may be cut in it.
 */
export function sameRanking(
  plain: readonly Ranked[],
  scrambled: readonly Ranked[],
  rename: (name: string) => string,
): boolean {
  if (plain.length !== scrambled.length) return false;
  const groups = tiesOf(plain);
  let at = 0;
  for (const [i, group] of groups.entries()) {
    const there = scrambled.slice(at, at + group.length);
    at += group.length;
    if (i === groups.length - 1 && i > 0) return true;
    const wanted = new Set(group.map(({ id }) => rename(id)));
    if (!there.every(({ id }) => wanted.has(id))) return false;
  }
  return true;
}

function tiesOf(ranking: readonly Ranked[]): readonly (readonly Ranked[])[] {
  const groups: Ranked[][] = [];
  for (const one of ranking) {
    const last = groups.at(-1)?.at(-1);
    const tied =
      last && Math.abs(last.score - one.score) <= EQUAL * Math.max(1e-12, Math.abs(last.score));
    if (tied) groups.at(-1)?.push(one);
    else groups.push([one]);
  }
  return groups;
}
