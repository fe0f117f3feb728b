import { describe, expect, it } from 'vitest';
import { buildTrace, visibleRows, type SpanColumns } from './trace-model';

/**
 * Reads a trace from a drawing: one span a line, `name < parent` and its stretch as `[from,to]`, a `c` after
 * it for a consumer.
 */
function draw(text: string): SpanColumns {
  const rows = text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => /(\w+)(?: < (\w+))? \[(\d+),(\d+)\](c?)/.exec(line) ?? [])
    .sort((a, b) => Number(a[3]) - Number(b[3]));
  return {
    spanId: rows.map((row) => row[1] ?? ''),
    parentId: rows.map((row) => row[2] ?? ''),
    start: Float64Array.from(rows, (row) => Number(row[3])),
    duration: Float64Array.from(rows, (row) => Number(row[4]) - Number(row[3])),
    kind: Int32Array.from(rows, (row) => (row[5] === 'c' ? 5 : 2)),
  };
}

const trace = draw(`
  gateway [0,100]
  auth < gateway [5,15]
  order < gateway [20,90]
  db < order [30,80]
  mail < order [85,200]c
`);
const named = (rows: Iterable<number>): string[] => [...rows].map((row) => trace.spanId[row] ?? '');

describe('a trace', () => {
  const model = buildTrace(trace);

  it('is ordered with parents before children', () => {
    expect(named(model.order)).toEqual(['gateway', 'auth', 'order', 'db', 'mail']);
    expect([...model.depth]).toEqual([0, 1, 1, 2, 2]);
    expect(model.end).toBe(200);
  });

  it('knows own time: what no child covers', () => {
    const self = Object.fromEntries(trace.spanId.map((id, row) => [id, model.self[row]]));
    expect(self).toEqual({ gateway: 20, auth: 10, order: 15, db: 50, mail: 115 });
  });

  it('has a critical path that waits for no consumer', () => {
    const path = model.critical.map(([row, from, to]) => `${trace.spanId[row]} ${from}-${to}`);
    expect(path).toEqual([
      'gateway 90-100',
      'order 80-90',
      'db 30-80',
      'order 20-30',
      'gateway 15-20',
      'auth 5-15',
      'gateway 0-5',
    ]);
  });

  it('folds what lies below a span', () => {
    const order = trace.spanId.indexOf('order');
    expect(named(visibleRows(model, new Set([order])))).toEqual(['gateway', 'auth', 'order']);
  });

  it('keeps spans whose parent is missing, and those that name each other', () => {
    const odd = draw(`
      a < nowhere [0,10]
      b < c [1,2]
      c < b [1,3]
    `);
    const broken = buildTrace(odd);
    expect(broken.orphans).toBe(1);
    expect([...broken.order].sort((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  it('of nothing is nothing', () => {
    expect(buildTrace(draw(''))).toMatchObject({ size: 0, end: 0, critical: [] });
  });
});
