import { describe, expect, it } from 'vitest';
import { causeText, shapeBars, windowText } from './recent-text';

const at = (text: string): number => Date.parse(text);
const NOW = at('2026-11-25T10:00:00Z');

describe('the window of a recent case', () => {
  it('names the day once, and the year where it is another', () => {
    const same = { from: at('2026-11-21T14:02:10Z'), to: at('2026-11-21T14:31:00Z') };
    expect(windowText(same, 'UTC', NOW)).toBe('21 Nov 14:02 – 14:31');
    const over = { from: at('2025-12-31T23:50:00Z'), to: at('2026-01-01T00:20:00Z') };
    expect(windowText(over, 'UTC', NOW)).toBe('31 Dec 2025 23:50 – 1 Jan 00:20');
  });

  it('follows the zone', () => {
    const late = { from: at('2026-11-21T23:00:00Z'), to: at('2026-11-21T23:30:00Z') };
    expect(windowText(late, 'Asia/Kolkata', NOW)).toBe('22 Nov 04:30 – 05:00');
  });

  it('says that there is none', () => {
    expect(windowText({ from: null, to: null }, 'UTC', NOW)).toBe('no telemetry');
  });
});

describe('the cause of a recent case', () => {
  it('tells no evidence from no analysis', () => {
    expect(causeText({ cause: 'payment', shape: [], from: 1 })).toBe('payment');
    expect(causeText({ cause: '', shape: [0, 1], from: 1 })).toBe('not enough evidence');
    expect(causeText({ cause: '', shape: [], from: 1 })).toBe('not analysed');
    expect(causeText({ cause: '', shape: [], from: null })).toBe('empty');
  });
});

it('draws quiet stretches low and hot ones high', () => {
  expect(shapeBars([0, 1, 7, Number.MIN_VALUE], 16)).toEqual([
    { x: 0, height: 2, hot: false },
    { x: 3, height: 16, hot: true },
    { x: 6, height: 16, hot: true },
    { x: 9, height: 2, hot: false },
  ]);
});
