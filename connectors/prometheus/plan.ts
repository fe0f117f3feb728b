import { z } from 'zod';
import { FaultlineError, formatRfc3339 } from '../../core/base';
import type { MsWindow } from './windows';

/** Raw samples that one request may bring: an answer of about two megabytes. */
const PER_REQUEST = 50_000;
/** What Prometheus allows a series to have in one range query. */
const MOST_POINTS = 11_000;
/** Names in one request. */
const MOST_NAMES = 100;
/** A window is never thinned to fewer points a series than this; metrics are left out before. */
const FEWEST_POINTS = 30;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 86_400];

/** Metrics that are pulled together: a classic histogram with its sum and count, or one metric. */
export interface Family {
  readonly names: readonly string[];
  /** Its first name is that of its buckets. */
  readonly histogram: boolean;
  /** Series of a Prometheus about itself are left out. */
  readonly withoutSelf: boolean;
}

/** A family with what it would bring from each window. */
export interface SizedFamily extends Family {
  /** Rows of samples and histogram samples. */
  readonly rows: readonly number[];
  /** Raw samples, every bucket one. */
  readonly load: readonly number[];
  /** Series as rows have them, and as the backend has them. */
  readonly rowSeries: readonly number[];
  readonly loadSeries: readonly number[];
  /** Whether the rows are counted or an estimate. */
  readonly counted: boolean;
}

const family = z.object({
  names: z.array(z.string()),
  histogram: z.boolean(),
  withoutSelf: z.boolean(),
});
/** [window, from ms, to ms, step ms or 0 for raw, first family, end of families) */
const unit = z.tuple([z.int(), z.int(), z.int(), z.int(), z.int(), z.int()]);

const plan = z.object({
  leftOpen: z.boolean(),
  /** Thanos: averages of this length where raw samples are gone. */
  resolution: z.enum(['0s', '5m', '1h']).default('0s'),
  selfJobs: z.array(z.string()),
  /** What all is selected by, where that had to be found out. */
  selectors: z.array(z.object({ name: z.string().optional(), matchers: z.string() })).optional(),
  /** Raw samples come by remote read. */
  remote: z.boolean().default(false),
  /** 0: raw samples. */
  stepMs: z.int(),
  families: z.array(family),
  units: z.array(unit),
  /** Rows there are, by window; null where they could not be counted. */
  totals: z.array(z.number().nullable()),
  /** Series of alerts to look through; null where none are wanted. */
  alerts: z.int().nullable(),
});
const counts = z.array(z.tuple([z.string(), z.int()]));
const position = z.object({
  v: z.literal(1),
  /** The next step. */
  at: z.int(),
  /** Rows of samples that came, and that several selectors brought twice, by window. */
  kept: z.array(z.int()),
  twice: z.array(z.int()),
  /** What warnings and limits are to be told of at the end. */
  told: z
    .object({ warned: counts, split: counts, unread: counts })
    .default({ warned: [], split: [], unread: [] }),
  plan,
});

export type Unit = z.infer<typeof unit>;
export type Plan = Readonly<z.infer<typeof plan>>;

/** Where a pull is, as its cursor keeps it. */
export type Position = z.infer<typeof position>;

export function parsePosition(cursor: string): Position {
  try {
    return position.parse(JSON.parse(cursor));
  } catch (cause) {
    throw new FaultlineError(
      'connector/config',
      'This pull was begun by another version: discard it and pull again.',
      { cause },
    );
  }
}

/** What a unit asks for: "up and 41 more, 2026-11-21T14:02:00Z to 2026-11-21T14:12:00Z". */
export function unitLabel({ families }: Pick<Plan, 'families'>, unit: Unit): string {
  const [, from, to, , first, end] = unit;
  const [name = '', ...others] = families.slice(first, end).flatMap(({ names }) => names);
  const what = others.length === 0 ? name : `${name} and ${others.length} more`;
  const time = (ms: number): string => formatRfc3339(BigInt(ms) * 1_000_000n);
  return `${what}, ${time(from)} to ${time(to)}`;
}

export interface Planned {
  readonly stepMs: number;
  readonly families: readonly SizedFamily[];
  readonly left: readonly SizedFamily[];
  readonly units: readonly Unit[];
}

/**
 * Raw samples where they fit the budget and no step is asked for, else the last sample of each step, the
 * finest step that fits; where even the coarsest useful one doesn't, the largest families are left out.
 */
export function planUnits(
  sized: readonly SizedFamily[],
  windows: readonly MsWindow[],
  budget: number,
  stepMs?: number,
): Planned {
  const raw = sized.reduce((n, f) => n + sum(f.rows), 0);
  if (stepMs === undefined && raw <= budget) {
    const families = ordered(sized);
    return { stepMs: 0, families, left: [], units: unitsOf(families, windows, 0) };
  }
  const coarsest = Math.min(...windows.map(({ from, to }) => to - from)) / FEWEST_POINTS;
  const wider = STEPS_S.map((s) => s * 1000).filter((ms) => ms > (stepMs ?? 0));
  const steps = [...(stepMs === undefined ? [] : [stepMs]), ...wider];
  const rowsAt = (f: SizedFamily, step: number): number =>
    sum(windows.map((window, w) => rowsAtStep(f, w, window, step)));
  const fits = (step: number): boolean => sized.reduce((n, f) => n + rowsAt(f, step), 0) <= budget;
  const useful = steps.filter((ms, i) => i === 0 || ms <= coarsest);
  let step = useful.find(fits) ?? useful.at(-1) ?? 1000;
  let left = largestOver(sized, budget, (f) => rowsAt(f, step));
  const coarser = left.length === sized.length ? steps.find(fits) : undefined;
  if (coarser !== undefined) {
    step = coarser;
    left = [];
  }
  const families = ordered(sized.filter((f) => !left.includes(f)));
  return { stepMs: step, families, left, units: unitsOf(families, windows, step) };
}

function rowsAtStep(f: SizedFamily, w: number, { from, to }: MsWindow, step: number): number {
  return Math.min(f.rows[w] ?? 0, (f.rowSeries[w] ?? 0) * Math.ceil((to - from) / step));
}

/** The largest families, as many as must go so that the others fit. */
function largestOver(
  sized: readonly SizedFamily[],
  budget: number,
  rows: (f: SizedFamily) => number,
): readonly SizedFamily[] {
  const bySize = [...sized].sort(
    (a, b) => rows(b) - rows(a) || ((a.names[0] ?? '') < (b.names[0] ?? '') ? -1 : 1),
  );
  let total = bySize.reduce((n, f) => n + rows(f), 0);
  const left: SizedFamily[] = [];
  for (const f of bySize) {
    if (total <= budget) break;
    left.push(f);
    total -= rows(f);
  }
  return left;
}

function ordered(sized: readonly SizedFamily[]): readonly SizedFamily[] {
  return [...sized].sort(
    (a, b) =>
      Number(a.withoutSelf) - Number(b.withoutSelf) ||
      ((a.names[0] ?? '') < (b.names[0] ?? '') ? -1 : 1),
  );
}

function unitsOf(
  families: readonly SizedFamily[],
  windows: readonly MsWindow[],
  stepMs: number,
): readonly Unit[] {
  const units: Unit[] = [];
  for (const [w, window] of windows.entries()) {
    const points = Math.ceil((window.to - window.from) / Math.max(1, stepMs));
    const loadOf = (f: SizedFamily): number =>
      stepMs === 0 ? (f.load[w] ?? 0) : (f.loadSeries[w] ?? 0) * points;
    for (let first = 0; first < families.length;) {
      let end = first;
      let load = 0;
      let names = 0;
      for (; end < families.length; end++) {
        const next = families[end];
        if (!next || (end > first && next.withoutSelf !== families[first]?.withoutSelf)) break;
        names += next.names.length;
        if (end > first && (load + loadOf(next) > PER_REQUEST || names > MOST_NAMES)) break;
        load += loadOf(next);
      }
      if (load > 0) {
        const series = sum(families.slice(first, end).map((f) => f.loadSeries[w] ?? 0));
        for (const piece of pieces(window, stepMs, load, series))
          units.push([w, ...piece, first, end]);
      }
      first = end;
    }
  }
  return units;
}

/** [from, to, step]: a window in requests that are small enough. */
function pieces(
  { from, to }: MsWindow,
  stepMs: number,
  load: number,
  series: number,
): readonly (readonly [number, number, number])[] {
  const out: (readonly [number, number, number])[] = [];
  if (stepMs === 0) {
    const length = Math.max(1, Math.ceil((to - from) / Math.ceil(load / PER_REQUEST)));
    for (let at = from; at < to; at += length) out.push([at, Math.min(to, at + length), 0]);
    return out;
  }
  const points = Math.min(MOST_POINTS, Math.max(1, Math.floor(PER_REQUEST / Math.max(1, series))));
  const whole = from + Math.floor((to - from) / stepMs) * stepMs;
  for (let at = from; at < whole; at += points * stepMs) {
    out.push([at, Math.min(whole, at + points * stepMs), stepMs]);
  }
  // What is left at the end is a shorter step with one point.
  if (whole < to) out.push([whole, to, to - whole]);
  return out;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
