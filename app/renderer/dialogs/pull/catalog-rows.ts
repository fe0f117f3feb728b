import type { Catalog, CatalogGroup, CatalogItem } from '../../../../core/connect';
import { formatBytes, formatCount } from '../../ui';

export type CatalogRow =
  | {
      readonly kind: 'group';
      readonly group: CatalogGroup;
      /** Of the group, as far as the filter shows it. */
      readonly items: readonly CatalogItem[];
    }
  | { readonly kind: 'item'; readonly item: CatalogItem };

/** Things under the headings of their groups, in the order of the groups; without groups as they come. */
export function catalogRows(
  items: readonly CatalogItem[],
  groups: Catalog['groups'] = [],
): readonly CatalogRow[] {
  const known = new Set(groups.map(({ id }) => id));
  const grouped = groups.flatMap((group): readonly CatalogRow[] => {
    const own = items.filter((item) => item.group === group.id);
    if (own.length === 0) return [];
    return [{ kind: 'group', group, items: own }, ...own.map(rowOf)];
  });
  const others = items.filter(({ group }) => group === undefined || !known.has(group));
  return [...grouped, ...others.map(rowOf)];
}

function rowOf(item: CatalogItem): CatalogRow {
  return { kind: 'item', item };
}

/** What is estimated of these, in words; undefined where nothing is. */
export function estimateText(items: readonly CatalogItem[]): string | undefined {
  const estimates = items.flatMap(({ estimate }) => (estimate ? [estimate] : []));
  if (estimates.length === 0) return undefined;
  const rows = estimates.reduce((n, estimate) => n + estimate.rows, 0);
  const bytes = estimates.reduce((n, estimate) => n + estimate.bytes, 0);
  return `about ${formatCount(rows)} rows, ${formatBytes(bytes)}`;
}

/** Whether the estimated rows of a signal are more than a signal may bring. */
export function isOver(items: readonly CatalogItem[], budget: number | undefined): boolean {
  const rows = new Map<string, number>();
  for (const { signal, estimate } of items) {
    rows.set(signal, (rows.get(signal) ?? 0) + (estimate?.rows ?? 0));
  }
  return budget !== undefined && [...rows.values()].some((n) => n > budget);
}
