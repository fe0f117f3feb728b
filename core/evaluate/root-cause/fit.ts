import { calibrationScore, type Forecast } from '../calibration-score';
import { fitLogistic, probabilityOf, type Example, type Logistic } from '../logistic';
import type { SetScore } from '../task';
import type { Labelled, Outcome } from './outcome';

/** One model for the first place, one for those below it: they are asked about different things. */
export interface CalibrationFit {
  readonly first: Logistic;
  readonly others: Logistic;
  readonly cases: number;
}

/** Answered cases: of an abstention no confidence is shown. */
const answered = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.filter(({ abstained, fused }) => !abstained && fused.length > 0);

const exampleOf = ({ features, correct }: Labelled): Example => ({ x: features, y: correct });

export function fitCalibration(outcomes: readonly Outcome[]): CalibrationFit {
  const used = answered(outcomes);
  return {
    first: fitLogistic(
      used.flatMap(({ fused }) => fused.slice(0, 1).map(exampleOf)),
      RIDGE,
    ),
    others: fitLogistic(
      used.flatMap(({ fused }) => fused.slice(1).map(exampleOf)),
      RIDGE,
    ),
    cases: used.length,
  };
}

/** Strong: the fit must hold on systems that it has not seen. */
const RIDGE = 3;

/** Groups that are left out whole: a recorded system, a fault kind of the simulator. */
const groupOf = ({ simulated, set, kind }: Outcome): string => (simulated ? `${set}/${kind}` : set);

/** Confidence of rank 1 in every case, from a fit that has not seen the case's system. */
export function crossValidated(outcomes: readonly Outcome[]): readonly SetScore[] {
  const used = answered(outcomes);
  const groups = [...new Set(used.map(groupOf))];
  const forecasts: (Forecast & { readonly simulated: boolean })[] = [];
  for (const group of groups) {
    const fit = fitCalibration(used.filter((one) => groupOf(one) !== group));
    for (const { fused, simulated, quiet } of used.filter((one) => groupOf(one) === group)) {
      const [first] = fused;
      if (!first || quiet) continue;
      const confidence = bounded(probabilityOf(fit.first, first.features));
      forecasts.push({ confidence, correct: first.correct, simulated });
    }
  }
  const parts = [
    ['left out: all', forecasts],
    ['left out: recorded', forecasts.filter(({ simulated }) => !simulated)],
    ['left out: simulated', forecasts.filter(({ simulated }) => simulated)],
  ] as const;
  return parts.flatMap(([set, part]) => {
    const { cases, metrics, intervals } = calibrationScore(part);
    if (cases === 0) return [];
    return [{ set, task: 'calibration', cases, metrics, intervals, nulls: {}, results: [] }];
  });
}

const bounded = (p: number): number => Math.min(0.99, Math.max(0.01, p));

/** The coefficients as a module of core/analysis. */
export function fitModule(
  { first, others, cases }: CalibrationFit,
  places: readonly string[],
): string {
  const numbers = (values: readonly number[]): string => values.map((v) => v.toFixed(4)).join(', ');
  const model = ({ intercept, weights }: Logistic): string =>
    `{ intercept: ${intercept.toFixed(4)}, weights: [${numbers(weights)}] }`;
  return `/**
 * Fitted on ${cases} answered incidents by \`faultline bench ${places.join(' ')} --fit\` on this file; weights in
 * the order of candidateFeatures. Do not edit by hand.
 */
export const COEFFICIENTS = {
  first: ${model(first)},
  others: ${model(others)},
} as const;
`;
}
