import type { Rng, TimeWindow } from '../../base';

/** How a quiet window came to be, and what is in it that means nothing. */
export type QuietKind =
  'same recording' | 'harmless deploys' | 'doubled traffic' | 'another day' | 'quiet case';

export interface QuietCut {
  readonly incident: TimeWindow;
  readonly baseline: TimeWindow;
}

/** Share of a baseline that a cut may take, and the gap beside it: the rest is what it is compared with. */
const MOST = 0.4;
const MOST_GAP = 0.2;

/**
 * A stretch of a fault-free recording, as long as the incident where it is long enough, at a random place; its
 * baseline is the longer rest beside it, as far away as the incident's is where there is room.
 */
export function quietCut(
  { from, to }: TimeWindow,
  { lengthNs, gapNs }: { readonly lengthNs: bigint; readonly gapNs: bigint },
  rng: Rng,
): QuietCut | undefined {
  const whole = Number(to - from);
  const length = Math.floor(Math.min(Number(lengthNs), MOST * whole));
  if (length <= 0) return undefined;
  const gap = BigInt(Math.floor(Math.min(Number(gapNs), MOST_GAP * whole)));
  const start = from + BigInt(Math.floor(rng.next() * (whole - length)));
  const incident = { from: start, to: start + BigInt(length) };
  const before = { from, to: incident.from - gap };
  const after = { from: incident.to + gap, to };
  const baseline = before.to - before.from >= after.to - after.from ? before : after;
  return { incident, baseline };
}

/** A stretch of another day's fault-free recording, held against the whole of this one. */
export function otherDayCut(
  baseline: TimeWindow,
  { from, to }: TimeWindow,
  lengthNs: bigint,
  rng: Rng,
): QuietCut {
  const whole = to - from;
  const length = lengthNs < whole ? lengthNs : whole;
  const start = from + BigInt(Math.floor(rng.next() * Number(whole - length)));
  return { incident: { from: start, to: start + length }, baseline };
}

/** Time between two windows, whichever is first; 0 where they meet. */
export function gapBetween(a: TimeWindow, b: TimeWindow): bigint {
  if (a.to <= b.from) return b.from - a.to;
  return b.to <= a.from ? a.from - b.to : 0n;
}
