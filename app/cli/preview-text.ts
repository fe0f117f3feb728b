import { formatRfc3339 } from '../../core/base';
import { totalOf, type Preview } from '../../core/connect';
import { table } from './output';

const BARS = '▁▂▃▄▅▆▇█';
const NOTHING = '·';
/** Characters of one row over time. */
const WIDTH = 60;

/** As `--json` prints it: counts stand by bucket, times are RFC 3339. */
export function previewDocument({ step, starts, ends, groups, newest, ...rest }: Preview): object {
  return {
    ...rest,
    stepSeconds: Number(step) / 1e9,
    starts: [...starts].map(formatRfc3339),
    ends: [...ends].map(formatRfc3339),
    total: groups.reduce((sum, { counts }) => sum + totalOf(counts), 0),
    groups: groups.map(({ counts, ...group }) => ({ ...group, total: totalOf(counts), counts })),
    newest: newest === undefined ? null : formatRfc3339(newest),
  };
}

/** A row a group: how many records, and when. */
export function previewText(preview: Preview): string {
  const { groups, starts, ends, by, how, newest, notices } = preview;
  const lines = notices.map(({ message }) => `notice: ${message}`);
  const [from, to] = [starts[0], ends.at(-1)];
  const between =
    from === undefined || to === undefined
      ? 'in this time'
      : `between ${formatRfc3339(from)} and ${formatRfc3339(to)}`;
  if (groups.length === 0) {
    const last = newest === undefined ? '' : ` The newest record is of ${formatRfc3339(newest)}.`;
    return [`Nothing ${between}.${last}`, ...lines].join('\n');
  }
  const columns = columnsOf(preview);
  const totals = new Map<string, number>();
  for (const { signal, counts } of groups) {
    totals.set(signal, (totals.get(signal) ?? 0) + totalOf(counts));
  }
  const rows = groups.map(({ signal, name, kind, counts }) => {
    const total = totalOf(counts);
    const share = ((100 * total) / (totals.get(signal) ?? 1)).toFixed(1);
    const what = kind === 'none' ? `no ${by}` : kind === 'other' ? 'other' : name;
    return [what, signal, String(total), `${share} %`, barsOf(counts, columns)];
  });
  const sums = [...totals].map(([signal, total]) => `${total} ${signal}`).join(', ');
  const stepped = `${Number(preview.step) / 1e9} s a bucket`;
  return [
    table([by, 'signal', 'count', 'share', 'over time'], rows),
    '',
    `${sums} ${between}, ${stepped}. ${how} Nothing was pulled.`,
    ...lines,
  ].join('\n');
}

/** Buckets that share a character; undefined between windows. */
function columnsOf({ starts, ends }: Preview): readonly (readonly number[] | undefined)[] {
  const joined = Math.ceil(starts.length / WIDTH);
  const columns: (number[] | undefined)[] = [];
  for (const at of starts.keys()) {
    const gap = at > 0 && starts[at] !== ends[at - 1];
    if (gap) columns.push(undefined);
    const last = columns.at(-1);
    if (last && last.length < joined) last.push(at);
    else columns.push([at]);
  }
  return columns;
}

/** One character a column, each group to its own height. */
function barsOf(counts: Float64Array, columns: readonly (readonly number[] | undefined)[]): string {
  const sums = columns.map((of) => of?.reduce((sum, at) => sum + (counts[at] ?? 0), 0));
  const most = Math.max(1, ...sums.map((sum) => sum ?? 0));
  const bar = (sum: number | undefined): string => {
    if (sum === undefined) return ' ';
    if (sum <= 0) return NOTHING;
    return BARS[Math.min(BARS.length, Math.ceil((sum / most) * BARS.length)) - 1] ?? NOTHING;
  };
  return sums.map(bar).join('');
}
