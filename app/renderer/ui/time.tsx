import { useApp } from '../state';
import { formatDateTime, formatOffset, formatTime, type TimePrecision } from './format';

/** How times are shown now: zone and, where it is switched on, the offset from the incident's start. */
export function useTimeText(): (ns: bigint, precision?: TimePrecision) => string {
  const zone = useApp((state) => state.zone);
  const relative = useApp((state) => state.relativeTime);
  const start = useApp((state) => state.analysis?.incident.from);
  return (ns, precision) =>
    relative && start !== undefined
      ? formatOffset(ns, start)
      : formatTime(ns, zone, precision ?? 'second');
}

export function Time({
  ns,
  precision,
}: {
  readonly ns: bigint;
  readonly precision?: TimePrecision;
}) {
  const text = useTimeText();
  const zone = useApp((state) => state.zone);
  return (
    <time className="num" title={`${formatDateTime(ns, zone, 'nano')} ${zone}`}>
      {text(ns, precision)}
    </time>
  );
}
