import { describe, expect, it } from 'vitest';
import type { Hit } from './api';
import { parseExact } from '../../core/connect';
import { timeOf, type TimeField } from './time-field';

const TS = 1_790_000_000_123_000_000n;
const ISO = '2026-09-21T14:13:20.123Z';
const AT: TimeField = { name: '@timestamp', kind: 'date', unitNs: 1_000_000 };

describe('times', () => {
  const hit = (source: Record<string, unknown>, indexed?: string): Hit => ({
    index: 'a',
    id: '1',
    source,
    fields: indexed === undefined ? undefined : { '@timestamp': [indexed] },
    sort: undefined,
  });

  it('take the finer digits of the document, within the index’s millisecond', () => {
    const fine = hit({ '@timestamp': '2026-09-21T14:13:20.123456789Z' }, ISO);
    expect(timeOf(AT, fine)).toBe(1_790_000_000_123_456_789n);
  });

  it('take the earliest of several, and what no RFC 3339 is from the index', () => {
    const list = hit({ '@timestamp': ['2026-09-21T15:00:00Z', ISO] }, ISO);
    expect(timeOf(AT, list)).toBe(TS);
    expect(timeOf(AT, hit({ '@timestamp': 'Sep 21, 2026 @ 14:13' }, ISO))).toBe(TS);
    expect(timeOf(AT, hit({ '@timestamp': 1_790_000_000_123 }, ISO))).toBe(TS);
  });

  it('of numbers go by their unit, to the nanosecond', () => {
    const of = (value: unknown, unitNs: number): bigint | undefined =>
      timeOf({ name: 't', kind: 'number', unitNs }, hit({ t: value }));
    expect(of(1_790_000_000_123_456, 1000)).toBe(1_790_000_000_123_456_000n);
    expect(of(1_790_000_000.25, 1_000_000_000)).toBe(1_790_000_000_250_000_000n);
    expect(of('1790000000123456789', 1)).toBe(1_790_000_000_123_456_789n);
    expect(of('soon', 1)).toBeUndefined();
  });
});

describe('JSON', () => {
  it('keeps integers that a double would round, and texts as they are', () => {
    const text =
      '{"a":9007199254740993,"b":[-12345678901234567890],"c":1.2345678901234567,"d":1700000000123456,' +
      '"e":"x:12345678901234567890,\\"y\\":12345678901234567,"}';
    expect(parseExact(text)).toEqual({
      a: '9007199254740993',
      b: ['-12345678901234567890'],
      c: 1.2345678901234567,
      d: 1_700_000_000_123_456,
      e: 'x:12345678901234567890,"y":12345678901234567,',
    });
  });
});
