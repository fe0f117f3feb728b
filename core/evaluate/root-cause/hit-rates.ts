import type { ConfidenceBin, HitRate } from '../../model';
import { binsOf, type Forecast } from '../calibration-score';
import { wilson } from '../intervals';
import type { FitCase } from './features';
import { leftOutForecasts } from './fit';

/** The ranking that is shown, beside the methods it is made of. */
const SHOWN = 'rca.fusion';

interface Tally {
  readonly method: string;
  readonly kind: string;
  readonly simulated: boolean;
  of: number;
  hits: number;
}

/** How often each method alone was right, by fault kind, on cases that have a cause. */
export function hitRates(cases: readonly FitCase[]): readonly HitRate[] {
  const tallies = new Map<string, Tally>();
  for (const one of cases) {
    if (one.quiet) continue;
    const { simulated } = one;
    for (const [method, hit] of firstsOf(one)) {
      for (const kind of new Set(['', one.kind])) {
        const key = JSON.stringify([method, kind, simulated]);
        const tally = tallies.get(key) ?? { method, kind, simulated, of: 0, hits: 0 };
        tally.of++;
        if (hit) tally.hits++;
        tallies.set(key, tally);
      }
    }
  }
  return [...tallies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { method, kind, simulated, hits, of }]) => {
      const [low, high] = wilson(hits, of);
      return { method, kind, simulated, hits, of, low, high };
    });
}

/** Of each method that named anything, whether its own first is a true cause; an abstention is a miss. */
function firstsOf({ fused, abstained }: FitCase): ReadonlyMap<string, boolean> {
  const best = new Map<string, { rank: number; correct: boolean }>();
  for (const { methods, correct } of fused) {
    for (const { id, rank } of methods) {
      if (rank < (best.get(id)?.rank ?? Infinity)) best.set(id, { rank, correct });
    }
  }
  const firsts = new Map([...best].map(([id, { correct }]) => [id, correct]));
  const [top] = fused;
  return top ? firsts.set(SHOWN, top.correct && !abstained) : firsts;
}

/** What a stated confidence came to, where the fit had not seen the system. */
export function confidenceBins(cases: readonly FitCase[]): readonly ConfidenceBin[] {
  const forecasts = leftOutForecasts(cases, 'system');
  return [true, false].flatMap((simulated) =>
    binsOf(forecasts.filter((one) => one.simulated === simulated)).map((bin): ConfidenceBin => {
      const [from = 0, to = 0] = [bin[0], bin.at(-1)].map((one) => one?.confidence ?? 0);
      return { simulated, from, to, hits: bin.filter(isHit).length, of: bin.length };
    }),
  );
}

const isHit = ({ correct }: Forecast): boolean => correct;

/** Both tables as a module of core/model. */
export function hitRatesModule(cases: readonly FitCase[], places: readonly string[]): string {
  const rates = hitRates(cases).map(
    ({ method, kind, simulated, hits, of, low, high }) =>
      `  { method: '${method}', kind: ${JSON.stringify(kind)}, simulated: ${simulated}, hits: ${hits}, of: ${of}, low: ${low.toFixed(3)}, high: ${high.toFixed(3)} },\n`,
  );
  const bins = confidenceBins(cases).map(
    ({ simulated, from, to, hits, of }) =>
      `  { simulated: ${simulated}, from: ${from.toFixed(3)}, to: ${to.toFixed(3)}, hits: ${hits}, of: ${of} },\n`,
  );
  return `import type { ConfidenceBin, HitRate } from '../hit-rates';

/** Written by \`faultline bench ${places.join(' ')} --hit-rates\`; do not edit by hand. */
export const HIT_RATES: readonly HitRate[] = [
${rates.join('')}];

/** What a stated confidence came to, where the fit had not seen the system. */
export const CONFIDENCE_BINS: readonly ConfidenceBin[] = [
${bins.join('')}];
`;
}
