import type { Likeness, Mark, Trait } from '../../model';

/** Shared traits that are told. */
const MOST_SHARED = 6;

/**
 * How alike fingerprints are: cosine of their traits, each weighed by how rare it is among all that are
 * compared (tf-idf; Salton & Buckley 1988), 0 to 1. Most alike first, ties in the order given.
 */
export function nearest(
  mine: readonly Trait[],
  others: readonly (readonly Mark[])[],
): readonly Likeness[] {
  const rarity = rarityOf([mine, ...others]);
  return others
    .map((other, index) => likeness(index, mine, other, rarity))
    .sort((a, b) => b.score - a.score || a.index - b.index);
}

type Weights = ReadonlyMap<string, number>;

/** ln(1 + N / df): common traits count little, but a folder of two still has traits. */
function rarityOf(all: readonly (readonly Mark[])[]): Weights {
  const seen = new Map<string, number>();
  for (const traits of all) for (const { key } of traits) seen.set(key, (seen.get(key) ?? 0) + 1);
  return new Map([...seen].map(([key, n]) => [key, Math.log(1 + all.length / n)]));
}

function weighed(traits: readonly Mark[], rarity: Weights): Weights {
  return new Map(traits.map(({ key, weight }) => [key, weight * (rarity.get(key) ?? 0)]));
}

const lengthOf = (weights: Weights): number =>
  Math.sqrt([...weights.values()].reduce((sum, w) => sum + w * w, 0));

function likeness(
  index: number,
  mine: readonly Trait[],
  other: readonly Mark[],
  rarity: Weights,
): Likeness {
  const own = weighed(mine, rarity);
  const theirs = weighed(other, rarity);
  const shared = mine
    .map(({ key, text }) => ({ text, product: (own.get(key) ?? 0) * (theirs.get(key) ?? 0) }))
    .filter(({ product }) => product > 0)
    .sort((a, b) => b.product - a.product || (a.text < b.text ? -1 : 1));
  const sum = shared.reduce((total, { product }) => total + product, 0);
  const scale = lengthOf(own) * lengthOf(theirs);
  return {
    index,
    score: scale > 0 ? sum / scale : 0,
    shared: shared.slice(0, MOST_SHARED).map(({ text }) => text),
    sharedCount: shared.length,
  };
}
