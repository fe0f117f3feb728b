import { msToNs } from '../../../core/base';
import type { RecentCase } from '../../../core/host';
import { formatDate, formatTime } from '../ui';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** "21 Nov 14:02 – 14:31", with the year where it is not this one and the second date where it differs. */
export function windowText(
  recent: Pick<RecentCase, 'from' | 'to'>,
  zone: string,
  nowMs: number,
): string {
  if (recent.from === null || recent.to === null) return 'no telemetry';
  const [from, to] = [msToNs(recent.from), msToNs(recent.to)];
  const thisYear = formatDate(msToNs(nowMs), zone).slice(0, 4);
  const [first, last] = [formatDate(from, zone), formatDate(to, zone)];
  const time = (ns: bigint): string => formatTime(ns, zone, 'minute');
  const start = `${dayText(first, thisYear)} ${time(from)}`;
  const sameDay = first === last;
  return `${start} – ${sameDay ? '' : `${dayText(last, thisYear)} `}${time(to)}`;
}

function dayText(date: string, thisYear: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  const text = `${Number(day)} ${MONTHS[Number(month) - 1] ?? month}`;
  return year === thisYear ? text : `${text} ${year}`;
}

/** What the last analysis said, in a few words. */
export function causeText(recent: Pick<RecentCase, 'cause' | 'shape' | 'from'>): string {
  if (recent.cause !== '') return recent.cause;
  if (recent.from === null) return 'empty';
  return recent.shape.length > 0 ? 'not enough evidence' : 'not analysed';
}

/** Above this heat a bar of the shape counts as abnormal and is drawn in the incident's colour. */
const HOT = 0.4;

export interface ShapeBar {
  readonly x: number;
  readonly height: number;
  readonly hot: boolean;
}

/** Bars of a case's shape: heights 2 to `height`, one bar of 2 px every 3 px. */
export function shapeBars(shape: readonly number[], height: number): readonly ShapeBar[] {
  return shape.map((value, at) => {
    const heat = Math.min(1, Math.max(0, value));
    return { x: at * 3, height: 2 + Math.round(heat * (height - 2)), hot: heat >= HOT };
  });
}
