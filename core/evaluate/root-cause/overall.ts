import { confidenceOf } from '../../analysis';
import { calibrationScore, type Forecast } from '../calibration-score';
import { wilson } from '../intervals';
import type { GroupScore, SetScore } from '../task';
import type { FitCase } from './features';
import type { Outcome } from './outcome';
import type { QuietKind } from './quiet';

/** How sure the first answer is, by today's coefficients, and whether it was right; of the answered cases. */
export function forecastsOf(outcomes: readonly FitCase[]): readonly Forecast[] {
  return outcomes.flatMap(({ quiet, abstained, fused }) => {
    const [first] = fused;
    return quiet || abstained || !first
      ? []
      : [{ confidence: confidenceOf(first.features, 0), correct: first.correct }];
  });
}

/** Over all root-cause cases given: ece and brierSkill, recorded and simulated apart; silent. */
export function overallScores(outcomes: readonly Outcome[]): readonly SetScore[] {
  const parts = [
    ['all root-cause cases', outcomes],
    ['recorded root-cause cases', outcomes.filter(({ simulated }) => !simulated)],
    ['simulated root-cause cases', outcomes.filter(({ simulated }) => simulated)],
  ] as const;
  const [, recorded, simulated] = parts;
  const both = recorded[1].length > 0 && simulated[1].length > 0;
  const shown = both ? parts : parts.slice(0, 1);
  return [...shown.flatMap(([set, part]) => calibrationSet(set, part)), ...silentSets(outcomes)];
}

function calibrationSet(set: string, outcomes: readonly Outcome[]): readonly SetScore[] {
  const { cases, metrics, intervals } = calibrationScore(forecastsOf(outcomes));
  if (cases === 0) return [];
  return [{ set, task: 'calibration', cases, metrics, intervals, nulls: {}, results: [] }];
}

/** One quiet window that was asked about. */
export interface QuietWindow {
  readonly id: string;
  readonly system: string;
  /** How it was cut; of a whole quiet case, which one it is. */
  readonly kind: string;
  readonly simulated: boolean;
  readonly silent: boolean;
  /** What was answered where something was. */
  readonly top: string | null;
}

const WHOLE: QuietKind = 'quiet case';

/** Quiet windows: whole quiet cases, and cuts from the baselines of the others. */
export function quietWindowsOf(outcomes: readonly Outcome[]): readonly QuietWindow[] {
  return outcomes.flatMap(
    ({ quiet, kind, abstained, result, silences, system, set, simulated }): QuietWindow[] => {
      const common = { system, simulated };
      const [top = null] = result.top;
      const id = `${set}/${result.id}`;
      const whole = { ...common, id, kind: kind || WHOLE, silent: abstained, top };
      return [
        ...(quiet ? [whole] : []),
        ...silences.map((one) => ({ ...common, ...one, id: `${set}/${one.id}` })),
      ];
    },
  );
}

function silentSets(outcomes: readonly Outcome[]): readonly SetScore[] {
  const asked = quietWindowsOf(outcomes);
  if (asked.length === 0) return [];
  const silent = asked.filter((one) => one.silent).length;
  const faults = outcomes.filter(({ quiet }) => !quiet);
  const lost = faults.filter(({ abstained }) => abstained).length;
  const results = asked.map(({ id, silent: isSilent, top }) => ({
    id,
    truth: null,
    rank: null,
    top: top === null ? [] : [top],
    seconds: 0,
    verdict: isSilent ? 'insufficient-evidence' : 'ranked',
  }));
  return [
    {
      set: 'quiet windows',
      task: 'quiet',
      cases: asked.length,
      metrics: {
        silent: silent / asked.length,
        ...(faults.length > 0 ? { lost: lost / faults.length } : {}),
      },
      intervals: {
        silent: wilson(silent, asked.length),
        ...(faults.length > 0 ? { lost: wilson(lost, faults.length) } : {}),
      },
      nulls: {},
      results,
      groups: [...silentBy(asked, 'kind'), ...silentBy(asked, 'system')],
      notes: [
        `Of ${faults.length} real incidents ${lost} are lost: answered with "not enough evidence".`,
      ],
    },
  ];
}

function silentBy(asked: readonly QuietWindow[], by: 'kind' | 'system'): readonly GroupScore[] {
  return [...new Set(asked.map((one) => one[by]))].sort().map((name) => {
    const own = asked.filter((one) => one[by] === name);
    const silent = own.filter((one) => one.silent).length / own.length;
    return { by, name, cases: own.length, metrics: { silent } };
  });
}
