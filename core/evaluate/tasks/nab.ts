import { z } from 'zod';
import { throwIfAborted } from '../../base';
import { streamAlerts } from '../../analysis';
import { nabRaw, nabScore, type NabProfile, type NabRaw, type NabSeries } from '../nab-score';
import type { Task } from '../task';
import { cellNumber, csvRows, seriesFiles, seriesScore, timed, type Scored } from './series';

const WINDOWS = 'labels/combined_windows.json';
const PROFILES = 'config/profiles.json';
const windowsFile = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));
const profilesFile = z.record(
  z.string(),
  z.object({
    CostMatrix: z.object({ tpWeight: z.number(), fnWeight: z.number(), fpWeight: z.number() }),
  }),
);
const NAMES = {
  standard: 'standard',
  lowFp: 'reward_low_FP_rate',
  lowFn: 'reward_low_FN_rate',
} as const;

/** Numenta Anomaly Benchmark: the streaming detector, one setting for all series and profiles. */
export const nabTask: Task = {
  id: 'nab',
  async recognise(folder) {
    return (await folder.has(WINDOWS)) && (await folder.has('data'));
  },
  async run(folder, { only, signal, now }) {
    const labels = windowsFile.parse(JSON.parse(await folder.text(WINDOWS)));
    const profiles = await readProfiles(folder);
    const scored: Scored<NabSeries>[] = [];
    for (const id of await seriesFiles(folder, 'data', only)) {
      throwIfAborted(signal);
      const rows = csvRows(await folder.text(`data/${id}`));
      const values = rows.map(([, value]) => cellNumber(value));
      const [detections, seconds] = timed(now, () => streamAlerts(values));
      const windows = rowWindows(
        labels[id] ?? [],
        rows.map(([time]) => time ?? ''),
      );
      const part = { length: values.length, detections, windows };
      scored.push({ id, part, seconds, found: detections, truth: `${windows.length} windows` });
    }
    const metric = (profile: NabProfile) => (parts: readonly NabSeries[]) =>
      nabScore(
        parts.map((part) => nabRaw(part, profile)),
        profile,
      );
    const metrics = {
      standard: metric(profiles.standard),
      lowFp: metric(profiles.lowFp),
      lowFn: metric(profiles.lowFn),
    };
    const parts = scored.map(({ part }) => part);
    const nulls = { nothing: 0, regular: metrics.standard(parts.map(regular)) };
    const notes = [
      sayOf(parts.map((part) => nabRaw(part, profiles.standard))),
      byGroup(scored, metrics.standard),
    ];
    return seriesScore(folder.name, 'nab', scored, metrics, nulls, notes);
  },
};

async function readProfiles(
  folder: Parameters<Task['run']>[0],
): Promise<Record<keyof typeof NAMES, NabProfile>> {
  const given = (await folder.has(PROFILES))
    ? profilesFile.parse(JSON.parse(await folder.text(PROFILES)))
    : {};
  const of = (name: string, published: NabProfile): NabProfile => {
    const costs = given[name]?.CostMatrix;
    return costs ? { tp: costs.tpWeight, fn: costs.fnWeight, fp: costs.fpWeight } : published;
  };
  return {
    standard: of(NAMES.standard, { tp: 1, fn: 1, fp: 0.11 }),
    lowFp: of(NAMES.lowFp, { tp: 1, fn: 1, fp: 0.22 }),
    lowFn: of(NAMES.lowFn, { tp: 1, fn: 2, fp: 0.11 }),
  };
}

/** Windows as first and last row; their times are those of rows, with a fraction that the rows lack. */
function rowWindows(
  windows: readonly (readonly [string, string])[],
  times: readonly string[],
): (readonly [number, number])[] {
  const rowOf = (time: string): number => times.indexOf(time.replace(/\.0+$/, ''));
  return windows
    .map(([from, to]) => [rowOf(from), rowOf(to)] as const)
    .filter(([first, last]) => first >= 0 && last >= first)
    .sort(([a], [b]) => a - b);
}

/** An alert every 200 rows: what no look at the data at all earns. */
function regular({ length, windows }: NabSeries): NabSeries {
  const detections = Array.from({ length: Math.floor(length / 200) }, (_, i) => (i + 1) * 200 - 1);
  return { length, windows, detections };
}

function sayOf(raws: readonly NabRaw[]): string {
  const sum = (of: (raw: NabRaw) => number): number =>
    raws.reduce((total, raw) => total + of(raw), 0);
  return `${sum((raw) => raw.found)} of ${sum((raw) => raw.windows)} windows found, ${sum((raw) => raw.falseAlerts)} false alerts.`;
}

/** Standard score of each folder of series; false alerts only where a folder has no window. */
function byGroup(
  scored: readonly Scored<NabSeries>[],
  standard: (parts: readonly NabSeries[]) => number,
): string {
  const groups = new Map<string, NabSeries[]>();
  for (const { id, part } of scored) {
    const group = id.split('/')[0] ?? '';
    groups.set(group, [...(groups.get(group) ?? []), part]);
  }
  const said = [...groups].map(([group, parts]) => {
    const score = standard(parts);
    return `${group} ${Number.isNaN(score) ? 'no windows' : score.toFixed(1)}`;
  });
  return `Standard score by group: ${said.join(', ')}.`;
}
