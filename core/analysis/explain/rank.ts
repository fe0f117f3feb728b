import type { Difference } from '../../model';
import type { Found } from './found';
import { corrected } from './stats';
import { sentenceOf } from './words';

/** False discoveries that the list may hold, as a share of it. */
const FALSE_DISCOVERIES = 0.01;
const MOST = 400;
/** What a further line about an entity is worth beside the one before it, and one of the same signal. */
const AGAIN = 0.8;
const SAME_SIGNAL = 0.75;
/** What is this far apart is apart: further does not make it more worth a look. */
const PLAIN = 12;
/** What a line is worth that something called by its entity can explain. */
const EXPLAINED = 0.5;
/** A callee explains what is not much more than its own difference. */
const ENOUGH = 0.8;
/**
 * Scales side by side: Cohen calls h = 0.8 and d = 0.8 both large, but deviations of a calm baseline run to
 * dozens, those of a pooled spread to four, an angle to three and a log ratio to seven.
 */
const SCALE: Readonly<Record<Found['measure'], number>> = {
  time: 3,
  level: 1,
  errors: 4,
  share: 4,
  rate: 2,
  event: 1,
};
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
export function rankDifferences(found: readonly Found[], callees: Callees): Ranked {
  const qs = corrected(found.map(({ p }) => p));
  const all = found.map((one, i) => ({ one, q: qs[i] ?? 1, score: scoreOf(one, qs[i] ?? 1) }));
  const scored = explained(all, callees);
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

function scoreOf({ effect, signal, measure, p }: Found, q: number): number {
  // A single change can't be significant among many comparisons: how near it is, for its kind, must do.
  if (signal === 'change') return p < 0.5 ? Math.log1p(PLAIN) * (1 - p) : 0;
  if (q > FALSE_DISCOVERIES || Math.abs(effect) < LEAST_EFFECT) return 0;
  const certainty = Math.min(1, -Math.log10(Math.max(1e-12, q)) / 8);
  return Math.log1p(Math.min(PLAIN, SCALE[measure] * Math.abs(effect))) * certainty;
}

interface Scored {
  readonly one: Found;
  readonly q: number;
  readonly score: number;
}

/** Whom an entity calls, by ids. */
export type Callees = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * What a service says of itself holds what it waited for. Where something that it calls differs about as
 * much, its own inclusive figures (metrics, lines, alerts, attributes) count less; own time and own failures
 * are its own, and stay.
 */
function explained(items: readonly Scored[], callees: Callees): Scored[] {
  const most = new Map<string, number>();
  for (const { one, score } of items)
    if (score > (most.get(one.entityId) ?? 0)) most.set(one.entityId, score);
  return items.map((item) => {
    const { one, score } = item;
    if (score === 0 || OWN.has(one.signal)) return item;
    const below = [...(callees.get(one.entityId) ?? [])];
    const excused = below.some((callee) => (most.get(callee) ?? 0) >= ENOUGH * score);
    return excused ? { ...item, score: score * EXPLAINED } : item;
  });
}

/** Signals that hold nothing of what an entity calls. */
const OWN: ReadonlySet<Found['signal']> = new Set(['operation', 'edge', 'change']);

function diverse(items: readonly Scored[]): Scored[] {
  const sorted = [...items].sort((a, b) => b.score - a.score || order(a.one, b.one));
  const said = new Map<string, number>();
  const before = (key: string): number => {
    const n = said.get(key) ?? 0;
    said.set(key, n + 1);
    return n;
  };
  const worth = sorted.map((item) => {
    const { entityId, signal } = item.one;
    const less = AGAIN ** before(entityId) * SAME_SIGNAL ** before(`${entityId}\u0001${signal}`);
    return { ...item, score: item.score * less };
  });
  return worth.sort((a, b) => b.score - a.score || order(a.one, b.one));
}

/** Ties: what is an entity's own first, then by text. */
function order(a: Found, b: Found): number {
  const own = Number(OWN.has(b.signal)) - Number(OWN.has(a.signal));
  if (own !== 0) return own;
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
