import { calibrationScore, type Forecast } from '../calibration-score';
import { wilson } from '../intervals';
import type { GroupScore, SetScore } from '../task';
import type { Outcome } from './outcome';

/** How sure the first answer was, and whether it was right; of the cases that were answered. */
export function forecastsOf(outcomes: readonly Outcome[]): readonly Forecast[] {
  return outcomes.flatMap(({ quiet, abstained, ranking }) => {
    const [first] = ranking;
    return quiet || abstained || !first
      ? []
      : [{ confidence: first.confidence, correct: first.correct }];
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

interface Asked {
  readonly system: string;
  readonly silent: boolean;
}

/** Quiet windows: whole quiet cases, and cuts from the baselines of the others. */
function silentSets(outcomes: readonly Outcome[]): readonly SetScore[] {
  const results: SetScore['results'][number][] = [];
  const asked: Asked[] = [];
  for (const { quiet, abstained, result, silences, system, set } of outcomes) {
    if (quiet) {
      asked.push({ system, silent: abstained });
      results.push({ ...result, id: `${set}/${result.id}` });
    }
    for (const { id, silent, top } of silences) {
      asked.push({ system, silent });
      const verdict = silent ? 'insufficient-evidence' : 'ranked';
      const tops = top === null ? [] : [top];
      results.push({ id: `${set}/${id}`, truth: null, rank: null, top: tops, seconds: 0, verdict });
    }
  }
  if (asked.length === 0) return [];
  const silent = asked.filter((one) => one.silent).length;
  return [
    {
      set: 'quiet windows',
      task: 'quiet',
      cases: asked.length,
      metrics: { silent: silent / asked.length },
      intervals: { silent: wilson(silent, asked.length) },
      nulls: {},
      results,
      groups: silentBy(asked),
    },
  ];
}

function silentBy(asked: readonly Asked[]): readonly GroupScore[] {
  return [...new Set(asked.map(({ system }) => system))].map((name) => {
    const own = asked.filter(({ system }) => system === name);
    const silent = own.filter((one) => one.silent).length / own.length;
    return { by: 'system', name, cases: own.length, metrics: { silent } };
  });
}
