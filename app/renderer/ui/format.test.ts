import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatMs,
  formatNumber,
  formatOffset,
  formatPercent,
  formatTime,
  formatUnit,
  plural,
} from './format';

const NS = 1_000_000_000n;

describe('numbers', () => {
  it('have three significant digits and thin-space thousands', () => {
    expect(formatNumber(0)).toBe('0');
    expect(formatNumber(3.2468)).toBe('3.25');
    expect(formatNumber(12345.6)).toBe('12\u202f346');
    expect(formatNumber(123456)).toBe('123\u202f456');
    expect(formatNumber(5_280_000)).toBe('5.28\u202fM');
    expect(formatNumber(0.00001234)).toBe('1.2e-5');
    expect(formatNumber(Number.NaN)).toBe('–');
  });

  it('carry the unit that the metric states', () => {
    expect(formatUnit(0.0249, 'seconds')).toBe('24.9 ms');
    expect(formatUnit(2048, 'bytes')).toBe('2.05 kB');
    expect(formatUnit(4, 'connections')).toBe('4 connections');
    expect(formatPercent(0.126)).toBe('12.6 %');
    expect(formatBytes(1.4e9)).toBe('1.4 GB');
    expect(plural(1, 'row')).toBe('1 row');
    expect(plural(3081, 'row')).toBe('3\u202f081 rows');
  });
});

describe('times', () => {
  it('are short where they are short', () => {
    expect(formatMs(0.25)).toBe('250 µs');
    expect(formatMs(340)).toBe('340 ms');
    expect(formatMs(1234)).toBe('1.23 s');
    expect(formatMs(250_000)).toBe('4 min 10 s');
    expect(formatMs(7_500_000)).toBe('2 h 5 min');
    expect(formatMs(172_800_000)).toBe('2 d');
  });

  it('keep nanoseconds and follow the zone', () => {
    const ns = 1_795_270_690n * NS + 120_000_001n;
    expect(formatTime(ns, 'UTC', 'nano')).toBe('14:18:10.120000001');
    expect(formatTime(ns, 'Asia/Kolkata', 'milli')).toBe('19:48:10.120');
  });

  it('can be offsets from the incident', () => {
    expect(formatOffset(40n * NS, 0n)).toBe('T+00:40');
    expect(formatOffset(0n, 3905n * NS)).toBe('T−01:05:05');
    expect(formatAgo(0, 7_200_000)).toBe('2 h ago');
  });
});
