import type { Catalog, CatalogItem, Proposal } from '../../core/connect';
import { table } from './output';

/** What there is, with counts: what would be pulled has a star. */
export function catalogText(catalog: Catalog): string {
  const rows = catalog.items.map(({ id, signal, count, unit, mapping, selected }) => [
    selected ? '*' : ' ',
    id,
    signal,
    count === null ? '' : String(count),
    unit,
    mapping ?? '',
  ]);
  return [
    table(['', 'what', 'signal', 'count', 'unit', 'mapping'], rows),
    ...noticeLines(catalog),
  ].join('\n');
}

function noticeLines({ notices }: Catalog): readonly string[] {
  return notices.map(({ message }) => `notice: ${message}`);
}

/** The proposal by groups: a star for what is taken, with the estimates of each. */
export function planText(catalog: Catalog, proposal: Proposal, budget: number): string {
  const { items, groups = [] } = catalog;
  if (groups.length === 0) {
    const why = 'This connector does not group what it has, so nothing is proposed:';
    return `${why}\n${catalogText(catalog)}`;
  }
  const taken = new Set(proposal.ids);
  const row = (item: CatalogItem): readonly string[] => [
    taken.has(item.id) ? '*' : ' ',
    item.id,
    item.count === null ? '' : `${item.count} ${item.unit}`,
    item.estimate ? String(item.estimate.rows) : '',
    item.estimate ? bytesText(item.estimate.bytes) : '',
  ];
  const parts = groups.flatMap(({ id, title, why }) => {
    const own = items.filter(({ group }) => group === id);
    const rows = own.map(row);
    return [`${title}: ${why}`, table(['', 'what', 'count', 'rows ~', 'bytes ~'], rows), ''];
  });
  const { ids, left, rows, bytes } = proposal;
  const most = `at most ${budget} rows`;
  const total = `Proposed: ${ids.length} of ${items.length}, about ${rows} rows and ${bytesText(bytes)}; ${most}.`;
  const over =
    left.length === 0
      ? []
      : [`Left, because it does not fit: ${left.length} (${left.join(', ')}).`];
  return [...parts, total, ...over, ...noticeLines(catalog)].join('\n');
}

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
