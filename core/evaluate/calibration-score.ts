import { createRng } from '../base';
import { bootstrap, type Interval } from './intervals';

/** A stated probability and what came of it. */
export interface Forecast {
  readonly confidence: number;
  readonly correct: boolean;
}

export interface Bin {
  readonly cases: number;
  readonly confidence: number;
  readonly hitRate: number;
}

const BINS = 10;

/** Bins of equal mass by stated confidence, ascending; fewer where there are fewer cases. */
export function binsOf(
  forecasts: readonly Forecast[],
  bins = BINS,
): readonly (readonly Forecast[])[] {
  const ordered = [...forecasts].sort((a, b) => a.confidence - b.confidence);
  const count = Math.min(bins, ordered.length);
  return Array.from({ length: count }, (_, b) =>
    ordered.slice(
      Math.floor((b * ordered.length) / count),
      Math.floor(((b + 1) * ordered.length) / count),
    ),
  );
}

export function reliability(forecasts: readonly Forecast[], bins = BINS): readonly Bin[] {
  return binsOf(forecasts, bins).map((part) => ({
    cases: part.length,
    confidence: mean(part.map(({ confidence }) => confidence)),
    hitRate: mean(part.map(({ correct }) => Number(correct))),
  }));
}

/** Expected calibration error (Naeini, Cooper & Hauskrecht, AAAI 2015) over bins of equal mass. */
export function ece(forecasts: readonly Forecast[], bins = BINS): number {
  const n = forecasts.length;
  if (n === 0) return Number.NaN;
  return reliability(forecasts, bins).reduce(
    (sum, bin) => sum + (bin.cases / n) * Math.abs(bin.hitRate - bin.confidence),
    0,
  );
}

export function brier(forecasts: readonly Forecast[]): number {
  return mean(forecasts.map(({ confidence, correct }) => (confidence - Number(correct)) ** 2));
}

/** 1 − Brier score over that of always stating the base rate; NaN where every case came out alike. */
export function brierSkill(forecasts: readonly Forecast[]): number {
  const base = mean(forecasts.map(({ correct }) => Number(correct)));
  const reference = base * (1 - base);
  return reference > 0 ? 1 - brier(forecasts) / reference : Number.NaN;
}

export interface RiskPoint {
  /** Share of the cases that are answered, the surest first. */
  readonly coverage: number;
  /** Share of the answers that are wrong. */
  readonly risk: number;
}

/** Risk against coverage (El-Yaniv & Wiener, JMLR 2010) at tenths. */
export function riskCoverage(forecasts: readonly Forecast[], points = 10): readonly RiskPoint[] {
  const ordered = [...forecasts].sort((a, b) => b.confidence - a.confidence);
  return Array.from({ length: points }, (_, i) => {
    const kept = ordered.slice(0, Math.round(((i + 1) * ordered.length) / points));
    return {
      coverage: (i + 1) / points,
      risk: mean(kept.map(({ correct }) => Number(!correct))),
    };
  });
}

export interface CalibrationScore {
  readonly cases: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly intervals: Readonly<Record<string, Interval>>;
}

/** ece and brierSkill with bootstrap intervals. */
export function calibrationScore(forecasts: readonly Forecast[], seed = 1): CalibrationScore {
  if (forecasts.length === 0) return { cases: 0, metrics: {}, intervals: {} };
  const rng = createRng(seed);
  const skill = brierSkill(forecasts);
  const metrics: Record<string, number> = { ece: ece(forecasts), brier: brier(forecasts) };
  const intervals: Record<string, Interval> = {
    ece: bootstrap(forecasts, (drawn) => ece(drawn), rng.fork('ece'), 500),
  };
  if (!Number.isNaN(skill)) {
    metrics['brierSkill'] = skill;
    intervals['brierSkill'] = bootstrap(forecasts, brierSkill, rng.fork('brier'), 500);
  }
  return { cases: forecasts.length, metrics, intervals };
}

function mean(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
