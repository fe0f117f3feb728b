import type { TimeWindow } from '../../../../core/base';

/** A stretch in milliseconds from the case's first row: small numbers, exact enough, fast to draw with. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The origin that spans are relative to, ns. */
export type Origin = bigint;

export const relative = (ns: bigint, origin: Origin): number => Number(ns - origin) / 1e6;

export const absolute = (ms: number, origin: Origin): bigint =>
  origin + BigInt(Math.round(ms * 1e6));

export function spanOf(window: TimeWindow, origin: Origin): Span {
  return { from: relative(window.from, origin), to: relative(window.to, origin) };
}

export function windowOf(span: Span, origin: Origin): TimeWindow {
  return { from: absolute(span.from, origin), to: absolute(span.to, origin) };
}

/** A stretch of time laid over pixels. */
export interface Scale extends Span {
  readonly left: number;
  readonly width: number;
}

export const xOf = (scale: Scale, t: number): number =>
  scale.left + ((t - scale.from) / (scale.to - scale.from)) * scale.width;

export const timeAt = (scale: Scale, x: number): number =>
  scale.from + ((x - scale.left) / scale.width) * (scale.to - scale.from);

export const within = (t: number, { from, to }: Span): number => Math.min(to, Math.max(from, t));

/** The shortest stretch that can be shown or brushed, ms. */
export const SHORTEST_MS = 1;

/** Zooms by a factor (< 1: in) with `t` staying where it is, inside `whole`. */
export function zoomAt(view: Span, whole: Span, t: number, factor: number): Span {
  const width = Math.max(SHORTEST_MS, (view.to - view.from) * factor);
  if (width >= whole.to - whole.from) return whole;
  const share = (t - view.from) / (view.to - view.from);
  return keepInside({ from: t - share * width, to: t + (1 - share) * width }, whole);
}

/** Shifts by `ms`, stopping at the ends of `whole`; the length stays. */
export function panBy(view: Span, whole: Span, ms: number): Span {
  return keepInside({ from: view.from + ms, to: view.to + ms }, whole);
}

export function keepInside(span: Span, whole: Span): Span {
  const length = span.to - span.from;
  if (length >= whole.to - whole.from) return whole;
  if (span.from < whole.from) return { from: whole.from, to: whole.from + length };
  if (span.to > whole.to) return { from: whole.to - length, to: whole.to };
  return span;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS: readonly number[] = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 3, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30].map((n) => n * DAY),
];

/** The smallest round duration that is at least `ms`. */
export function roundStep(ms: number): number {
  return STEPS.find((step) => step >= ms) ?? Math.ceil(ms / (30 * DAY)) * 30 * DAY;
}

export interface Ticks {
  readonly step: number;
  /** Relative ms, ascending, all inside the scale. */
  readonly at: readonly number[];
}

/**
 * Ticks on round times, at least `gap` pixels apart. `zero` is a relative time that counts as round
 * (midnight of the zone, or the incident's start).
 */
export function ticksOf(scale: Scale, zero: number, gap: number): Ticks {
  const perPixel = (scale.to - scale.from) / scale.width;
  const step = roundStep(perPixel * gap);
  const first = Math.ceil((scale.from - zero) / step);
  const last = Math.floor((scale.to - zero) / step);
  const at: number[] = [];
  for (let i = first; i <= last; i++) at.push(zero + i * step);
  return { step, at };
}

export type TickPrecision = 'day' | 'minute' | 'second' | 'milli';

export function precisionOf(step: number): TickPrecision {
  if (step >= DAY) return 'day';
  if (step >= MINUTE) return 'minute';
  return step >= SECOND ? 'second' : 'milli';
}

/** Equal buckets of time, aligned to the origin so that they stay put while the view moves. */
export interface Grid {
  /** Relative ms of the first bucket's start. */
  readonly from: number;
  readonly step: number;
  readonly buckets: number;
}

/** Buckets of about `pixels` each over the view. */
export function gridOver(view: Span, width: number, pixels: number): Grid {
  const step = roundStep(((view.to - view.from) / Math.max(1, width)) * pixels);
  const from = Math.floor(view.from / step) * step;
  return { from, step, buckets: Math.max(1, Math.ceil((view.to - from) / step)) };
}
