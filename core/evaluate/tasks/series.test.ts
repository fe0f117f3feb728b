import { describe, expect, it } from 'vitest';
import type { SetFolder } from '../task';
import { msCloudTask } from './ms-cloud';
import { nabTask } from './nab';
import { csvRows, wanted } from './series';
import { tcpdTask } from './tcpd';

function folderOf(files: Readonly<Record<string, string>>): SetFolder {
  const names = Object.keys(files);
  return {
    name: 'set',
    list: (path) => {
      const prefix = path === undefined ? '' : `${path}/`;
      const inside = names.filter((name) => name.startsWith(prefix));
      const parts = inside.map((name) => name.slice(prefix.length).split('/')[0] ?? '');
      return Promise.resolve([...new Set(parts)].sort());
    },
    text: (path) => Promise.resolve(files[path] ?? ''),
    has: (path) =>
      Promise.resolve(names.some((name) => name === path || name.startsWith(`${path}/`))),
  };
}

let ticks = 0;
const options = { now: () => ticks++ };
const stamp = (row: number): string =>
  new Date(Date.UTC(2020, 0, 1, 0, 5 * row)).toISOString().slice(0, 19).replace('T', ' ');
const wave = Array.from(
  { length: 1000 },
  (_, i) => 50 + ((i * 7919) % 11) + (i >= 700 && i < 710 ? 200 : 0),
);

const nab = folderOf({
  'labels/combined_windows.json': JSON.stringify({
    'real/a.csv': [[`${stamp(680)}.000000`, `${stamp(730)}.000000`]],
  }),
  'data/real/a.csv': `timestamp,value\n${wave.map((v, i) => `${stamp(i)},${v}`).join('\n')}\n`,
});
const marked = folderOf({
  'data/app/a.csv': `"TimeStamp","Value","Label"\r\n${wave
    .map((v, i) => `"${stamp(i)}","${i === 100 ? '' : v}","${i >= 700 && i < 710 ? 1 : 0}"`)
    .join('\r\n')}\r\n`,
});
const steps = folderOf({
  'annotations.json': JSON.stringify({ step: { '6': [100], '7': [101] } }),
  'datasets/step.json': JSON.stringify({
    name: 'step',
    n_obs: 200,
    series: [{ raw: wave.slice(0, 200).map((v, i) => (i === 40 ? null : i < 100 ? v : v + 90)) }],
  }),
  'datasets/other.json': JSON.stringify({ name: 'other', n_obs: 1, series: [{ raw: [1] }] }),
});

describe('tasks of series', () => {
  it('are told apart by what is in the folder', async () => {
    const tasks = [nabTask, msCloudTask, tcpdTask];
    for (const [i, folder] of [nab, marked, steps].entries()) {
      const which = await Promise.all(tasks.map((task) => task.recognise(folder)));
      expect(which).toEqual(tasks.map((_, j) => j === i));
    }
    const empty = folderOf({ 'README.md': '' });
    for (const task of tasks) expect(await task.recognise(empty)).toBe(false);
  });

  it('score a planted window, with intervals and nulls', async () => {
    const score = await nabTask.run(nab, options);
    expect(Object.keys(score.metrics)).toEqual(['standard', 'lowFp', 'lowFn']);
    expect(score.results[0]?.top.some((row) => Number(row) >= 700 && Number(row) < 710)).toBe(true);
    expect(score.metrics['standard']).toBeGreaterThan(50);
    expect(score.intervals['standard']).toHaveLength(2);
    expect(score.nulls['nothing']).toBe(0);
    expect(score.notes?.[0]).toMatch(/^1 of 1 windows found/);
  });

  it('score marked segments, a missing value among the rows', async () => {
    const { metrics, nulls, results } = await msCloudTask.run(marked, options);
    expect(metrics).toEqual({ eventF1: 1, falseAlertsPer5000: 0 });
    expect(nulls['nothing']).toBe(0);
    expect(results[0]?.truth).toBe('1 segments');
  });

  it('score change points, and say what has no annotation', async () => {
    const { metrics, cases, notes } = await tcpdTask.run(steps, options);
    expect(cases).toBe(1);
    expect(metrics['f1']).toBe(1);
    expect(metrics['cover']).toBeGreaterThan(0.97);
    expect(notes).toEqual(['1 series without annotations were left out.']);
  });

  it('read quoted cells, and series by name', () => {
    expect(csvRows('a,b\r\n"1","x"\r\n2,\r\n')).toEqual([
      ['1', 'x'],
      ['2', ''],
    ]);
    expect(wanted('real/a.csv', 'a')).toBe(true);
    expect(wanted('real/a.csv', 'real')).toBe(true);
    expect(wanted('real/a.csv', 'b')).toBe(false);
  });
});
