import { keepInside, panBy, SHORTEST_MS, within, xOf, type Scale, type Span } from './scale';

export type Part = 'from' | 'to' | 'body';
export type WindowName = 'incident' | 'baseline';

/** What a pressed pointer moves. Times are relative ms. */
export type Drag =
  | { readonly kind: 'brush'; readonly anchor: number }
  | { readonly kind: 'pan'; readonly start: Span; readonly x: number; readonly msPerPixel: number }
  | {
      readonly kind: 'window';
      readonly which: WindowName;
      readonly part: Part;
      readonly start: Span;
      readonly grabbed: number;
    }
  | {
      readonly kind: 'view';
      readonly part: Part;
      readonly start: Span;
      readonly grabbed: number;
    };

/** A stretch between two times in either order, inside `whole`, never empty. */
export function spanBetween(a: number, b: number, whole: Span): Span {
  const from = within(Math.min(a, b), whole);
  const to = within(Math.max(a, b), whole);
  return to - from >= SHORTEST_MS
    ? { from, to }
    : keepInside({ from, to: from + SHORTEST_MS }, whole);
}

/** An edge or the body of a stretch moved by `by` ms. An edge dragged past the other one turns it round. */
export function moved(start: Span, part: Part, by: number, whole: Span): Span {
  if (part === 'body') return panBy(start, whole, by);
  const fixed = part === 'from' ? start.to : start.from;
  return spanBetween(start[part] + by, fixed, whole);
}

/** The stretch that a drag makes with the pointer at time `t` (and pixel `x`, for panning). */
export function dragged(drag: Drag, t: number, x: number, whole: Span): Span {
  switch (drag.kind) {
    case 'brush':
      return spanBetween(drag.anchor, t, whole);
    case 'pan':
      return panBy(drag.start, whole, (drag.x - x) * drag.msPerPixel);
    case 'window':
    case 'view':
      return moved(drag.start, drag.part, t - drag.grabbed, whole);
  }
}

const REACH = 5;

/** The edge of a stretch within reach of pixel `x`, the nearer one. */
export function edgeAt(scale: Scale, span: Span | undefined, x: number): 'from' | 'to' | undefined {
  if (!span) return undefined;
  const from = Math.abs(xOf(scale, span.from) - x);
  const to = Math.abs(xOf(scale, span.to) - x);
  if (Math.min(from, to) > REACH) return undefined;
  return from < to ? 'from' : 'to';
}

export function partAt(scale: Scale, span: Span | undefined, x: number): Part | undefined {
  const edge = edgeAt(scale, span, x);
  if (edge || !span) return edge;
  return x > xOf(scale, span.from) && x < xOf(scale, span.to) ? 'body' : undefined;
}
