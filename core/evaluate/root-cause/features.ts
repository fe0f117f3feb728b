import type { Outcome } from './outcome';

/** What a calibration is fitted on, a case a line: so that a fit can be tried without running anything. */
export function featureLines(outcomes: readonly Outcome[]): string {
  return outcomes
    .map(({ set, simulated, kind, quiet, abstained, result, fused, silences, trouble }) => {
      const candidates = fused.map(({ correct, confidence, features }) => ({
        correct,
        confidence,
        features,
      }));
      const { id } = result;
      const line = { set, id, simulated, kind, quiet, abstained, candidates, silences, trouble };
      return `${JSON.stringify(line)}\n`;
    })
    .join('');
}
