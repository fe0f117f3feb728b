import type { RankedCause } from '../model';
import type { Facts } from './facts';

/** The verdict in a sentence or two for the header. */
export function headlineOf(
  ranking: readonly RankedCause[],
  robust: boolean | null,
  missing: readonly string[],
): string {
  const [top] = ranking;
  if (!top) return `Not enough evidence to name a cause. ${missing[0] ?? ''}`.trim();
  const change = top.culprits.find(({ kind }) => kind === 'change');
  const after = change ? `, after ${change.name}` : '';
  const sure = top.confidence >= 0.5 ? 'Probably' : 'Perhaps';
  const stays =
    robust === null
      ? ''
      : robust
        ? ' Same answer against every baseline.'
        : ' Other baselines disagree.';
  return `${sure} ${top.entity.name}${after}.${stays}`;
}

/** What is missing and how to get it. */
export function missingOf(
  facts: Facts,
  hasBaseline: boolean,
  rows: ReadonlyMap<string, number>,
): readonly string[] {
  const out: string[] = [];
  const has = (signal: string, win: number): boolean => (rows.get(`${signal}/${win}`) ?? 0) > 0;
  if (!hasBaseline) {
    out.push(
      'There is nothing before the incident to compare with: pull a baseline (previous, -1d or -1w).',
    );
  }
  for (const [signal, word] of [
    ['spans', 'traces'],
    ['logs', 'logs'],
    ['samples', 'metrics'],
  ] as const) {
    if (!has(signal, 1)) out.push(`No ${word} in the incident: pull or import them.`);
    else if (hasBaseline && !has(signal, 0))
      out.push(`No ${word} in the baseline to compare with.`);
  }
  if (out.length === 0 && facts.graph.edges.length === 0) {
    out.push('No dependency is known: traces or a topology file would tell who calls whom.');
  }
  const compared = ['spans', 'logs', 'samples'].some((signal) => has(signal, 0) && has(signal, 1));
  if (hasBaseline && compared) {
    out.unshift('Nothing that people feel is worse than in quiet stretches of the baseline.');
  }
  return out;
}
