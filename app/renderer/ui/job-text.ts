import type { Job } from '../../../core/session';
import { formatBytes, formatCount, plural } from './format';

const singular = (unit: string): string => unit.replace(/ies$/, 'y').replace(/s$/, '');

/** "34 MB of 210 MB", "12 of 40 queries · 18 340 rows", "45 %"; '' where nothing is counted yet. */
export function amountText({
  done,
  total,
  unit,
  rows = 0,
}: Pick<Job, 'done' | 'total' | 'unit' | 'rows'>): string {
  const came = rows > 0 && unit !== 'rows' ? plural(rows, 'row') : '';
  return [countText(done, total, unit), came].filter(Boolean).join(' · ');
}

function countText(done: number, total: number | null, unit: string): string {
  if (done === 0 && total === null) return '';
  if (unit === '%') return `${formatCount(done)} %`;
  const count = unit === 'bytes' ? formatBytes : formatCount;
  if (unit === 'bytes') return total === null ? count(done) : `${count(done)} of ${count(total)}`;
  const [one, many] = unit === '' ? ['step', 'steps'] : [singular(unit), unit];
  return total === null ? plural(done, one, many) : `${count(done)} of ${plural(total, one, many)}`;
}
