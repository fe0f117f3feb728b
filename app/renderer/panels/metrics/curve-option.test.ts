import { describe, expect, it } from 'vitest';
import { curveOption, curvesOf } from './curve-option';

const frame = {
  rows: 6,
  col: {
    series_id: BigInt64Array.from([1n, 1n, 1n, 1n, 2n, 2n]),
    bucket: Int32Array.from([0, 1, 2, 20, 0, 5]),
    v: Float64Array.from([1, 2, 3, 4, 5, 6]),
    lo: Float64Array.from([0, 1, 2, 3, 4, 5]),
    hi: Float64Array.from([2, 3, 4, 5, 6, 7]),
  },
};
const SECOND = 1_000_000_000n;

describe('curves', () => {
  const curves = curvesOf(frame, 0n, SECOND);

  it('are taken apart by series, each point in the middle of its bucket', () => {
    expect([...curves.keys()]).toEqual([1n, 2n]);
    expect([...(curves.get(2n)?.x ?? [])]).toEqual([500, 5500]);
  });

  it('have a gap where a series is silent for long', () => {
    expect([...(curves.get(1n)?.mean ?? [])]).toEqual([1, 2, 3, Number.NaN, 4]);
  });

  it('become a line with the range of each bucket behind it', () => {
    const curve = curves.get(1n);
    if (!curve) throw new Error('no curve');
    const option = curveOption({
      curve,
      window: { from: 0n, to: 30n * SECOND },
      baseline: { from: 0n, to: 10n * SECOND },
      incident: undefined,
      colours: { line: 'l', range: 'r', grid: 'g', text: 't', baseline: 'b', incident: 'i' },
      formatValue: String,
      formatTime: String,
    });
    const series = option['series'] as {
      data: [number, number | null][];
      markArea?: { data: unknown[] };
    }[];
    expect(series[1]?.data[0]).toEqual([500, 2]);
    expect(series[2]?.data[3]?.[1]).toBeNull();
    expect(series[2]?.markArea?.data).toHaveLength(1);
  });
});
