/**
 * Adjusted Rand index of two partitions of the same items (Hubert & Arabie 1985): 1 where they are equal,
 * about 0 by chance. Both name the group of each item, by any two sets of names.
 */
export function adjustedRandIndex(a: readonly unknown[], b: readonly unknown[]): number {
  if (a.length !== b.length) throw new Error('Both partitions must be of the same items.');
  const both = new Map<unknown, Map<unknown, number>>();
  for (const [i, left] of a.entries()) {
    const row = both.get(left) ?? new Map<unknown, number>();
    row.set(b[i], (row.get(b[i]) ?? 0) + 1);
    both.set(left, row);
  }
  const together = pairs([...both.values()].flatMap((row) => [...row.values()]));
  const [inA, inB] = [pairs(sizesOf(a)), pairs(sizesOf(b))];
  const all = pairs([a.length]);
  const expected = all === 0 ? 0 : (inA * inB) / all;
  const most = (inA + inB) / 2;
  return most === expected ? 1 : (together - expected) / (most - expected);
}

const pairs = (sizes: Iterable<number>): number => {
  let sum = 0;
  for (const n of sizes) sum += (n * (n - 1)) / 2;
  return sum;
};

function sizesOf(names: readonly unknown[]): Iterable<number> {
  const sizes = new Map<unknown, number>();
  for (const name of names) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  return sizes.values();
}
