import type { Catalog, CatalogItem, Estimate } from './seam';

/** What to pull of a catalog whose things are grouped and estimated. */
export interface Proposal extends Estimate {
  /** Ids of items, in the catalog's order. */
  readonly ids: readonly string[];
  /** Ids of items that matter and do not fit the budget any more. */
  readonly left: readonly string[];
}

/**
 * The families of groups that matter, in the order of the groups and of the items within, as long as the sum of
 * their estimated rows keeps within `budget`; one that is too large is left, a smaller one behind it may fit.
 * What is of no group, or has no estimate, is not proposed.
 */
export function proposeWithin({ items, groups = [] }: Catalog, budget: number): Proposal {
  const taken = new Set<string>();
  const left = new Set<string>();
  let rows = 0;
  let bytes = 0;
  for (const group of groups.filter(({ matters }) => matters)) {
    for (const family of familiesOf(items.filter((item) => item.group === group.id))) {
      const own = family.reduce((n, { estimate }) => n + (estimate?.rows ?? 0), 0);
      const fits = rows + own <= budget;
      for (const { id } of family) (fits ? taken : left).add(id);
      if (!fits) continue;
      rows += own;
      bytes += family.reduce((n, { estimate }) => n + (estimate?.bytes ?? 0), 0);
    }
  }
  const inOrder = (ids: ReadonlySet<string>): readonly string[] =>
    items.filter(({ id }) => ids.has(id)).map(({ id }) => id);
  return { ids: inOrder(taken), left: inOrder(left), rows, bytes };
}

function familiesOf(items: readonly CatalogItem[]): readonly (readonly CatalogItem[])[] {
  const families = new Map<string, CatalogItem[]>();
  for (const item of items.filter(({ estimate }) => estimate !== undefined)) {
    const key = item.family ?? item.id;
    const family = families.get(key);
    if (family) family.push(item);
    else families.set(key, [item]);
  }
  return [...families.values()];
}
