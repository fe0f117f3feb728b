import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertsOf, fingerprint, stretches } from './alerts';
import type { RawSeries } from './api';
import { assemble, fromNative } from './histograms';
import { kindOf } from './kinds';
import { planUnits, sum, type SizedFamily } from './plan';
import { namedOneOf, parseSelectors, render } from './selector';
import { msWindow, rangeOf } from './windows';

const series = (
  labels: Readonly<Record<string, string>>,
  points: readonly (readonly [number, number])[],
): RawSeries => ({
  labels,
  ts: points.map(([ts]) => ts),
  values: points.map(([, value]) => value),
  histograms: [],
});

describe('selectors', () => {
  it('are told apart outside of quotes only', () => {
    const text = 'up{job="a;b\\"}"} ; {path=`x;y`,}\n\nhttp_requests_total';
    expect(parseSelectors(text)).toEqual([
      { name: 'up', matchers: 'job="a;b\\"}"' },
      { matchers: 'path=`x;y`' },
      { name: 'http_requests_total', matchers: '' },
    ]);
    expect(parseSelectors(' ;\n')).toEqual([{ matchers: '' }]);
    expect(() => parseSelectors('rate(up[5m])')).toThrow(/is no series selector/);
  });

  it('take further matchers', () => {
    const [up] = parseSelectors('up{job="a"}');
    expect(up && render(up, namedOneOf(['up']))).toBe('{__name__="up",__name__="up",job="a"}');
    expect(render({ matchers: '' })).toBe('{__name__!=""}');
    expect(namedOneOf(['a.b', 'c"'])).toBe('__name__=~"a\\\\.b|c\\""');
  });
});

describe('windows', () => {
  it('are exact to the millisecond, whichever end a range leaves out', () => {
    const ms = msWindow({ from: 1_000_000_001n, to: 3_000_000_000n });
    expect(ms).toEqual({ from: 1001, to: 3000 });
    // (2999 - 1999, 2999] and [2999 - 1998, 2999] both begin with 1001.
    expect(rangeOf(ms, true)).toEqual({ range: '[1999ms]', at: 2999 });
    expect(rangeOf(ms, false)).toEqual({ range: '[1998ms]', at: 2999 });
  });
});

const family = fc
  .record({
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    series: fc.integer({ min: 0, max: 3000 }),
    rowsPerSeries: fc.integer({ min: 1, max: 400 }),
    buckets: fc.constantFrom(1, 1, 10),
    withoutSelf: fc.boolean(),
  })
  .map(({ name, series: n, rowsPerSeries, buckets, withoutSelf }): SizedFamily => ({
    names: [name],
    histogram: buckets > 1,
    withoutSelf,
    rows: [n * rowsPerSeries, n],
    load: [n * rowsPerSeries * buckets, n * buckets],
    rowSeries: [n, n],
    loadSeries: [n * buckets, n * buckets],
    counted: true,
  }));

describe('a plan', () => {
  const windows = [
    { from: 1_000_003, to: 4_600_010 },
    { from: 90_000_000, to: 90_600_000 },
  ];
  const families = fc.uniqueArray(family, { selector: ({ names }) => names[0], maxLength: 30 });

  it('covers each family and moment once, in requests of a bearable size', () => {
    fc.assert(
      fc.property(families, fc.integer({ min: 1, max: 3_000_000 }), (sized, budget) => {
        const planned = planUnits(sized, windows, budget);
        for (const [w, { from, to }] of windows.entries()) {
          for (const [i, f] of planned.families.entries()) {
            const mine = planned.units
              .filter(([window, , , , first, end]) => window === w && i >= first && i < end)
              .sort((a, b) => a[1] - b[1]);
            if (mine.length === 0) {
              expect(f.load[w]).toBe(0);
              continue;
            }
            expect(mine[0]?.[1]).toBe(from);
            expect(mine.at(-1)?.[2]).toBe(to);
            for (const [j, [, start, end, step]] of mine.entries()) {
              if (j > 0) expect(start).toBe(mine[j - 1]?.[2]);
              if (step === 0) continue;
              expect((end - start) % step).toBe(0);
              expect((end - start) / step).toBeLessThanOrEqual(11_000);
            }
          }
        }
        for (const [, , , , first, end] of planned.units) {
          const kinds = new Set(planned.families.slice(first, end).map((f) => f.withoutSelf));
          expect(kinds.size).toBe(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('fits its budget, with raw samples wherever they fit, and loses no family unsaid', () => {
    fc.assert(
      fc.property(families, fc.integer({ min: 1, max: 3_000_000 }), (sized, budget) => {
        const { stepMs, families: kept, left } = planUnits(sized, windows, budget);
        const all = sum(sized.map(({ rows }) => sum(rows)));
        expect(stepMs === 0).toBe(all <= budget);
        expect(kept.length + left.length).toBe(sized.length);
        const rows = kept.map((f) =>
          sum(
            windows.map(({ from, to }, w) =>
              stepMs === 0
                ? (f.rows[w] ?? 0)
                : Math.min(f.rows[w] ?? 0, (f.rowSeries[w] ?? 0) * Math.ceil((to - from) / stepMs)),
            ),
          ),
        );
        expect(sum(rows)).toBeLessThanOrEqual(budget);
      }),
      { numRuns: 300 },
    );
  });

  it('takes the step that is asked for, or a wider one that fits', () => {
    const one: SizedFamily = {
      names: ['a'],
      histogram: false,
      withoutSelf: false,
      rows: [240_000, 40_000],
      load: [240_000, 40_000],
      rowSeries: [100, 100],
      loadSeries: [100, 100],
      counted: true,
    };
    expect(planUnits([one], windows, 1e6, 7000).stepMs).toBe(7000);
    expect(planUnits([one], windows, 30_000, 7000).stepMs).toBe(15_000);
    // Thirty points a window is the least, unless nothing at all would come.
    expect(planUnits([one], windows, 20_000)).toMatchObject({ stepMs: 30_000, left: [] });
    expect(planUnits([one], windows, 10).left).toEqual([one]);
  });
});

describe('classic histograms', () => {
  const bucket = (le: string, points: readonly (readonly [number, number])[]) =>
    series({ __name__: 'd_bucket', job: 'a', le }, points);

  it('are put together scrape by scrape, whatever order the bounds come in', () => {
    const assembled = assemble(
      [
        bucket('+Inf', [
          [1, 7],
          [2, 9],
          [3, 9],
        ]),
        bucket('10', [
          [1, 5],
          [2, 6],
          [3, 10],
        ]),
        bucket('2.5', [
          [1, 2],
          [3, 2],
          [4, 2],
        ]),
      ],
      [series({ __name__: 'd_sum', job: 'a' }, [[1, 40.5]])],
    );
    expect(assembled.plain).toEqual([]);
    expect(assembled.stray).toBe(1);
    expect(assembled.histograms).toEqual([
      {
        labels: { job: 'a' },
        points: [
          { ts: 1, count: 7n, sum: 40.5, bounds: [2.5, 10], counts: [2n, 3n, 2n] },
          { ts: 2, count: 9n, sum: Number.NaN, bounds: [10], counts: [6n, 3n] },
          // A scrape in the middle of an update: never less than nothing in a bucket.
          { ts: 3, count: 10n, sum: Number.NaN, bounds: [2.5, 10], counts: [2n, 8n, 0n] },
        ],
      },
    ]);
  });

  it('leaves what is no count as it is', () => {
    const rates = [bucket('1', [[1, 0.5]]), bucket('+Inf', [[1, 0.7]])];
    expect(assemble(rates, []).plain).toEqual(rates);
    const open = [bucket('1', [[1, 5]])];
    expect(assemble(open, []).plain).toEqual(open);
  });

  it('fills the gaps between native buckets', () => {
    const buckets = [
      [2, 4, 3],
      [-1, 1, 1],
      [4, 8, 2],
    ] as const;
    expect(fromNative({ ts: 1, count: 6, sum: 20, buckets })).toEqual({
      ts: 1,
      count: 6n,
      sum: 20,
      bounds: [-1, 1, 2, 4, 8],
      counts: [0n, 1n, 0n, 3n, 2n, 0n],
    });
  });
});

describe('kinds', () => {
  it('go by what is stated, then by the name', () => {
    const stated = new Map([
      ['d', { kind: 'histogram', unit: 'seconds', description: 'D.' }],
      ['odd_total', { kind: 'gauge', unit: '', description: '' }],
    ]);
    const there = new Set(['x_sum', 'x_count', 'y_count']);
    const of = (name: string) => kindOf(name, stated, (other) => there.has(other)).kind;
    expect(['d', 'd_sum', 'odd_total', 'a_total', 'x_sum', 'y_count', 'up', 'z'].map(of)).toEqual([
      'histogram',
      'counter',
      'gauge',
      'counter',
      'counter',
      'unknown',
      'gauge',
      'unknown',
    ]);
  });
});

describe('alerts', () => {
  const labels = { __name__: 'ALERTS', alertname: 'Slow', alertstate: 'firing', service: 'cart' };
  const every = (from: number, to: number) =>
    Array.from({ length: (to - from) / 1000 + 1 }, (_, i) => [from + i * 1000, 1] as const);
  const window = { from: 100_000, to: 200_000 };

  it('are stretches; two missed evaluations do not end one, three do', () => {
    const fired = series(labels, [...every(110_000, 120_000), ...every(122_000, 130_000)]);
    const [once, ...none] = stretches([fired], window);
    expect([once?.first, once?.last, once?.before, once?.after]).toEqual([
      110_000,
      130_000,
      false,
      false,
    ]);
    expect(none).toEqual([]);
    const twice = series(labels, [...every(110_000, 120_000), ...every(123_000, 130_000)]);
    expect(stretches([twice], window).map(({ first }) => first)).toEqual([110_000, 123_000]);
  });

  it('know what they can not know: starts before and ends after the window', () => {
    const found = stretches([series(labels, every(100_500, 199_500))], window);
    expect(found[0]).toMatchObject({ before: true, after: true });
    const print = fingerprint({ alertname: 'Slow', service: 'cart' });
    const rules = [
      {
        interval: 1,
        rules: [
          {
            name: 'Slow',
            type: 'alerting',
            duration: 10,
            annotations: { summary: '{{ $labels.service }} at {{ $value }}' },
          },
        ],
      },
    ];
    const known = found.map((stretch) => ({ ...stretch, activeAt: 60 }));
    expect(alertsOf(known, rules)).toEqual([
      {
        fingerprint: print,
        startsAt: 70_000_000_000n,
        endsAt: undefined,
        labels: { alertname: 'Slow', service: 'cart' },
        annotations: { summary: 'cart at {{ $value }}' },
      },
    ]);
    expect(alertsOf(found, [])[0]?.startsAt).toBe(100_500_000_000n);
  });
});
