import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dragged, edgeAt, moved, partAt, spanBetween } from './drag';
import { stepKey } from './keys';
import { heatStep, hottestFirst, labelSides, packRows, peakOf, placeLanes, valueAt } from './lanes';
import type { Lane, Line } from './lanes';
import { meant } from './menu';
import { readoutsOf } from './readouts';
import {
  absolute,
  gridOver,
  panBy,
  relative,
  roundStep,
  ticksOf,
  timeAt,
  xOf,
  zoomAt,
  type Scale,
  type Span,
} from './scale';
import {
  coveredSeconds,
  estimateText,
  meanHeat,
  serviceSeries,
  spread,
  volumeShare,
} from './series';
import { zoneOffsetMs } from './use-axis';

const WHOLE: Span = { from: 0, to: 1_800_000 };
const scale: Scale = { from: 0, to: 1000, left: 100, width: 500 };

describe('scale', () => {
  it('lays time over pixels and back', () => {
    expect(xOf(scale, 500)).toBe(350);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), (t) => {
        expect(timeAt(scale, xOf(scale, t))).toBeCloseTo(t, 6);
      }),
    );
  });

  it('keeps nanoseconds through relative times', () => {
    const origin = 1_795_269_600_000_000_000n;
    expect(absolute(relative(origin + 1_234_567_891n, origin), origin)).toBe(
      origin + 1_234_567_891n,
    );
  });

  it('zooms with the time under the pointer staying there, never out of the case', () => {
    const view = { from: 600_000, to: 1_200_000 };
    const next = zoomAt(view, WHOLE, 750_000, 0.5);
    expect(next).toEqual({ from: 675_000, to: 975_000 });
    expect((750_000 - next.from) / (next.to - next.from)).toBeCloseTo(0.25);
    expect(zoomAt(view, WHOLE, 700_000, 10)).toBe(WHOLE);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 5, noNaN: true }),
        (share, factor) => {
          const t = view.from + share * (view.to - view.from);
          const { from, to } = zoomAt(view, WHOLE, t, factor);
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(WHOLE.to);
          expect(to).toBeGreaterThan(from);
        },
      ),
    );
  });

  it('pans up to the ends and keeps the length', () => {
    expect(panBy({ from: 100, to: 200 }, WHOLE, -500)).toEqual({ from: 0, to: 100 });
    expect(panBy({ from: 100, to: 200 }, WHOLE, 9e9)).toEqual({
      from: WHOLE.to - 100,
      to: WHOLE.to,
    });
  });

  it('puts ticks on round times, counted from what is round in the zone', () => {
    const half = ticksOf({ from: 0, to: 1_800_000, left: 0, width: 900 }, 0, 84);
    expect(half.step).toBe(180_000);
    expect(half.at).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => n * 180_000));
    expect(ticksOf({ from: 0, to: 10_000, left: 0, width: 1000 }, 300, 84).at[0]).toBe(300);
    expect(roundStep(61_000)).toBe(120_000);
  });

  it('knows how far a zone is ahead', () => {
    const noon = 1_795_262_400_000_000_000n;
    expect(zoneOffsetMs(noon, 'UTC')).toBe(0);
    expect(zoneOffsetMs(noon, 'Asia/Kolkata')).toBe(5.5 * 3_600_000);
    expect(zoneOffsetMs(noon, 'America/New_York')).toBe(-5 * 3_600_000);
  });

  it('cuts the view into buckets that stay put while it moves', () => {
    const a = gridOver({ from: 1234, to: 61_234 }, 600, 5);
    const b = gridOver({ from: 1534, to: 61_534 }, 600, 5);
    expect(a.step).toBe(500);
    expect((b.from - a.from) % a.step).toBe(0);
    expect(a.from + a.buckets * a.step).toBeGreaterThanOrEqual(61_234);
  });
});

describe('drag', () => {
  it('brushes in either direction, inside the case, never empty', () => {
    expect(dragged({ kind: 'brush', anchor: 500 }, 200, 0, WHOLE)).toEqual({ from: 200, to: 500 });
    expect(spanBetween(-50, 70, WHOLE)).toEqual({ from: 0, to: 70 });
    const { from, to } = spanBetween(WHOLE.to, WHOLE.to, WHOLE);
    expect(to - from).toBe(1);
    expect(to).toBe(WHOLE.to);
  });

  it('moves an edge or the body of a window; an edge past the other turns it round', () => {
    const start = { from: 1000, to: 2000 };
    expect(moved(start, 'from', -300, WHOLE)).toEqual({ from: 700, to: 2000 });
    expect(moved(start, 'from', 1500, WHOLE)).toEqual({ from: 2000, to: 2500 });
    expect(moved(start, 'body', -5000, WHOLE)).toEqual({ from: 0, to: 1000 });
  });

  it('pans against the pointer', () => {
    const drag = { kind: 'pan', start: { from: 1000, to: 2000 }, x: 50, msPerPixel: 2 } as const;
    expect(dragged(drag, 0, 40, WHOLE)).toEqual({ from: 1020, to: 2020 });
  });

  it('finds edges within reach and bodies between them', () => {
    const span = { from: 200, to: 600 };
    expect(edgeAt(scale, span, 203)).toBe('from');
    expect(edgeAt(scale, span, 398)).toBe('to');
    expect(edgeAt(scale, span, 300)).toBeUndefined();
    expect(partAt(scale, span, 300)).toBe('body');
    expect(partAt(scale, span, 500)).toBeUndefined();
  });

  it('brushes by keyboard from where the cursor was, growing', () => {
    const scene = { view: WHOLE, whole: WHOLE, range: undefined, incident: undefined, lanes: [] };
    const right = { key: 'ArrowRight', shiftKey: true, ctrlKey: false };
    const one = stepKey(right, 900_000, scene);
    expect(one).toEqual({ cursor: 909_000, range: { from: 900_000, to: 909_000 } });
    const two = stepKey(right, 909_000, { ...scene, range: one?.range });
    expect(two?.range).toEqual({ from: 900_000, to: 918_000 });
    expect(stepKey({ ...right, key: 'x' }, 0, scene)).toBeUndefined();
  });

  it('means the brushed stretch, or that of an alert', () => {
    const bar = {
      from: 5,
      to: 9,
      key: '',
      row: 0,
      label: '',
      title: '',
      severity: 'info',
    } as const;
    const item = {
      kind: 'alert',
      bar: { ...bar, member: false, groupId: '', entityId: undefined, alert: undefined },
    } as const;
    expect(meant(3, { from: 1, to: 4 }, item)).toEqual({ from: 1, to: 4 });
    expect(meant(6, { from: 1, to: 4 }, item)).toEqual({ from: 5, to: 9 });
    expect(meant(6, undefined, undefined)).toBeUndefined();
  });
});

const line = (values: number[], level?: number): Line => ({
  name: 'a',
  entityId: undefined,
  grid: { from: 0, step: 10, buckets: values.length },
  values: Float64Array.from(values),
  level,
});

const lane = (id: string, height: number, flex: number, lines: Line[] = []): Lane => ({
  id,
  label: id,
  sub: '',
  hint: '',
  height,
  flex,
  body: { kind: 'series', lines, format: (v) => `${v} u` },
});

describe('lanes', () => {
  it('gives room that is left over to lanes that can use it', () => {
    const placed = placeLanes([lane('a', 20, 0), lane('b', 40, 1)], 80);
    expect(placed.map(({ top, height }) => [top, height])).toEqual([
      [0, 20],
      [20, 60],
    ]);
    expect(placeLanes([lane('b', 40, 1)], 900)[0]?.height).toBe(72);
    expect(placeLanes([lane('b', 40, 1)], 10)[0]?.height).toBe(40);
  });

  it('packs bars into the first free row, with room for their labels', () => {
    const bars = [
      { from: 0, to: 10, label: 'xx' },
      { from: 11, to: 20, label: '' },
      { from: 13, to: 30, label: '' },
    ];
    expect(packRows(bars, (label) => label.length)).toEqual([0, 1, 0]);
  });

  it('puts labels where they touch nothing, the important ones first', () => {
    const bounds = { from: 0, to: 300 };
    expect(labelSides([100, 130], [60, 60], [false, false], bounds)).toEqual(['left', 'right']);
    expect(labelSides([100, 180], [60, 90], [false, true], bounds)).toEqual(['right', 'right']);
    expect(labelSides([280], [60], [false], bounds)).toEqual(['left']);
    expect(labelSides([20, 40, 60], [60, 60, 60], [false, true, false], bounds)[1]).toBe('right');
    expect(labelSides([20, 30, 40], [60, 60, 60], [false, false, true], bounds)).toEqual([
      undefined,
      undefined,
      'right',
    ]);
  });

  it('sorts entities by heat inside the incident, then by onset', () => {
    const row = (entityId: string, heat: number[]) => ({
      entityId,
      from: 0n,
      step: 10n,
      heat: Float32Array.from(heat),
    });
    const sorted = hottestFirst(
      [row('late', [0, 0, 1, 1]), row('noisy', [1, 1, 0, 0]), row('early', [0, 1, 1, 1])],
      { from: 20n, to: 40n },
    );
    expect(sorted.map(({ entityId }) => entityId)).toEqual(['early', 'late', 'noisy']);
    expect([0, 0.2, 0.4, 0.6, 0.9].map(heatStep)).toEqual([0, 1, 2, 3, 4]);
  });

  it('reads lines at a time and their peak in the view', () => {
    const one = line([1, 5, 2], 3);
    expect(valueAt(one, 15)).toBe(5);
    expect(valueAt(one, 99)).toBeNaN();
    expect(peakOf([one], { from: 20, to: 29 })).toBe(3);
    const placed = placeLanes([lane('p', 30, 0, [one])], 0);
    expect(readoutsOf(placed, 25, WHOLE).get('p 0')).toBe('2 u');
    expect(readoutsOf(placed, undefined, { from: 0, to: 29 }).get('p 0')).toBe('5 u');
    expect(readoutsOf(placed, 99, WHOLE).get('p 0')).toBe('–');
  });
});

describe('series', () => {
  const grid = { from: 0, step: 10_000, buckets: 3 };
  const whole = { from: 5000, to: 25_000 };

  const requests = (...stored: readonly [number, number]) => ({
    rows: 2,
    col: {
      entity_id: ['service:a', 'service:a'],
      bucket: Int32Array.of(0, 2),
      n: Float64Array.of(10, 5),
      errors: Float64Array.of(1, 0),
      p99_ms: Float64Array.of(40, 50),
      stored: Float64Array.from(stored),
    },
  });

  it('says what requests are estimated from, and nothing where each was counted', () => {
    expect(estimateText(requests(10, 5))).toBe('');
    expect(estimateText(requests(2, 5))).toBe(
      '≈ Estimated: 7 sampled spans stand for 15 requests.',
    );
  });

  it('counts rates over the seconds that were recorded', () => {
    expect([...coveredSeconds(grid, whole)]).toEqual([5, 10, 5]);
    const series = serviceSeries(requests(10, 5), grid, whole).get('service:a');
    expect([...(series?.rate ?? [])]).toEqual([2, 0, 1]);
    expect(series?.p99[1]).toBeNaN();
    expect(series?.errors[0]).toBeCloseTo(0.1);
  });

  it('spreads rows over the grid and leaves out what lies beside it', () => {
    expect([...spread(Int32Array.of(1, 7, -1), Float64Array.of(4, 5, 6), 3, 0)]).toEqual([0, 4, 0]);
  });

  it('weighs each signal against itself', () => {
    const share = volumeShare([Float64Array.of(1, 2), Float64Array.of(1000, 500)]);
    expect([...share]).toEqual([0.75, 0.75]);
    expect([...meanHeat([{ grid, heat: Float32Array.of(0, 1, 0) }], grid)]).toEqual([0, 1, 0]);
  });
});
