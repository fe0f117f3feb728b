import { alike, anomalies, changePoints, clusters, streamAlerts, together } from '../core/analysis';
import { createRng } from '../core/base';

export interface SeriesStep {
  readonly step: string;
  readonly points: number;
  readonly ms: number;
  readonly usPerPoint: number;
}

const rng = createRng(14);

/** A season, a walk and noise. */
function seriesOf(points: number, walk = seasonal(points)): Float64Array {
  return walk.map((v) => 100 + 5 * v + 2 * rng.normal());
}

function seasonal(points: number): Float64Array {
  let v = 0;
  return Float64Array.from(
    { length: points },
    (_, i) => (v = 0.9 * v + rng.normal()) + 3 * Math.sin(i / 23),
  );
}

/** Best of three. */
function timed(step: string, points: number, work: () => void): SeriesStep {
  let ms = Infinity;
  for (let i = 0; i < 3; i++) {
    const started = performance.now();
    work();
    ms = Math.min(ms, performance.now() - started);
  }
  return { step, points, ms, usPerPoint: (1000 * ms) / points };
}

function finished(run: Generator<number>): void {
  while (!run.next().done);
}

/** Time of each analysis of series, by length; those of many series on 5,000 of 1,000 points. */
export function seriesBench(): readonly SeriesStep[] {
  const steps: SeriesStep[] = [];
  for (const points of [1_000, 10_000, 100_000]) {
    const one = seriesOf(points);
    steps.push(timed('anomalies, streaming', points, () => streamAlerts(one)));
    steps.push(timed('anomalies, whole', points, () => anomalies(one)));
    steps.push(timed('change points', points, () => changePoints([one])));
  }
  const walks = Array.from({ length: 50 }, () => seasonal(1000));
  const many = Array.from({ length: 5000 }, (_, i) => seriesOf(1000, walks[i % 50]));
  const points = 5_000_000;
  steps.push(timed('clusters of 5,000 series', points, () => finished(clusters(many))));
  steps.push(timed('alike to one of 5,000 series', points, () => finished(alike(many, 0, 20))));
  // A grid of 300 rows is what the detector asks for.
  const rows = many.map((one) => one.subarray(0, 300));
  const base = { from: 0, to: 200 };
  steps.push(
    timed('5,000 series together, 300 rows', 1_500_000, () => finished(together(rows, base))),
  );
  return steps;
}
