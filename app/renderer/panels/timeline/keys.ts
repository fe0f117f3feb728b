import { spanBetween } from './drag';
import { within, type Span } from './scale';
import type { Scene } from './scene';

export interface KeyStep {
  readonly cursor: number;
  readonly range: Span | undefined;
  /** Set where the key moves between lanes: the id of the lane to go to. */
  readonly lane?: (from: string) => string;
}

const FINE = 200;
const COARSE = 20;

/**
 * What an arrow key does on a lane: along the time, between lanes, and with Shift it brushes from where the
 * cursor was. Undefined for other keys.
 */
export function stepKey(
  event: { readonly key: string; readonly shiftKey: boolean; readonly ctrlKey: boolean },
  cursor: number | undefined,
  scene: Pick<Scene, 'view' | 'whole' | 'range' | 'incident' | 'lanes'>,
): KeyStep | undefined {
  const { view, whole, range, incident, lanes } = scene;
  const length = view.to - view.from;
  const from = cursor ?? within(incident?.from ?? view.from, view);
  const to = (t: number): KeyStep => {
    const next = within(t, view);
    if (!event.shiftKey) return { cursor: next, range: undefined };
    const anchor =
      range && from === range.to ? range.from : range && from === range.from ? range.to : from;
    return { cursor: next, range: spanBetween(anchor, next, whole) };
  };
  const step = length / (event.ctrlKey ? COARSE : FINE);
  const beside = (by: number): KeyStep => ({
    cursor: from,
    range: undefined,
    lane: (id) => {
      const at = lanes.findIndex((lane) => lane.id === id);
      return lanes[Math.min(lanes.length - 1, Math.max(0, at + by))]?.id ?? id;
    },
  });
  switch (event.key) {
    case 'ArrowLeft':
      return to(from - step);
    case 'ArrowRight':
      return to(from + step);
    case 'Home':
      return to(view.from);
    case 'End':
      return to(view.to);
    case 'ArrowUp':
      return beside(-1);
    case 'ArrowDown':
      return beside(1);
    default:
      return undefined;
  }
}
