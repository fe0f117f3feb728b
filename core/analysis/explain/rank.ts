import type { Difference } from '../../model';
import type { Found } from './found';
import { corrected } from './stats';
import { sentenceOf } from './words';

/** False discoveries that the list may hold, as a share of it. */
const FALSE_DISCOVERIES = 0.01;
const MOST = 400;
/** What a further line about the same entity is worth beside the one before it. */
const AGAIN = 0.6;
/** Standardised effects below this are real, perhaps, but nobody would see them. */
const LEAST_EFFECT = 0.2;

export interface Ranked {
  readonly differences: readonly Difference[];
  readonly alike: number;
}

/**
 * One list over all signals: compressed effect times certainty, and every further line about an entity
 * counts less than the one before it (Carbonell & Goldstein 1998), so that the first lines are of several.
 */
export function rankDifferences(found: readonly Found[]): Ranked {
  const qs = corrected(found.map(({ p }) => p));
  const scored = found.map((one, i) => ({ one, q: qs[i] ?? 1, score: scoreOf(one, qs[i] ?? 1) }));
  const different = scored.filter(({ score }) => score > 0);
  const always = scored.filter(({ one, score }) => score === 0 && one.notable);
  const listed = diverse(different);
  const differences = [
    ...listed.map(({ one, q, score }) => finish(one, q, score, one.novelty)),
    ...always
      .sort((a, b) => b.one.support.selected - a.one.support.selected || order(a.one, b.one))
      .map(({ one, q }) => finish(one, q, 0, 'always')),
  ]
    .slice(0, MOST)
    .map((difference, i) => ({ ...difference, rank: i + 1 }));
  return { differences, alike: found.length - differences.length };
}

function scoreOf({ effect, signal, p }: Found, q: number): number {
  // A single change can't be significant among many comparisons: it is dated, not counted.
  if (signal === 'change') return p < 0.5 ? 0.6 * Math.abs(effect) : 0;
  if (q > FALSE_DISCOVERIES || Math.abs(effect) < LEAST_EFFECT) return 0;
  const certainty = Math.min(1, -Math.log10(Math.max(1e-12, q)) / 8);
  return Math.log1p(Math.abs(effect)) * certainty;
}

interface Scored {
  readonly one: Found;
  readonly q: number;
  readonly score: number;
}

function diverse(items: readonly Scored[]): Scored[] {
  const sorted = [...items].sort((a, b) => b.score - a.score || order(a.one, b.one));
  const said = new Map<string, number>();
  const worth = sorted.map((item) => {
    const key = `${item.one.entityId}\u0001${item.one.signal}`;
    const before = said.get(key) ?? 0;
    said.set(key, before + 1);
    return { ...item, score: item.score * AGAIN ** before };
  });
  return worth.sort((a, b) => b.score - a.score || order(a.one, b.one));
}

function order(a: Found, b: Found): number {
  const key = ({ signal, entityId, name, measure, seriesId }: Found): string =>
    [signal, entityId, name, measure, String(seriesId ?? '')].join('\u0001');
  return key(a) < key(b) ? -1 : 1;
}

function finish(
  found: Found,
  q: number,
  score: number,
  novelty: Difference['novelty'],
): Omit<Difference, 'rank'> {
  const { notable: _, ...rest } = found;
  const difference = { ...rest, novelty, q, score };
  return { ...difference, sentence: sentenceOf(difference) };
}
