import { FEATURES } from '../../analysis';
import { calibrationScore, type Forecast } from '../calibration-score';
import { fitLogistic, probabilityOf, type Example, type Logistic } from '../logistic';
import type { SetScore } from '../task';
import type { FitCase } from './features';
import type { Labelled } from './outcome';

/** One model for the first place, one for those below it: they are asked about different things. */
export interface CalibrationFit {
  readonly first: Logistic;
  readonly others: Logistic;
  readonly cases: number;
}

/** Answered cases that have a cause: of an abstention no confidence is shown. */
const answered = (cases: readonly FitCase[]): readonly FitCase[] =>
  cases.filter(({ abstained, quiet, fused }) => !abstained && !quiet && fused.length > 0);

const exampleOf = ({ features, correct }: Labelled): Example => ({ x: features, y: correct });

export function fitCalibration(cases: readonly FitCase[]): CalibrationFit {
  const used = answered(cases);
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

/** What is left out whole: a system, or a kind of fault. */
export type LeftOut = 'system' | 'kind';

export interface LeftOutForecast extends Forecast {
  readonly simulated: boolean;
  readonly group: string;
}

/** Confidence of rank 1 in every case, from a fit that has seen no case of its system, or of its fault kind. */
export function leftOutForecasts(
  cases: readonly FitCase[],
  by: LeftOut,
): readonly LeftOutForecast[] {
  const used = answered(cases);
  const groups = [...new Set(used.map((one) => one[by]))].sort();
  if (groups.length < 2) return [];
  return groups.flatMap((group) => {
    const { first } = fitCalibration(used.filter((one) => one[by] !== group));
    return used
      .filter((one) => one[by] === group)
      .flatMap(({ fused, simulated }): readonly LeftOutForecast[] => {
        const [top] = fused;
        if (!top) return [];
        const confidence = bounded(probabilityOf(first, top.features));
        return [{ confidence, correct: top.correct, simulated, group }];
      });
  });
}

/** ECE, Brier skill and their intervals of such forecasts, recorded and simulated apart. */
export function crossValidated(cases: readonly FitCase[]): readonly SetScore[] {
  return (['system', 'kind'] as const).flatMap((by) => {
    const forecasts = leftOutForecasts(cases, by);
    return (['simulated', 'recorded'] as const).flatMap((part): readonly SetScore[] => {
      const own = forecasts.filter(({ simulated }) => simulated === (part === 'simulated'));
      const { cases: count, metrics, intervals } = calibrationScore(own);
      if (count === 0) return [];
      const set = `${part}, each ${by === 'kind' ? 'fault kind' : by} left out`;
      return [
        { set, task: 'calibration', cases: count, metrics, intervals, nulls: {}, results: [] },
      ];
    });
  });
}

const bounded = (p: number): number => Math.min(0.99, Math.max(0.01, p));

/** Without zeros at the end: the module is formatted as it is written. */
const rounded = (value: number): string => String(Number(value.toFixed(4)));

/** The coefficients as a module of core/analysis. */
export function fitModule(
  { first, others, cases }: CalibrationFit,
  places: readonly string[],
): string {
  const model = ({ intercept, weights }: Logistic): string =>
    [
      '{',
      `    intercept: ${rounded(intercept)},`,
      '    weights: {',
      ...FEATURES.map((name, at) => `      ${name}: ${rounded(weights[at] ?? 0)},`),
      '    },',
      '  }',
    ].join('\n');
  return `interface Coefficients {
  readonly intercept: number;
  /** By the name of the feature; 0 where it is not named. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Fitted on ${cases} answered incidents, do not edit by hand: \`faultline bench ${places.join(' ')} --fit\`. */
export const COEFFICIENTS: { readonly first: Coefficients; readonly others: Coefficients } = {
  first: ${model(first)},
  others: ${model(others)},
};
`;
}
