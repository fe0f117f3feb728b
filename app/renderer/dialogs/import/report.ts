import { windowDuration, type TimeWindow } from '../../../../core/base';
import type { FileReport, ReadChoices, TimeUnit } from '../../../../core/connect';
import type { InputFile } from '../../../../core/session';
import { formatMs } from '../../ui';

/** A card of the import dialog: what a file (or one in an archive) it was taken for, what a person chose. */
export interface Entry {
  /** As its report calls it: the file, what stands in it, or what several files are together. */
  readonly name: string;
  /** The files given that it is read from. */
  readonly files: readonly InputFile[];
  readonly report: FileReport;
  /** Format id chosen by hand; undefined where the content decides. */
  readonly as: string | undefined;
  /** What was decided of its times. */
  readonly choices?: ReadChoices;
  readonly included: boolean;
  /** Its details are shown. */
  readonly open: boolean;
  /** It is being looked at again. */
  readonly busy: boolean;
}

export type Light = 'ok' | 'warn' | 'bad' | 'skip';

export const LIGHT: Readonly<Record<Light, { sign: string; word: string; tone: string }>> = {
  ok: { sign: '●', word: 'Ready', tone: 'ok' },
  warn: { sign: '▲', word: 'Look at this', tone: 'warn' },
  bad: { sign: '■', word: 'Left out', tone: 'crit' },
  skip: { sign: '–', word: 'Skipped', tone: 'faint' },
};

export const rowsOf = ({ parts }: FileReport): number =>
  parts.reduce((sum, part) => sum + part.rows, 0);

export const droppedOf = ({ parts }: FileReport): number =>
  parts.reduce((sum, part) => sum + part.dropped, 0);

/** First to last record over all signals; undefined where none has a time. */
export function rangeOf({ parts }: FileReport): TimeWindow | undefined {
  let range: TimeWindow | undefined;
  for (const { from, to } of parts) {
    if (from === null || to === null) continue;
    range = range ? hullOf(range, { from, to }) : { from, to };
  }
  return range;
}

function hullOf(a: TimeWindow, b: TimeWindow): TimeWindow {
  return { from: a.from < b.from ? a.from : b.from, to: a.to > b.to ? a.to : b.to };
}

export function lightOf(report: FileReport, outlier: string | undefined): Light {
  if (report.state === 'failed') return 'bad';
  const warned = report.notices.some(({ severity }) => severity !== 'info');
  if (report.state === 'skipped') return warned ? 'warn' : 'skip';
  return warned || droppedOf(report) > 0 || outlier !== undefined ? 'warn' : 'ok';
}

/** True for what Import would read in. */
export const isWanted = ({ included, report }: Entry): boolean => included && report.state === 'ok';

const HOUR = 3_600_000_000_000n;
/** A gap between files below this is nothing to wonder about, whatever they span. */
const USUAL_GAP = 6n * HOUR;

interface Cluster {
  readonly range: TimeWindow;
  readonly members: readonly number[];
}

/** Files whose times touch or nearly touch, in order of time. */
function clustersOf(ranges: readonly (TimeWindow | undefined)[]): readonly Cluster[] {
  const order = ranges
    .flatMap((range, at) => (range ? [{ range, at }] : []))
    .sort((a, b) => (a.range.from < b.range.from ? -1 : a.range.from > b.range.from ? 1 : 0));
  const clusters: Cluster[] = [];
  for (const { range, at } of order) {
    const last = clusters.at(-1);
    if (!last || range.from - last.range.to > gapOf(last.range)) {
      clusters.push({ range, members: [at] });
      continue;
    }
    const joined = { range: hullOf(last.range, range), members: [...last.members, at] };
    clusters[clusters.length - 1] = joined;
  }
  return clusters;
}

/** A long capture may have a long gap. */
function gapOf(range: TimeWindow): bigint {
  const span = windowDuration(range);
  return span > USUAL_GAP ? span : USUAL_GAP;
}

export interface Ranges {
  /** What most of the files span; undefined where no file has a time. */
  readonly main: TimeWindow | undefined;
  /** Why a file's times look wrong beside the others', by its index. */
  readonly outliers: ReadonlyMap<number, string>;
  /** The unit that would put an outlier where the others are. */
  readonly units: ReadonlyMap<number, TimeUnit>;
}

/** Points out files that lie far from where most of them are: a wrong clock, unit, day or file. */
export function compareRanges(reports: readonly FileReport[]): Ranges {
  const ranges = reports.map((report) => (report.state === 'ok' ? rangeOf(report) : undefined));
  const clusters = clustersOf(ranges);
  const weight = ({ members }: Cluster): number =>
    members.length * 1e12 + members.reduce((sum, at) => sum + rowsAt(reports, at), 0);
  const main = [...clusters].sort((a, b) => weight(b) - weight(a))[0];
  const outliers = new Map<number, string>();
  const units = new Map<number, TimeUnit>();
  for (const cluster of clusters) {
    if (!main || cluster === main) continue;
    for (const at of cluster.members) {
      const range = ranges[at];
      const report = reports[at];
      if (!range || !report) continue;
      const unit = fittingUnit(range, main.range, report);
      if (unit) units.set(at, unit);
      outliers.set(at, unit ? otherUnit(unit, report) : distance(range, main.range));
    }
  }
  return { main: main?.range, outliers, units };
}

const rowsAt = (reports: readonly FileReport[], at: number): number => {
  const report = reports[at];
  return report ? rowsOf(report) : 0;
};

const UNIT_NS: Readonly<Record<TimeUnit, bigint>> = {
  ns: 1n,
  µs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
};

/** The unit under which a file's numbers would be times near the others'; undefined where none or another fits. */
function fittingUnit(
  range: TimeWindow,
  main: TimeWindow,
  { described }: FileReport,
): TimeUnit | undefined {
  const own = described?.time;
  if (own === undefined || own === null || own === 'text') return undefined;
  const near = { from: main.from - gapOf(main), to: main.to + gapOf(main) };
  return (Object.keys(UNIT_NS) as TimeUnit[]).find((unit) => {
    const scaled = (ns: bigint): bigint => (ns * UNIT_NS[unit]) / UNIT_NS[own];
    return unit !== own && scaled(range.from) >= near.from && scaled(range.to) <= near.to;
  });
}

function otherUnit(unit: TimeUnit, { described }: FileReport): string {
  return `Its times were read in ${described?.time ?? ''} and are far from the others'; in ${unit} they would lie among them. Which is it?`;
}

function distance(range: TimeWindow, main: TimeWindow): string {
  const before = range.to < main.from;
  const gap = before ? main.from - range.to : range.from - main.to;
  const text = formatMs(Number(gap / 1_000_000n));
  const how = before
    ? `ends ${text} before the others begin`
    : `begins ${text} after the others end`;
  return `This file ${how}. Is it of the same incident, and its clock right?`;
}

/** The cards of what was looked at; each knows the files that it is read from. */
export function entriesOf(
  reports: readonly FileReport[],
  files: readonly InputFile[],
  entryOf: (report: FileReport, files: readonly InputFile[], at: number) => Entry,
): readonly Entry[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  return reports.map((report, at) => {
    const given = (report.given ?? [report.path]).flatMap((name) => byName.get(name) ?? []);
    return entryOf(report, given, at);
  });
}

/** Files to read for what is wanted, and what stands in them but is not wanted. */
export function selectionOf(entries: readonly Entry[]): {
  readonly files: readonly InputFile[];
  readonly leave: readonly string[];
} {
  const files = [...new Set(entries.filter(isWanted).flatMap((entry) => entry.files))];
  const leave = entries.filter((entry) => !isWanted(entry)).map(({ name }) => name);
  return { files, leave };
}

/** "times in µs, UTC, by the clock of the application"; '' where the file has none. */
export function timesText({ described }: FileReport): string {
  if (!described || described.time === null) return '';
  const { time, zone, clock, guessed } = described;
  const unit = time === 'text' ? 'Times as text' : `Times in ${time}`;
  const where = zone === 'stated' ? 'with their zone' : zone === 'unknown' ? 'zone unknown' : zone;
  const whose = clock === '' ? '' : `, by the clock of ${clock}`;
  return `${unit}, ${where}${guessed ? ' (guessed)' : ''}${whose}`;
}

export interface Totals {
  readonly rows: number;
  readonly files: number;
  readonly dropped: number;
  /** Not recognised, damaged, or taken out by hand. */
  readonly leftOut: number;
  readonly skipped: number;
}

export function totalsOf(entries: readonly Entry[]): Totals {
  const wanted = entries.filter(isWanted);
  const skipped = entries.filter(({ report }) => report.state === 'skipped').length;
  return {
    rows: wanted.reduce((sum, { report }) => sum + rowsOf(report), 0),
    files: wanted.length,
    dropped: wanted.reduce((sum, { report }) => sum + droppedOf(report), 0),
    leftOut: entries.length - wanted.length - skipped,
    skipped,
  };
}

/** Names that tell the files apart: reports and formats chosen by hand go by them. */
export function withUniqueNames(files: readonly InputFile[]): readonly InputFile[] {
  const count = new Map<string, number>();
  for (const { name } of files) count.set(name, (count.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return files.map((file) => {
    if ((count.get(file.name) ?? 0) < 2) return file;
    const nth = (seen.get(file.name) ?? 0) + 1;
    seen.set(file.name, nth);
    return { ...file, name: file.kind === 'path' ? file.path : `${nth}/${file.name}` };
  });
}

/** The folder that all files lie in, as the page knows them ("case/logs/a.jsonl"); '' where there is none. */
export function commonFolder(names: readonly string[]): string {
  const tops = new Set(
    names.map((name) => (name.includes('/') ? name.slice(0, name.indexOf('/')) : '')),
  );
  const [only = ''] = tops;
  return tops.size === 1 ? only : '';
}
