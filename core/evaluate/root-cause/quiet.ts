import type { Rng, TimeWindow } from '../../base';

export interface QuietCut {
  readonly incident: TimeWindow;
  readonly baseline: TimeWindow;
}

/** Share of a baseline that a cut may take: the rest is what it is compared with. */
const MOST = 0.4;

/**
 * Stretches of a fault-free recording, as long as the incident where it is long enough, at random places;
 * the longer rest beside each is its baseline.
 */
export function quietCuts(
  { from, to }: TimeWindow,
  incidentNs: bigint,
  count: number,
  rng: Rng,
): readonly QuietCut[] {
  const whole = Number(to - from);
  const length = Math.floor(Math.min(Number(incidentNs), MOST * whole));
  if (length <= 0) return [];
  return Array.from({ length: count }, () => {
    const start = from + BigInt(Math.floor(rng.next() * (whole - length)));
    const incident = { from: start, to: start + BigInt(length) };
    const before = { from, to: incident.from };
    const after = { from: incident.to, to };
    const baseline = before.to - before.from >= after.to - after.from ? before : after;
    return { incident, baseline };
  });
}
