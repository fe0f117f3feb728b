import { describe, expect, it } from 'vitest';
import type { FileReport, PartReport } from '../../../../core/connect';
import type { InputFile } from '../../../../core/session';
import {
  commonFolder,
  compareRanges,
  entriesOf,
  lightOf,
  rangeOf,
  selectionOf,
  timesText,
  totalsOf,
  withUniqueNames,
  type Entry,
} from './report';

const MINUTE = 60_000_000_000n;
const DAY = 1440n * MINUTE;
const T0 = 1_795_270_690_000_000_000n;

const part = (
  from: bigint | null,
  to: bigint | null,
  more: Partial<PartReport> = {},
): PartReport => ({
  signal: 'logs',
  rows: 10,
  dropped: 0,
  droppedExamples: [],
  from,
  to,
  ...more,
});
const report = (parts: readonly PartReport[], more: Partial<FileReport> = {}): FileReport => ({
  path: 'a',
  format: 'otlp-json',
  title: 'OpenTelemetry',
  why: '',
  size: 1,
  parts,
  notices: [],
  state: 'ok',
  ...more,
});
const entry = (of: FileReport, included = true): Entry => ({
  name: of.path,
  files: [{ kind: 'path', name: of.path, path: `/${of.path}`, size: 1 }],
  report: of,
  as: undefined,
  included,
  open: false,
  busy: false,
});

describe('a file report', () => {
  it('spans all its signals, and none without times', () => {
    const both = report([part(T0, T0 + MINUTE), part(T0 - MINUTE, T0), part(null, null)]);
    expect(rangeOf(both)).toEqual({ from: T0 - MINUTE, to: T0 + MINUTE });
    expect(rangeOf(report([part(null, null)]))).toBeUndefined();
  });

  it('has a light that anything doubtful turns', () => {
    const good = report([part(T0, T0)]);
    const warning = { code: 'x', severity: 'warning', count: 1, message: '' } as const;
    expect(lightOf(good, undefined)).toBe('ok');
    expect(lightOf(good, 'far away')).toBe('warn');
    expect(lightOf(report([part(T0, T0, { dropped: 1 })]), undefined)).toBe('warn');
    expect(lightOf({ ...good, notices: [warning] }, undefined)).toBe('warn');
    expect(lightOf({ ...good, state: 'failed' }, undefined)).toBe('bad');
    expect(lightOf({ ...good, state: 'skipped' }, undefined)).toBe('skip');
  });
});

describe('ranges beside each other', () => {
  it('point out the one file that is a day early', () => {
    const reports = [
      report([part(T0, T0 + 30n * MINUTE)]),
      report([part(T0 - DAY, T0 - DAY + 30n * MINUTE)]),
      report([part(T0 + 5n * MINUTE, T0 + 40n * MINUTE)]),
    ];
    const { main, outliers } = compareRanges(reports);
    expect(main).toEqual({ from: T0, to: T0 + 40n * MINUTE });
    expect([...outliers.keys()]).toEqual([1]);
    expect(outliers.get(1)).toContain('ends 23 h 30 min before the others begin');
  });

  it('of two that disagree, doubt the one with fewer rows', () => {
    const small = report([part(T0 + 3n * DAY, T0 + 3n * DAY)]);
    const large = report([part(T0, T0, { rows: 1000 })]);
    expect([...compareRanges([small, large]).outliers.keys()]).toEqual([0]);
  });

  it('leave gaps alone that are short beside what the files span', () => {
    const days = report([part(T0, T0 + 7n * DAY)]);
    const later = report([part(T0 + 9n * DAY, T0 + 9n * DAY)]);
    expect(compareRanges([days, later]).outliers.size).toBe(0);
    expect(compareRanges([]).main).toBeUndefined();
  });
});

it('totals count what would be read in, and the rest by its reason', () => {
  const entries = [
    entry(report([part(T0, T0, { dropped: 2 })])),
    entry(report([part(T0, T0)]), false),
    entry(report([], { state: 'failed' })),
    entry(report([], { state: 'skipped' })),
  ];
  expect(totalsOf(entries)).toEqual({ rows: 10, files: 1, dropped: 2, leftOut: 2, skipped: 1 });
});

it('files of one name are told apart', () => {
  const path = (at: string): InputFile => ({ kind: 'path', name: 'a.log', path: at, size: 1 });
  const blob = { kind: 'blob', name: 'b.log', blob: new Blob([]) } as const;
  const named = withUniqueNames([path('/x/a.log'), blob, path('/y/a.log'), blob]);
  expect(named.map(({ name }) => name)).toEqual(['/x/a.log', '1/b.log', '/y/a.log', '2/b.log']);
});

it('the common folder is the first part of every name', () => {
  expect(commonFolder(['case/a', 'case/b/c'])).toBe('case');
  expect(commonFolder(['case/a', 'b'])).toBe('');
  expect(commonFolder(['a'])).toBe('');
});

describe('what stands in an archive', () => {
  const file = (name: string): InputFile => ({ kind: 'path', name, path: `/${name}`, size: 1 });
  const [zip, log] = [file('all.zip'), file('web.log')];
  const member = (path: string): FileReport => ({
    ...report([part(T0, T0)]),
    path,
    given: ['all.zip'],
  });
  const reports = [
    member('all.zip/a'),
    member('all.zip/b'),
    report([part(T0, T0)], { path: 'web.log' }),
  ];
  const entries = entriesOf(reports, [zip, log], (of, files) => ({ ...entry(of), files }));

  it('has a card of its own and the archive as its file', () => {
    expect(entries.map(({ name, files }) => [name, files])).toEqual([
      ['all.zip/a', [zip]],
      ['all.zip/b', [zip]],
      ['web.log', [log]],
    ]);
  });

  it('is read or left one by one; a file is given once, and not at all where nothing of it is wanted', () => {
    const chosen = entries.map((one, at) => ({ ...one, included: at === 1 }));
    expect(selectionOf(chosen)).toEqual({ files: [zip], leave: ['all.zip/a', 'web.log'] });
    expect(selectionOf(entries)).toEqual({ files: [zip, log], leave: [] });
  });
});

it('says how times stand in a file', () => {
  const described = {
    signals: [],
    time: 'ms',
    zone: 'UTC',
    clock: 'the server',
    guessed: true,
  } as const;
  const text = 'Times in ms, UTC (guessed), by the clock of the server';
  expect(timesText({ ...report([]), described })).toBe(text);
  expect(timesText(report([]))).toBe('');
  expect(timesText({ ...report([]), described: { ...described, time: null } })).toBe('');
});

it('asks about times that are a thousandfold off', () => {
  const described = { signals: [], time: 'µs', zone: 'UTC', clock: '', guessed: false } as const;
  const right = report([part(T0, T0 + 60n * MINUTE)]);
  const early = (ns: bigint): bigint => ns / 1000n;
  const off = report([part(early(T0), early(T0 + MINUTE))], { described });
  const { outliers, units } = compareRanges([right, right, off]);
  expect(units.get(2)).toBe('ms');
  expect(outliers.get(2)).toContain('in ms they would lie among them');
  const elsewhere = report([part(T0 - 400n * DAY, T0 - 399n * DAY)], { described });
  expect(compareRanges([right, right, elsewhere]).units.size).toBe(0);
  const text = report([part(early(T0), early(T0 + MINUTE))]);
  expect(compareRanges([right, right, text]).units.size).toBe(0);
});
