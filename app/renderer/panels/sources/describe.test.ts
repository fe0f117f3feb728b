import { describe, expect, it } from 'vitest';
import { askedOf, goOnFrom, keptText, listNotices, noticeText } from './describe';

const THIN = '\u202f';

describe('what was asked of a source', () => {
  it('is told of a pull', () => {
    const query = JSON.stringify({
      windows: [['10', '20']],
      select: ['a', 'b', 'c', 'd', 'e', 'f'],
      budget: 1000,
      config: { step: '30s', match: '' },
    });
    expect(askedOf({ query, sha256: '' })).toEqual({
      windows: [{ from: 10n, to: 20n }],
      facts: [
        '6 things chosen: a, b, c, d and 2 more',
        `at most 1${THIN}000 rows a signal`,
        'step: 30s',
      ],
    });
  });

  it('is the hash of a file', () => {
    const query = JSON.stringify({ sha256: 'ab'.repeat(32) });
    expect(askedOf({ query, sha256: '' }).facts).toEqual(['SHA-256 abababababababab…']);
  });

  it('is nothing where a strange case holds something else', () => {
    const nothing = { windows: [], facts: [] };
    expect(askedOf({ query: '{"windows":[["x","1"]]}', sha256: '' })).toEqual(nothing);
    expect(askedOf({ query: 'DROP', sha256: '' })).toEqual(nothing);
  });
});

describe('going on from a source', () => {
  it('reaches from its end to now, and as far again before all of its windows', () => {
    const windows = [
      { from: 100n, to: 160n },
      { from: 40n, to: 100n },
    ];
    expect(goOnFrom(windows, 500n)).toEqual({
      later: { from: 160n, to: 500n },
      earlier: { from: -20n, to: 40n },
    });
    expect(goOnFrom(windows, 160n)).toEqual({ earlier: { from: -20n, to: 40n } });
    expect(goOnFrom([], 500n)).toEqual({});
  });
});

describe('notices', () => {
  const notice = (severity: 'info' | 'warning' | 'error', code: string) => ({
    code,
    severity,
    count: 2,
    message: 'Words.',
  });

  it('stand with the gravest first and say where they come from', () => {
    const stored = [
      { ...notice('info', 'a'), sourceId: 1 },
      { ...notice('error', 'b'), sourceId: 9 },
      { ...notice('warning', 'c'), sourceId: null },
    ];
    const listed = listNotices(stored, [notice('warning', 'd')], [{ sourceId: 1, name: 'prom' }]);
    expect(listed.map(({ code, from }) => [code, from])).toEqual([
      ['b', 'a removed source'],
      ['c', 'case'],
      ['d', 'analysis'],
      ['a', 'prom'],
    ]);
  });

  it('can be pasted with their details', () => {
    const detail = { examples: ['line 2: no time', 'line 3: no time'], share: 0.5 };
    const text = noticeText({ ...notice('warning', 'records-dropped'), from: 'x.log', detail });
    expect(text).toBe(
      'warning records-dropped (x.log, 2): Words.\n  examples: line 2: no time\nline 3: no time\n  share: 0.5',
    );
  });
});

it('says how much was kept', () => {
  expect(keptText(1204, 1204)).toBe(`all 1${THIN}204`);
  expect(keptText(1000, 31208)).toBe(`1${THIN}000 of 31${THIN}208 (3.2 %)`);
  expect(keptText(500, 1000)).toBe(`500 of 1${THIN}000 (50 %)`);
  expect(keptText(0, 0)).toBe('nothing there');
  expect(keptText(7, Number.NaN)).toBe('7 of an unknown number');
});
