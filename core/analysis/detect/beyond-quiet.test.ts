import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../base';
import type { MetricShift } from '../shifts';
import { moreZ, mostTimes, slowerZ, worstSeries } from './beyond-quiet';
import type { RequestStretch, SeriesStretches } from './stretches';

const normal = (rng: Rng): number =>
  Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());

interface Course {
  /** Spread between stretches, beside that between requests (0.5). */
  readonly between?: number;
  readonly shift?: number;
  readonly errorRate?: (stretch: number) => number;
}

function requests(rng: Rng, { between = 0, shift = 0, errorRate }: Course): RequestStretch[] {
  return [-6, -5, -4, -3, -2, -1, 0, 1, 2].map((stretch) => {
    const own = between * normal(rng) + (stretch >= 0 ? shift : 0);
    const logs = Array.from({ length: 40 }, () => own + 0.5 * normal(rng));
    const failed = errorRate ? logs.filter(() => rng.next() < errorRate(stretch)).length : 0;
    return {
      stretch,
      n: 40,
      timed: 40,
      errors: failed,
      slow: logs.filter((l) => l > 0.8).length,
      off: logs.reduce((a, b) => a + b, 0),
      offSq: logs.reduce((a, b) => a + b * b, 0),
    };
  });
}

const share = (times: number, test: (rng: Rng) => boolean): number => {
  const hits = Array.from({ length: times }, (_, i) => test(createRng(`beyond/${i}`)));
  return hits.filter(Boolean).length / times;
};

describe('requests against quiet stretches', () => {
  it('rarely exceeds three where nothing changed, also where stretches differ from each other', () => {
    expect(share(500, (rng) => slowerZ(requests(rng, {})) > 3)).toBeLessThan(0.01);
    expect(share(500, (rng) => slowerZ(requests(rng, { between: 0.4 })) > 3)).toBeLessThan(0.01);
    expect(share(500, (rng) => moreZ(requests(rng, {}), 'slow', 'timed') > 3)).toBeLessThan(0.01);
  });

  it('sees a shift where stretches are alike, and not where they differ as much anyway', () => {
    const shifted = (between: number) =>
      share(200, (rng) => slowerZ(requests(rng, { between, shift: 0.6 })) > 3.5);
    expect(shifted(0)).toBeGreaterThan(0.95);
    expect(shifted(0.6)).toBeLessThan(0.1);
  });

  it('counts errors as unevenly as the baseline has them', () => {
    const steady = (stretch: number): number => (stretch >= 0 ? 0.3 : 0.01);
    const bursts = (stretch: number): number => (stretch % 3 === 0 ? 0.3 : 0.01);
    expect(moreZ(requests(createRng(1), { errorRate: steady }), 'errors', 'n')).toBeGreaterThan(4);
    expect(moreZ(requests(createRng(1), { errorRate: bursts }), 'errors', 'n')).toBeLessThan(2);
  });

  it('says nothing of a service that hardly had requests', () => {
    const few = requests(createRng(2), { shift: 3 }).filter(({ stretch }) => stretch >= 0);
    expect(slowerZ(few)).toBe(0);
    expect(moreZ(few, 'slow', 'timed')).toBe(0);
  });
});

function series(metric: string, role: MetricShift['role'], base: number[], incident: number[]) {
  const shift = { seriesId: 1n, metric, role, entityId: 'service:a' } as MetricShift;
  const one: SeriesStretches = {
    shift,
    base: new Map(base.map((v, i) => [-1 - i, v])),
    incident,
  };
  return one;
}

describe('the worst series beside the worst of quiet stretches', () => {
  const calm = series('x_seconds', 'latency', [1, 1.1, 0.9, 1, 1.05, 0.95, 1, 1.1], [1, 1.05]);

  it('is beyond them where something broke', () => {
    const up = series('up', 'health', [1, 1, 1, 1, 1, 1, 1, 1], [0, 0]);
    const worst = worstSeries([calm, up]);
    expect(worst?.metric).toBe('up');
    expect(worst?.away).toBeGreaterThan(10 * (worst?.quiet ?? 0));
    expect(worst?.stretches).toBe(8);
  });

  it('is not beyond them where the baseline had the same, be it in another series', () => {
    const spiky = series('y_seconds', 'latency', [1, 1, 9, 1, 1.1, 0.9, 1.1, 1], [1, 1]);
    const now = series('z_seconds', 'latency', [1, 1, 1.05, 1, 1.1, 0.9, 1.1, 1], [8, 8]);
    const worst = worstSeries([calm, spiky, now]);
    expect(worst?.metric).toBe('z_seconds');
    expect(worst?.away).toBeLessThan(1.5 * (worst?.quiet ?? 0));
  });

  it('takes the middle of the incident: a job that was over soon is no trouble', () => {
    const job = series('y_seconds', 'latency', [1, 1, 1, 1, 1.1, 0.9, 1.1, 1], [1, 1, 30, 1, 1]);
    expect(worstSeries([calm, job])?.away).toBeLessThan(2);
  });

  it('does not know of a series without baseline', () => {
    expect(worstSeries([series('x', 'errors', [], [5])])).toBeUndefined();
  });
});

describe('the series that leaves its own quiet stretches furthest', () => {
  const spiky = series('disk', 'saturation', [1, 1, 9, 1, 1.1, 0.9, 1.1, 1], [1, 1.1, 0.9]);
  const steady = [1, 1, 1.05, 1, 1.1, 0.9, 1.1, 1];

  it('is seen beside one that is restless by nature', () => {
    const now = series('cpu', 'saturation', steady, [3, 3, 3]);
    const calm = Array.from({ length: 10 }, () => series('memory', 'saturation', steady, steady));
    const found = mostTimes([spiky, now, ...calm], 6);
    expect(found).toMatchObject({ metric: 'cpu', stretches: 8 });
    expect(found?.times).toBeGreaterThan(2);
    expect(worstSeries([spiky, now])?.away).toBeLessThan(
      2 * (worstSeries([spiky, now])?.quiet ?? 0),
    );
  });

  it('is not one that does what it did before, nor one that moved a little', () => {
    const again = series('disk', 'saturation', [1, 1, 9, 1, 1.1, 0.9, 1.1, 1], [9, 9, 9]);
    const little = series('cpu', 'saturation', steady, [1.2, 1.2, 1.2]);
    expect(mostTimes([again], 6)?.times ?? 0).toBeLessThan(1.1);
    expect(mostTimes([little], 6)?.times ?? 0).toBeLessThan(1.1);
    expect(mostTimes([], 6)).toBeUndefined();
  });
});
