import { nsToMs, type TimeWindow } from '../../../../core/base';
import type { Preview, PreviewGroup } from '../../../../core/connect';
import type { Signal } from '../../../../core/model';

/** What is drawn of a preview: one signal in one window. */
export interface Shown {
  readonly groups: readonly ShownGroup[];
  /** Of the drawn buckets, ns. */
  readonly starts: readonly bigint[];
  readonly ends: readonly bigint[];
  readonly step: bigint;
}

export interface ShownGroup {
  readonly title: string;
  readonly kind: PreviewGroup['kind'];
  readonly counts: readonly number[];
  readonly total: number;
}

export function signalsOf({ groups }: Preview): readonly Signal[] {
  return [...new Set(groups.map(({ signal }) => signal))];
}

/** "error", "no level", "other services". */
function titleOf({ name, kind }: PreviewGroup, by: Preview['by']): string {
  if (kind === 'value') return name;
  return kind === 'none' ? `no ${by}` : `other ${by}s`;
}

/** The part of a preview that lies in a window. */
export function shownOf(preview: Preview, signal: Signal | undefined, window: TimeWindow): Shown {
  const { groups, starts, ends, step, by } = preview;
  const own = [...starts.keys()].filter(
    (at) => (starts[at] ?? 0n) < window.to && (ends[at] ?? 0n) > window.from,
  );
  return {
    step,
    starts: own.map((at) => starts[at] ?? 0n),
    ends: own.map((at) => ends[at] ?? 0n),
    groups: groups
      .filter((group) => group.signal === signal)
      .map((group) => {
        const counts = own.map((at) => group.counts[at] ?? 0);
        const total = counts.reduce((sum, count) => sum + count, 0);
        return { title: titleOf(group, by), kind: group.kind, counts, total };
      }),
  };
}

/** Rows of a signal in all windows, and how many of them a budget would leave: errors are kept whole. */
export function keptOf(
  { groups, by }: Preview,
  signal: Signal | undefined,
  budget: number | undefined,
): { readonly all: number; readonly share: number | undefined } {
  const own = groups.filter((group) => group.signal === signal);
  const sum = (some: readonly PreviewGroup[]): number =>
    some.reduce((total, { counts }) => counts.reduce((all, count) => all + count, total), 0);
  const all = sum(own);
  // A metric document has several rows.
  if (budget === undefined || signal === 'samples' || all === 0) return { all, share: undefined };
  const errors = by === 'level' ? sum(own.filter(({ name }) => /^(fatal|error)$/.test(name))) : 0;
  return { all, share: Math.min(1, Math.max(budget, errors) / all) };
}

/** The buckets that a stretch of the chart touches; undefined where it touches none. */
export function snapped({ starts, ends }: Shown, stretch: TimeWindow): TimeWindow | undefined {
  const touched = starts.flatMap((start, at) => {
    const to = ends[at] ?? start;
    return start < stretch.to && to > stretch.from ? [{ from: start, to }] : [];
  });
  const [first] = touched;
  const last = touched.at(-1);
  return first && last && { from: first.from, to: last.to };
}

interface OptionInput {
  readonly shown: Shown;
  readonly colourOf: (group: ShownGroup) => string;
  readonly lines: string;
  readonly text: string;
  readonly formatTime: (ms: number) => string;
  readonly formatCount: (value: number) => string;
}

/** The ECharts option of stacked bars over time; the first group stands on the axis. */
export function previewOption(input: OptionInput): Record<string, unknown> {
  const { shown, colourOf, lines, text, formatTime, formatCount } = input;
  const { groups, starts, ends, step } = shown;
  // Buckets that are cut at the window's ends are drawn as wide as the others.
  const whole = starts.map((start) => start - (start % step));
  const middles = whole.map((start) => nsToMs(start) + Number(step) / 2e6);
  const first = whole[0] ?? 0n;
  const end = (whole.at(-1) ?? 0n) + step;
  const label = { color: text, fontSize: 11 };
  return {
    animation: false,
    grid: { left: 44, right: 8, top: 6, bottom: 18 },
    xAxis: {
      type: 'time',
      min: nsToMs(first),
      max: nsToMs(end),
      axisLine: { lineStyle: { color: lines } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { ...label, hideOverlap: true, formatter: formatTime },
    },
    yAxis: {
      type: 'value',
      min: 0,
      minInterval: 1,
      splitNumber: 2,
      splitLine: { lineStyle: { color: lines } },
      axisLabel: { ...label, formatter: formatCount },
    },
    series: groups.map((group) => ({
      name: group.title,
      type: 'bar',
      stack: 'all',
      silent: true,
      animation: false,
      barCategoryGap: ends.length > 60 ? 0 : '12%',
      itemStyle: { color: colourOf(group) },
      data: group.counts.map((count, at) => [middles[at], count]),
    })),
  };
}

/** The bucket that a time lies in. */
export function bucketAt({ starts, ends }: Shown, time: bigint | undefined): number | undefined {
  if (time === undefined) return undefined;
  const at = starts.findIndex((start, i) => time >= start && time < (ends[i] ?? start));
  return at < 0 ? undefined : at;
}
