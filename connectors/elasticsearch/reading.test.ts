import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimeWindow } from '../../core/base';
import type { FieldCaps } from './api';
import { groupsOf, patternOf } from './groups';
import { errorQuery, sampledQuery } from './queries';
import { Fields, recognise, type Overrides } from './recognise';
import { numberingOf, severityOf } from './severity';
import { after, cellsOf, packCells, type Slice } from './slices';
import { mappingWords, type Mapping } from './spec';
import { Tally } from './tally';
import { cellOf, gridOf, rangeQuery, type TimeField } from './time-field';

const DATE: TimeField = { name: '@timestamp', kind: 'date', unitNs: 1_000_000 };
const MICROS: TimeField = { name: 'startTime', kind: 'number', unitNs: 1000 };

describe('slices', () => {
  const windows = fc
    .record({
      from: fc.bigInt({ min: 1_700_000_000_000_000_000n, max: 1_700_000_100_000_000_000n }),
      length: fc.bigInt({ min: 1n, max: 90_000_000_000n }),
    })
    .map(({ from, length }): TimeWindow => ({ from, to: from + length }));

  const tiles = (window: TimeWindow, slices: readonly Slice[]): boolean =>
    slices[0]?.from === window.from &&
    slices.at(-1)?.to === window.to &&
    slices.every((slice, i) => i === 0 || slices[i - 1]?.to === slice.from);

  it('cover a window without gap or overlap and lose no count', () => {
    const setting = fc.record({
      window: windows,
      time: fc.constantFrom(DATE, MICROS),
      counts: fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }),
      target: fc.integer({ min: 1, max: 100 }),
    });
    fc.assert(
      fc.property(setting, ({ window, time, counts, target }) => {
        const grid = gridOf(time, window, 40);
        expect(grid.cells).toBeLessThanOrEqual(41);
        const byCell = new Map(counts.slice(0, grid.cells).map((n, i) => [i, n]));
        const cells = cellsOf(window, grid, byCell);
        expect(tiles(window, cells)).toBe(true);
        const slices = packCells(cells, target);
        expect(tiles(window, slices)).toBe(true);
        const sum = (list: readonly Slice[]): number => list.reduce((n, { count }) => n + count, 0);
        expect(sum(slices)).toBe(sum(cells));
        const heaviest = Math.max(...cells.map(({ count }) => count));
        for (const { count } of slices) expect(count <= target || count <= heaviest).toBe(true);
      }),
    );
  });

  it('know their cell by the key of a bucket', () => {
    const window = { from: 1_790_000_000_123_456_789n, to: 1_790_000_060_000_000_000n };
    for (const time of [DATE, MICROS]) {
      const grid = gridOf(time, window, 100);
      const unit = time === DATE ? 1_000_000n : 1000n;
      for (let i = 0; i < grid.cells; i++) {
        const key = Number((grid.from + BigInt(i) * grid.interval) / unit);
        expect(cellOf(time, grid, key)).toBe(i);
      }
    }
  });

  it('are cut where a pull goes on', () => {
    const slice = { from: 10n, to: 20n, count: 5 };
    expect(after(slice, 20n)).toBeUndefined();
    expect(after(slice, 5n)).toBe(slice);
    expect(after(slice, 15n)).toEqual({ from: 15n, to: 20n, count: 5 });
  });

  it('ask for whole units of the index around a window', () => {
    const window = { from: 1_790_000_000_123_456_789n, to: 1_790_000_000_200_000_001n };
    expect(rangeQuery(DATE, window)).toMatchObject({
      range: {
        '@timestamp': { gte: '2026-09-21T14:13:20.123Z', lt: '2026-09-21T14:13:20.201Z' },
      },
    });
    expect(rangeQuery(MICROS, window)).toEqual({
      range: { startTime: { gte: '1790000000123456', lt: '1790000000200001' } },
    });
  });
});

describe('groups of indices', () => {
  it.each([
    ['shop-logs-2026.11.25', 'shop-logs-*'],
    ['jaeger-span-2026-11-25', 'jaeger-span-*'],
    ['filebeat-8.1.0-2026.11.25-000001', 'filebeat-8.1.0-*'],
    ['otel-v1-apm-span-000007', 'otel-v1-apm-span-*'],
    ['app_20261125', 'app_*'],
    ['orders', 'orders'],
    ['orders-v2', 'orders-v2'],
  ])('%s is %s', (index, pattern) => expect(patternOf(index)).toBe(pattern));

  it('ask for no others', () => {
    const open = (name: string, dataStream?: string) => ({
      name,
      open: true,
      hidden: false,
      frozen: false,
      dataStream,
    });
    const groups = groupsOf(
      [
        open('a-2026.01.01'),
        open('a-2026.01.02'),
        { ...open('a-2026.01.03'), open: false },
        open('a-b-2026.01.01'),
        open('.ds-s-000001', 's'),
      ],
      [{ name: 's', members: ['s'] }],
    );
    expect(groups.map(({ id, expression }) => [id, expression])).toEqual([
      ['a-*', 'a-2026.01.01,a-2026.01.02'],
      ['a-b-*', 'a-b-*'],
      ['s', 's'],
    ]);
  });
});

function caps(types: Readonly<Record<string, string>>): FieldCaps {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => [
      name,
      { [type]: { type, searchable: true, aggregatable: type !== 'text' } },
    ]),
  );
}

function found(
  types: Readonly<Record<string, string>>,
  documents: readonly Record<string, unknown>[] = [],
  overrides: Overrides = {},
): string | { words: string; guessed: boolean; mapping: Mapping } {
  const result = recognise(new Fields(caps(types), documents), overrides);
  if (typeof result === 'string') return result;
  return { ...result, words: mappingWords(result.mapping) };
}

describe('what an index holds', () => {
  it('is known for the forms that have a name', () => {
    const date = { '@timestamp': 'date' };
    const forms: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      [
        'jaeger-spans',
        { traceID: 'keyword', spanID: 'keyword', operationName: 'keyword', startTime: 'long' },
      ],
      [
        'data-prepper-spans',
        { traceId: 'keyword', spanId: 'keyword', startTime: 'date_nanos', durationInNanos: 'long' },
      ],
      ['raw-otel-spans', { ...date, TraceId: 'keyword', SpanId: 'keyword', Duration: 'long' }],
      ['raw-otel-logs', { ...date, SeverityText: 'keyword', Body: 'text' }],
      ['otel-spans', { ...date, trace_id: 'keyword', span_id: 'keyword', duration: 'long' }],
      ['otel-logs', { ...date, observed_timestamp: 'date_nanos', severity_number: 'long' }],
      [
        'otel-metrics',
        { ...date, 'metrics.a': 'double', 'resource.attributes.service.name': 'keyword' },
      ],
      ['ecs-logs', { ...date, message: 'text', 'log.level': 'keyword', 'service.name': 'keyword' }],
    ];
    for (const [profile, types] of forms) {
      const document = { startTime: 1_790_000_000_123_456 };
      const result = found(types, [document]);
      expect([profile, result]).toMatchObject([profile, { guessed: false, mapping: { profile } }]);
    }
  });

  it('is guessed by names and types elsewhere', () => {
    const types = { when: 'date', level: 'text', 'level.keyword': 'keyword', words: 'text' };
    const documents = [{ words: 'the payment service has refused a card' }];
    const result = found({ ...types, app_name: 'keyword' }, documents);
    expect(result).toMatchObject({
      guessed: true,
      words: 'guessed; time: when, message: words, service: app_name, severity: level',
      mapping: { severity: { name: 'level.keyword', type: 'keyword' } },
    });
  });

  it('needs a time, whose unit its values tell', () => {
    expect(found({ message: 'text' })).toBe('it has no field with a time');
    expect(found({ ts: 'long' }, [{ ts: 12 }])).toBe('it has no field with a time');
    expect(found({ ts: 'double' }, [{ ts: 1_790_000_000.5 }])).toMatchObject({
      mapping: { time: { kind: 'number', unitNs: 1_000_000_000 } },
    });
    expect(found({ ts: 'date', at: 'keyword' }, [], { time: 'at' })).toBe(
      'its field at is no time',
    );
  });
});

describe('errors', () => {
  const base: Mapping = { profile: 'ecs-logs', time: DATE, fields: {} };

  it('are asked for by the field’s type', () => {
    const json = (mapping: Mapping): string => JSON.stringify(errorQuery(mapping));
    const level = (type: 'keyword' | 'text' | 'number', name = 'level'): Mapping => ({
      ...base,
      severity: { name, type },
    });
    expect(json(level('keyword'))).toContain('"terms":{"level":["error","ERROR","Error"');
    expect(json(level('text'))).toContain('"match":{"level"');
    expect(json(level('number'))).toContain('"gte":50');
    expect(json(level('number', 'severity_number'))).toContain('"gte":17');
    expect(json(level('number', 'syslog.priority'))).toContain('"lte":3');
    expect(json({ ...base, http: { name: 'code', type: 'keyword' } })).toContain('"gte":"500"');
    expect(errorQuery(base)).toBeUndefined();
  });

  it('stay whole in a sample, and alone where nothing else fits', () => {
    const query = (share: number): unknown => sampledQuery({ match_all: {} }, { a: {} }, share);
    expect(query(0.25)).toMatchObject({ function_score: { min_score: 0.75 } });
    expect(query(0)).toMatchObject({ function_score: { min_score: 1.5 } });
  });

  it('have numbers', () => {
    expect(
      ['FATAL', 'Error', 'warning', 'notice', 'debug', 'odd'].map((w) => severityOf(w, 'tens')),
    ).toEqual([21, 17, 13, 9, 5, 0]);
    expect([50, '30', 0].map((n) => severityOf(n, 'tens'))).toEqual([17, 9, 0]);
    expect([3, 6].map((n) => severityOf(n, numberingOf('syslog.severity')))).toEqual([17, 9]);
    expect(severityOf(18, numberingOf('severity_number'))).toBe(18);
  });
});

describe('a tally', () => {
  it('lives on in a cursor', () => {
    const first = new Tally();
    first.add('records-dropped', 'it has no trace.id', 'a/1');
    const second = new Tally(JSON.parse(JSON.stringify(first.snapshot())) as never);
    second.add('records-dropped', 'it has no trace.id', 'a/2');
    expect(second.take('spans')).toMatchObject([
      {
        code: 'records-dropped',
        severity: 'warning',
        count: 2,
        message:
          "2 documents of spans can't be taken over: it has no trace.id. For example a/1, a/2.",
      },
    ]);
    expect(second.take('spans')).toEqual([]);
  });
});
