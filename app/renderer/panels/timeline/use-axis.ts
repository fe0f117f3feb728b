import { useMemo } from 'react';
import { useApp } from '../../state';
import { formatDate, formatDateTime, formatMs, formatOffset, formatTime } from '../../ui';
import { absolute, precisionOf, relative, ticksOf, type Origin, type Span } from './scale';

const TICK_GAP = 84;

/** How far the zone's clock is ahead of UTC at an instant, ms. */
export function zoneOffsetMs(ns: bigint, zone: string): number {
  if (zone === 'UTC') return 0;
  const local = Date.parse(`${formatDateTime(ns, zone).replace(' ', 'T')}Z`);
  return local - Math.floor(Number(ns / 1_000_000n) / 1000) * 1000;
}

/** Ticks and time texts in the zone, or as offsets from the incident where that is switched on. */
export function useAxis(view: Span, origin: Origin, width: number) {
  const zone = useApp((state) => state.zone);
  const relativeTime = useApp((state) => state.relativeTime);
  const start = useApp((state) => state.analysis?.incident.from);
  return useMemo(() => {
    const offsets = relativeTime && start !== undefined;
    const dayMs = 86_400_000;
    const originMs = Number(origin / 1000n) / 1000;
    const zero = offsets
      ? relative(start, origin)
      : -((originMs + zoneOffsetMs(origin, zone)) % dayMs);
    const { step, at } = ticksOf({ ...view, left: 0, width }, zero, TICK_GAP);
    const precision = precisionOf(step);
    const textOf = (t: number): string => {
      const ns = absolute(t, origin);
      if (offsets) return formatOffset(ns, start);
      return precision === 'day' ? formatDate(ns, zone) : formatTime(ns, zone, precision);
    };
    const timeText = (t: number): string => {
      const ns = absolute(t, origin);
      const clock = formatTime(ns, zone, 'milli');
      return start === undefined ? clock : `${clock}  ${formatOffset(ns, start)}`;
    };
    return {
      ticks: at.map((t) => ({ at: t, text: textOf(t) })),
      timeText,
      zone: offsets ? 'from the incident' : zone,
      length: formatMs(view.to - view.from),
    };
  }, [view, origin, width, zone, relativeTime, start]);
}
