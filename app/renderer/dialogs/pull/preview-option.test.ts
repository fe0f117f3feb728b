import { describe, expect, it } from 'vitest';
import { PreviewGrid, PreviewTally, type Preview } from '../../../../core/connect';
import { bucketAt, keptOf, previewOption, shownOf, signalsOf, snapped } from './preview-option';

const SECOND = 1_000_000_000n;
const T = 1_790_000_000n * SECOND;
const main = { from: T + 250_000_000n, to: T + 60n * SECOND };
const before = { from: T - 60n * SECOND, to: T - 30n * SECOND };

function previewOf(): Preview {
  const grid = new PreviewGrid([main, before]);
  const tally = new PreviewTally(grid, 'level');
  for (const at of grid.starts.keys()) tally.add('logs', 'info', at, 10);
  tally.add('logs', 'error', 60, 300);
  tally.add('logs', '', 61, 5);
  tally.add('spans', 'no error', 70, 7);
  const { step, starts, ends } = grid;
  return { by: 'level', step, starts, ends, how: '', ...tally.take() };
}

describe('what is drawn of a preview', () => {
  const preview = previewOf();
  const shown = shownOf(preview, 'logs', main);

  it('is one signal in the window, without what is there to compare with', () => {
    expect(signalsOf(preview)).toEqual(['logs', 'spans']);
    expect([shown.starts[0], shown.ends.at(-1)]).toEqual([main.from, main.to]);
    expect(shown.groups.map(({ title, total }) => [title, total])).toEqual([
      ['error', 300],
      ['info', 1200],
      ['no level', 5],
    ]);
    expect(shownOf(preview, 'spans', main).groups).toHaveLength(1);
    expect(shownOf(preview, 'logs', before).groups[1]?.total).toBe(600);
  });

  it('is stacked in bars of one width, from the first whole bucket to the last', () => {
    const option = previewOption({
      shown,
      colourOf: ({ title }) => title,
      lines: '',
      text: '',
      formatTime: String,
      formatCount: String,
    });
    const { xAxis, series } = option as {
      xAxis: { min: number; max: number };
      series: { name: string; stack: string; data: [number, number][] }[];
    };
    expect([xAxis.min, xAxis.max]).toEqual([
      Number(T / 1_000_000n),
      Number(T / 1_000_000n) + 60_000,
    ]);
    expect(series.map(({ name, stack }) => [name, stack])).toEqual([
      ['error', 'all'],
      ['info', 'all'],
      ['no level', 'all'],
    ]);
    const gaps = (series[1]?.data ?? []).map(([x], at, all) => x - (all[at - 1]?.[0] ?? x - 500));
    expect(new Set(gaps)).toEqual(new Set([500]));
  });

  it('narrows to whole buckets, inside the window', () => {
    const stretch = { from: T + 10n * SECOND + 1n, to: T + 11n * SECOND - 1n };
    expect(snapped(shown, stretch)).toEqual({ from: T + 10n * SECOND, to: T + 11n * SECOND });
    const beyond = { from: T - 5n * SECOND, to: T + 99n * SECOND };
    expect(snapped(shown, beyond)).toEqual(main);
    expect(snapped(shown, { from: 0n, to: 1n })).toBeUndefined();
    expect(bucketAt(shown, main.from)).toBe(0);
    expect(bucketAt(shown, T + 600_000_000n)).toBe(1);
    expect(bucketAt(shown, main.to)).toBeUndefined();
  });

  it('says what a budget would leave of all windows: errors whole', () => {
    expect(keptOf(preview, 'logs', 1_000_000)).toEqual({ all: 2105, share: 1 });
    expect(keptOf(preview, 'logs', 421).share).toBeCloseTo(0.2);
    expect(keptOf(preview, 'logs', 100).share).toBeCloseTo(300 / 2105);
    expect(keptOf(preview, 'logs', undefined).share).toBeUndefined();
    expect(keptOf(preview, 'samples', 5)).toEqual({ all: 0, share: undefined });
  });
});
