import { describe, expect, it } from 'vitest';
import { createRng } from '../base';
import { findQuery, type Frame } from '../model';
import { analyses } from './index';
import { fusion } from './rca/fuse';
import { closureOf } from './runner';
import { frameFrom, shuffled } from './testing/frames';
import { ALL, notFinite, runOf } from './testing/incident';

describe('the registry', () => {
  it('says of each analysis where it is from, and runs it with no parameter given', () => {
    const all = analyses.all();
    expect(all.length).toBeGreaterThan(15);
    for (const analysis of all) {
      expect(analysis.id).toMatch(/^(detect|logs|topology|correlate|rca)\.[a-z-]+$/);
      expect(analysis.version).toBeGreaterThan(0);
      expect(analysis.title).not.toBe('');
      expect(analysis.cite).not.toBe('');
      expect(analysis.params.safeParse({}).success).toBe(true);
    }
  });

  it('lists what an analysis uses before it', () => {
    const order = closureOf(fusion).map(({ id }) => id);
    expect(order.at(-1)).toBe('rca.fusion');
    expect(order.indexOf('detect.operations')).toBeLessThan(order.indexOf('topology.graph'));
    expect(new Set(order).size).toBe(order.length);
  });
});

function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, v: unknown) => {
      if (v instanceof Map)
        return [...v]
          .map(([k, x]) => [String(k), x])
          .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
      if (v instanceof Set) return [...v].map(String).sort();
      if (ArrayBuffer.isView(v)) return [...(v as Float64Array)];
      return typeof v === 'bigint' ? String(v) : v;
    }),
  );
}

/** Lists whose order says nothing, in one order. */
function unordered(value: unknown): unknown {
  if (!Array.isArray(value)) {
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, unordered(v)]));
  }
  const parts = value.map((v) => JSON.stringify(unordered(v)));
  return parts.sort();
}

describe.each(analyses.all().map((analysis) => [analysis.id, analysis] as const))(
  '%s',
  (_, analysis) => {
    const spec = (id: string): Frame => frameFrom(findQuery(id).columns, []);

    it('gives the same for the same input', async () => {
      const [a, b] = [await runOf(analysis, ALL), await runOf(analysis, ALL)];
      expect(plain(b)).toEqual(plain(a));
    });

    it('says the same whatever the order of the rows', async () => {
      // Log lines are read in order of time (logs.templates says so), so theirs stays.
      const rng = createRng(7);
      const mixed = Object.fromEntries(
        Object.entries(ALL).map(([id, frame]) => [
          id,
          id === 'analysis.log-lines' ? frame : shuffled(frame, () => rng.next()),
        ]),
      );
      const [a, b] = [await runOf(analysis, ALL), await runOf(analysis, mixed)];
      expect(unordered(plain(b))).toEqual(unordered(plain(a)));
    });

    it('is empty on nothing, finite on constants and on nulls', async () => {
      expect(notFinite(await runOf(analysis, {}))).toEqual([]);
      const constant = Object.fromEntries(
        Object.entries(ALL).map(([id, { rows }]) => {
          const row = Object.fromEntries(
            Object.entries(findQuery(id).columns).map(([name, type]) => [
              name,
              type === 'str' || type === 'str?' ? 'service:web' : 1,
            ]),
          );
          return [
            id,
            frameFrom(
              findQuery(id).columns,
              Array.from({ length: rows }, () => row),
            ),
          ];
        }),
      );
      expect(notFinite(await runOf(analysis, constant))).toEqual([]);
      const nothing = Object.fromEntries(
        Object.keys(ALL).map((id) => [id, frameFrom(findQuery(id).columns, [{}, {}, {}])]),
      );
      expect(notFinite(await runOf(analysis, nothing))).toEqual([]);
      expect(spec('analysis.alerts').rows).toBe(0);
    });
  },
);
