import { z } from 'zod';
import { throwIfAborted } from '../../base';
import { changePoints } from '../../analysis';
import { changePointF1, covering } from '../change-point-score';
import type { Task } from '../task';
import { seriesScore, timed, wanted, type Scored } from './series';

const ANNOTATIONS = 'annotations.json';
const annotationsFile = z.record(z.string(), z.record(z.string(), z.array(z.number().int())));
const dataset = z.object({
  name: z.string(),
  n_obs: z.number().int(),
  series: z.array(z.object({ raw: z.array(z.number().nullable()) })).min(1),
});

interface Marked {
  readonly length: number;
  readonly found: readonly number[];
  readonly annotations: readonly (readonly number[])[];
}

/** Turing Change Point Dataset: one setting, covering and F1 averaged over annotators and series. */
export const tcpdTask: Task = {
  id: 'tcpd',
  async recognise(folder) {
    return (await folder.has(ANNOTATIONS)) && (await folder.has('datasets'));
  },
  async run(folder, { only, signal, now }) {
    const annotations = annotationsFile.parse(JSON.parse(await folder.text(ANNOTATIONS)));
    const scored: Scored<Marked>[] = [];
    let without = 0;
    for (const file of await folder.list('datasets')) {
      if (!file.endsWith('.json') || !wanted(file.replace(/\.json$/, ''), only)) continue;
      throwIfAborted(signal);
      const { name, n_obs, series } = dataset.parse(
        JSON.parse(await folder.text(`datasets/${file}`)),
      );
      const marks = Object.values(annotations[name] ?? {});
      if (marks.length === 0) {
        without++;
        continue;
      }
      const dims = series.map(({ raw }) => Float64Array.from(raw, (v) => v ?? Number.NaN));
      const [{ at }, seconds] = timed(now, () => changePoints(dims));
      const part = { length: n_obs, found: at, annotations: marks };
      const truth = marks.map((one) => one.join(' ') || 'none').join(' | ');
      scored.push({ id: name, part, seconds, found: at, truth });
    }
    const cover = mean((m) => covering(m.annotations, m.found, m.length));
    const f1 = mean((m) => changePointF1(m.annotations, m.found));
    const silent = scored.map(({ part }) => ({ ...part, found: [] }));
    const nulls = { nothingCover: cover(silent), nothingF1: f1(silent) };
    const notes = without > 0 ? [`${without} series without annotations were left out.`] : [];
    return seriesScore(folder.name, 'tcpd', scored, { cover, f1 }, nulls, notes);
  },
};

function mean(of: (marked: Marked) => number): (parts: readonly Marked[]) => number {
  return (parts) => parts.reduce((sum, part) => sum + of(part), 0) / parts.length;
}
