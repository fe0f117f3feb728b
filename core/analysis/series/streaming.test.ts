import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { SeriesStream, streamAlerts, streamDefaults } from './streaming';

const wave = (n: number, seed: number): Float64Array => {
  const rng = createRng(seed);
  return Float64Array.from(
    { length: n },
    (_, i) => 50 + 20 * Math.sin((2 * Math.PI * i) / 144) + rng.normal(),
  );
};

describe('the streaming detector', () => {
  it('never looks ahead: what comes later changes nothing before it', () => {
    const series = wave(1500, 1);
    const changed = series.slice();
    changed.fill(500, 1200);
    const surprises = (values: Float64Array): number[] => {
      const stream = new SeriesStream();
      return Array.from(values, (value) => stream.push(value).surprise);
    };
    const [a, b] = [surprises(series), surprises(changed)];
    expect(b.slice(0, 1200)).toEqual(a.slice(0, 1200));
    expect(b.slice(1200)).not.toEqual(a.slice(1200));
  });

  it('raises an alert at the start of what was never there, in every unit', () => {
    const series = wave(2000, 2);
    series.fill(130, 1500, 1560);
    const [first] = streamAlerts(series).filter((row) => row >= 1500);
    expect(first).toBeLessThan(1503);
    const scaled = series.map((v) => v * 1024);
    expect(streamAlerts(scaled)).toEqual(streamAlerts(series));
  });

  it('meets a day that stays away, though every value was seen before', () => {
    const series = wave(3000, 3);
    const rng = createRng(4);
    for (let i = 2200; i < 2300; i++) series[i] = 50 + rng.normal();
    expect(streamAlerts(series).some((row) => row >= 2200 && row < 2320)).toBe(true);
  });

  it('rests after an alert, and asks for more each time', () => {
    const rows = streamAlerts(wave(4000, 5));
    for (let i = 1; i < rows.length; i++)
      expect((rows[i] ?? 0) - (rows[i - 1] ?? 0)).toBeGreaterThanOrEqual(streamDefaults.rest);
    const once = new SeriesStream({ least: -9, fatigue: 1e6, fade: 0, rest: 0 });
    const alerts = Array.from(wave(500, 6), (v) => once.push(v).alert);
    expect(alerts.filter(Boolean)).toHaveLength(1);
  });

  it('stays finite and silent on constants and on nothing but missing values', () => {
    for (const value of [0, 5, 1e100, Number.NaN]) {
      const stream = new SeriesStream();
      for (let i = 0; i < 600; i++) {
        const { surprise, alert } = stream.push(value);
        expect(Number.isFinite(surprise)).toBe(true);
        expect(alert).toBe(false);
      }
    }
  });
});
