import type { Outcome } from './outcome';

export interface HitRate {
  readonly method: string;
  /** Fault kind as the truth names it; '' over all. */
  readonly kind: string;
  /** Cases in which the method named anything. */
  readonly cases: number;
  /** Share of them in which its own first was a true cause. */
  readonly top1: number;
}

/** How often each method alone was right, by fault kind, on cases that have a cause. */
export function hitRates(outcomes: readonly Outcome[]): readonly HitRate[] {
  const tallies = new Map<string, { method: string; kind: string; cases: number; hits: number }>();
  for (const { quiet, kind, fused } of outcomes) {
    if (quiet) continue;
    const spoke = new Map<string, boolean>();
    for (const { methods, correct } of fused) {
      for (const { id, rank } of methods) {
        spoke.set(id, (spoke.get(id) ?? false) || (rank === 1 && correct));
      }
    }
    for (const [method, hit] of spoke) {
      for (const k of new Set(['', kind])) {
        const key = `${method}\u0001${k}`;
        const tally = tallies.get(key) ?? { method, kind: k, cases: 0, hits: 0 };
        tally.cases++;
        if (hit) tally.hits++;
        tallies.set(key, tally);
      }
    }
  }
  return [...tallies.values()]
    .map(({ method, kind, cases, hits }) => ({ method, kind, cases, top1: hits / cases }))
    .sort((a, b) => (a.method + '\u0001' + a.kind < b.method + '\u0001' + b.kind ? -1 : 1));
}

/** The table as a module of core/analysis. */
export function hitRatesModule(rates: readonly HitRate[]): string {
  const rows = rates.map(
    ({ method, kind, cases, top1 }) =>
      `  { method: ${JSON.stringify(method)}, kind: ${JSON.stringify(kind)}, cases: ${cases}, top1: ${top1.toFixed(3)} },`,
  );
  return `export interface HitRate {
  readonly method: string;
  /** Fault kind; '' over all. */
  readonly kind: string;
  /** Labelled incidents in which the method named anything. */
  readonly cases: number;
  /** Share of them in which its own first was a true cause. */
  readonly top1: number;
}

/** Hit rates of each method alone on labelled incidents, written by \`faultline bench … --hit-rates\`. */
export const HIT_RATES: readonly HitRate[] = [
${rows.join('\n')}
];
`;
}
