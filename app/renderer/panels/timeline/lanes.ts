import type { EntityHeat } from '../../../../core/model';
import type { Grid, Span } from './scale';

/** One line of a lane of series; NaN where nothing is known. */
export interface Line {
  readonly name: string;
  readonly entityId: string | undefined;
  readonly grid: Grid;
  readonly values: Float64Array;
  /** Level in the baseline, drawn faint underneath; undefined where there is none. */
  readonly level: number | undefined;
}

export interface AlertBar extends Span {
  readonly key: string;
  readonly row: number;
  readonly label: string;
  readonly title: string;
  readonly severity: 'critical' | 'warning' | 'info';
  /** Bars of members hang under their group. */
  readonly member: boolean;
  readonly groupId: string;
  readonly entityId: string | undefined;
  /** The row of the alert; of a group, its first one. */
  readonly alert: { readonly sourceId: number; readonly rowNo: bigint } | undefined;
}

/** Why the members of an opened group stand together. */
export interface AlertNote {
  readonly row: number;
  readonly groupId: string;
  readonly text: string;
}

export interface ChangeMark {
  readonly at: number;
  readonly label: string;
  readonly kind: string;
  readonly entityId: string | undefined;
  /** The finding ranked first names it. */
  readonly named: boolean;
}

export interface TemplateMark {
  readonly at: number;
  readonly text: string;
  readonly entityId: string;
}

export type LaneBody =
  | {
      readonly kind: 'alerts';
      readonly bars: readonly AlertBar[];
      readonly notes: readonly AlertNote[];
      readonly hidden: number;
    }
  | { readonly kind: 'changes'; readonly marks: readonly ChangeMark[] }
  | {
      readonly kind: 'heat';
      readonly entityId: string;
      readonly grid: Grid;
      readonly heat: Float32Array;
    }
  | { readonly kind: 'more'; readonly hidden: number; readonly open: boolean }
  | {
      readonly kind: 'series';
      readonly lines: readonly Line[];
      readonly format: (value: number) => string;
      /** Set for a series that a person has pinned. */
      readonly seriesId?: bigint;
    }
  | {
      readonly kind: 'logs';
      readonly grid: Grid;
      readonly errors: Float64Array;
      readonly warnings: Float64Array;
      readonly templates: readonly TemplateMark[];
    };

export interface Lane {
  readonly id: string;
  readonly label: string;
  readonly sub: string;
  /** A sentence for the tooltip: what the lane shows. */
  readonly hint: string;
  readonly height: number;
  /** Share of room that is left over which this lane takes. */
  readonly flex: number;
  readonly body: LaneBody;
}

export interface PlacedLane extends Lane {
  readonly top: number;
}

/** Lanes from top to bottom; room that is left over goes to those that can use it, up to 1.8 times. */
export function placeLanes(lanes: readonly Lane[], room: number): readonly PlacedLane[] {
  const natural = lanes.reduce((sum, lane) => sum + lane.height, 0);
  const flex = lanes.reduce((sum, lane) => sum + lane.flex * lane.height, 0);
  const grow = flex > 0 ? Math.min(0.8, Math.max(0, (room - natural) / flex)) : 0;
  let top = 0;
  return lanes.map((lane) => {
    const height = Math.floor(lane.height * (1 + grow * lane.flex));
    const placed = { ...lane, top, height };
    top += height;
    return placed;
  });
}

export const heightOf = (lanes: readonly PlacedLane[]): number => {
  const last = lanes.at(-1);
  return last ? last.top + last.height : 0;
};

export function laneAt(lanes: readonly PlacedLane[], y: number): PlacedLane | undefined {
  return lanes.find((lane) => y >= lane.top && y < lane.top + lane.height);
}

export const ALERT_ROW = 11;

/**
 * The first row in which each bar fits without touching the one before; bars come in time order. `room` is
 * what a bar's label needs behind its end, ms. Rows don't depend on the view, so bars keep their place.
 */
export function packRows(
  bars: readonly (Span & { readonly label: string })[],
  room: (label: string) => number,
): readonly number[] {
  const ends: number[] = [];
  return bars.map((bar) => {
    const free = ends.findIndex((end) => end <= bar.from);
    const row = free < 0 ? ends.length : free;
    ends[row] = bar.to + room(bar.label);
    return row;
  });
}

/**
 * On which side of its mark each label fits without touching another mark or label; the important ones
 * choose first. Undefined where it fits nowhere; an important one then stands right, to be cut there.
 */
export function labelSides(
  xs: readonly number[],
  widths: readonly number[],
  important: readonly boolean[],
  bounds: { readonly from: number; readonly to: number },
): readonly ('left' | 'right' | undefined)[] {
  const taken: { from: number; to: number }[] = [];
  const sides = xs.map((): 'left' | 'right' | undefined => undefined);
  const order = xs
    .map((_, i) => i)
    .sort((a, b) => Number(important[b]) - Number(important[a]) || a - b);
  for (const i of order) {
    const x = xs[i] ?? 0;
    const width = widths[i] ?? 0;
    for (const side of ['right', 'left'] as const) {
      const span =
        side === 'right' ? { from: x + 4, to: x + width } : { from: x - width, to: x - 4 };
      const free =
        span.from >= bounds.from &&
        span.to <= bounds.to &&
        taken.every((other) => span.from >= other.to || span.to <= other.from) &&
        xs.every((other, j) => j === i || other + 6 <= span.from || other - 6 >= span.to);
      if (!free) continue;
      taken.push(span);
      sides[i] = side;
      break;
    }
    if (important[i] === true) sides[i] ??= 'right';
  }
  return sides;
}

/** Entities that were abnormal at all, the hottest inside the incident first; ties by earlier onset, then id. */
export function hottestFirst(
  heat: readonly EntityHeat[],
  incident: { readonly from: bigint; readonly to: bigint },
): readonly EntityHeat[] {
  const rated = heat.map((row) => {
    let sum = 0;
    const step = Number(row.step);
    const start = Number(incident.from - row.from) / step - 1;
    const end = Number(incident.to - row.from) / step;
    for (let i = 0; i < row.heat.length; i++) {
      if (i > start && i < end) sum += row.heat[i] ?? 0;
    }
    return { row, sum, first: onsetOf(row.heat, Math.max(0, Math.ceil(start)), end) };
  });
  return rated
    .sort(
      (a, b) => b.sum - a.sum || a.first - b.first || (a.row.entityId < b.row.entityId ? -1 : 1),
    )
    .map(({ row }) => row);
}

/** First hot bucket of an incident; what was hot already just before it counts from there. */
function onsetOf(heat: Float32Array, from: number, to: number): number {
  const hot = (i: number): boolean => (heat[i] ?? 0) >= 0.3;
  let first = from;
  while (first < to && !hot(first)) first++;
  if (first === from) while (first > 0 && hot(first - 1)) first--;
  return first;
}

/** Colour step 0–4 of a heat between 0 and 1. */
export function heatStep(heat: number): 0 | 1 | 2 | 3 | 4 {
  if (heat < 0.12) return 0;
  if (heat < 0.3) return 1;
  if (heat < 0.5) return 2;
  return heat < 0.75 ? 3 : 4;
}

/** Value of a line at a time; NaN outside of it. */
export function valueAt({ grid, values }: Line, t: number): number {
  const bucket = Math.floor((t - grid.from) / grid.step);
  return values[bucket] ?? Number.NaN;
}

/** The largest value of lines that the view shows, and of their levels; 0 where nothing is known. */
export function peakOf(lines: readonly Line[], view: Span): number {
  let peak = 0;
  for (const { grid, values, level } of lines) {
    const first = Math.max(0, Math.floor((view.from - grid.from) / grid.step));
    const last = Math.min(values.length - 1, Math.floor((view.to - grid.from) / grid.step));
    for (let i = first; i <= last; i++) {
      const value = values[i] ?? 0;
      if (value > peak) peak = value;
    }
    if (level !== undefined && level > peak) peak = level;
  }
  return peak;
}
