import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PreviewGrid, PreviewTally, levelName, totalOf } from './preview';

const SECOND = 1_000_000_000n;
const T = 1_790_000_000n * SECOND;

describe('the buckets of a preview', () => {
  it('cover every window without gap or overlap, 120 a window at most', () => {
    const length = fc.bigInt({ min: 1n, max: 4000n * 86_400n * SECOND });
    const offset = fc.bigInt({ min: 0n, max: 100n * SECOND });
    fc.assert(
      fc.property(offset, length, length, offset, (start, one, two, gap) => {
        const from = T + start;
        const windows = [
          { from, to: from + one },
          { from: from + one + gap, to: from + one + gap + two },
        ];
        const { starts, ends, step } = new PreviewGrid(windows);
        for (const window of windows) {
          const own = [...starts.keys()].filter(
            (at) => (starts[at] ?? 0n) >= window.from && (ends[at] ?? 0n) <= window.to,
          );
          expect(own.length).toBeGreaterThan(0);
          expect(own.length).toBeLessThanOrEqual(120);
          expect([starts[own[0] ?? 0], ends[own.at(-1) ?? 0]]).toEqual([window.from, window.to]);
          for (const at of own.slice(1)) {
            expect(starts[at]).toBe(ends[at - 1]);
            expect((starts[at] ?? 0n) % step).toBe(0n);
          }
        }
      }),
    );
  });

  it('are found by multiples of the step; what lies beside goes to the nearest', () => {
    const grid = new PreviewGrid([
      { from: T + 500_000_000n, to: T + 60n * SECOND },
      { from: T + 600n * SECOND, to: T + 630n * SECOND },
    ]);
    const at = Number(T / grid.step);
    expect(grid.step).toBe(500_000_000n);
    expect([grid.bucket(0, at), grid.bucket(0, at + 1), grid.bucket(0, at + 2)]).toEqual([0, 0, 1]);
    expect(grid.bucket(0, at + 5000)).toBe(118);
    expect(grid.starts[grid.bucket(1, at + 1200)]).toBe(T + 600n * SECOND);
  });
});

describe('the groups of a preview', () => {
  const grid = new PreviewGrid([{ from: T, to: T + 60n * SECOND }]);

  it('are levels from the worst on, then what has none', () => {
    const tally = new PreviewTally(grid, 'level');
    for (const severity of [9, 0, 17, 13, 22]) tally.add('logs', levelName(severity), 3, 2);
    const { groups, notices } = tally.take();
    expect(groups.map(({ name, kind }) => name || kind)).toEqual([
      'fatal',
      'error',
      'warn',
      'info',
      'none',
    ]);
    expect([tally.total, notices]).toEqual([10, []]);
  });

  it('are the twelve largest services; the rest is counted together, and said', () => {
    const tally = new PreviewTally(grid, 'service');
    for (let i = 0; i < 15; i++) tally.add('logs', `s${i}`, i, i + 1);
    tally.add('logs', undefined, 0, 4);
    const { groups, notices } = tally.take();
    expect(groups).toHaveLength(13);
    expect(groups[0]).toMatchObject({ name: 's14', kind: 'value' });
    const other = groups.at(-1);
    expect(other?.kind).toBe('other');
    expect([...(other?.counts.slice(0, 4) ?? [])]).toEqual([5, 2, 3, 0]);
    expect(notices).toMatchObject([{ code: 'preview-groups-cut', count: 10 }]);
    const sum = groups.reduce((all, { counts }) => all + totalOf(counts), 0);
    expect(sum).toBe(tally.total);
  });
});

it('names severities as OpenTelemetry numbers them', () => {
  const names = [0, 1, 4, 5, 9, 12, 13, 17, 20, 21, 24, 30].map(levelName);
  expect(names.join()).toBe(',trace,trace,debug,info,info,warn,error,error,fatal,fatal,fatal');
});
