import type { MetricShift } from '../shifts';

/** A resource used so far has next to nothing left (USE method: utilisation near its limit). */
const NEARLY_ALL = 0.8;
/** Least shift that is told, in robust standard deviations. */
const TOLD = 3;
/** The same for a resource that came near its limit and was far from it: few samples carry that. */
const TOLD_AT_LIMIT = 2;

/**
 * The shifts of an entity's metrics, in the order in which they tell why it is bad: resources that ran out,
 * then other resources, then what only shows that something is wrong (latency, errors, traffic); the largest
 * shift first. Its own metrics go before those of what it stands on. Where a share of a limit and an absolute
 * figure moved alike, the share goes first. Source: USE method, Gregg, Systems Performance (2nd ed., 2020), 2.5.9.
 */
export function tellingMetrics(
  shifts: readonly MetricShift[],
  entityId: string,
): readonly MetricShift[] {
  return shifts
    .filter((shift) => Math.abs(shift.z) >= (ranOut(shift) ? TOLD_AT_LIMIT : TOLD))
    .map((shift) => ({ shift, tier: tierOf(shift), own: shift.entityId === entityId ? 0 : 1 }))
    .sort(
      (a, b) =>
        a.tier - b.tier ||
        a.own - b.own ||
        Math.round(20 * Math.log(Math.abs(b.shift.z))) -
          Math.round(20 * Math.log(Math.abs(a.shift.z))) ||
        Number(isShare(b.shift)) - Number(isShare(a.shift)) ||
        (a.shift.metric < b.shift.metric ? -1 : 1),
    )
    .map(({ shift }) => shift);
}

function tierOf(shift: MetricShift): number {
  if (ranOut(shift)) return 0;
  return shift.role === 'saturation' && shift.z > 0 ? 1 : 2;
}

/** A share of a limit that came near it, from less than half as much. */
function ranOut(shift: MetricShift): boolean {
  if (shift.role !== 'saturation' || !isShare(shift)) return false;
  const now = shareOf(shift, shift.incident);
  return now >= NEARLY_ALL && now <= 1.5 && shareOf(shift, shift.base) < now / 2;
}

/** Words by which OpenTelemetry (`utilization`) and exporters name a share of a limit. */
const isShare = ({ metric }: MetricShift): boolean =>
  /(^|[^a-z])(ratio|utili[sz]ation|percent|pct)([^a-z]|$)/i.test(metric);

const shareOf = ({ metric }: MetricShift, value: number): number =>
  /percent|pct/i.test(metric) ? value / 100 : value;
