import { z } from 'zod';
import type { Frame } from '../../model';
import { placeShift } from '../../model/queries';
import type { PlaceShift } from '../shifts';
import { defineAnalysis } from '../seam';
import type { Sums } from '../stats';
import { NO_EFFECT, beyondDrift, driftOf, effectOf, type Effect } from './drift';
import { queryWindows } from '../windows';

type PlaceFrame = Frame<(typeof placeShift)['def']['columns']>;

export const places = defineAnalysis({
  id: 'detect.places',
  kind: 'detect',
  version: 2,
  title: 'Comparing hosts',
  cite: "Welch's t on log time, by service and host, Welch (1947); drift as a random effect, DerSimonian & Laird (1986)",
  params: z.object({ logFloor: z.number().positive().default(0.1) }),
  uses: {},
  inputs: ({ incident, baseline }) => ({ places: placeShift(queryWindows(incident, baseline)) }),
  run: ({ frames, params: { logFloor } }) => placeShifts(frames.places, logFloor),
});

const NONE: Sums = { n: 0, sum: 0, sq: 0 };

/** Shift of each service on each host: the larger of its own time and the time on the way to it. */
function placeShifts(frame: PlaceFrame, floor: number): readonly PlaceShift[] {
  const { col } = frame;
  const pairs = new Map<string, { service: string; host: string; own: Sums[]; gap: Sums[] }>();
  for (let i = 0; i < frame.rows; i++) {
    const service = col.service[i] ?? '';
    const host = col.host[i] ?? '';
    const key = `${service}\u0001${host}`;
    const pair = pairs.get(key) ?? { service, host, own: [NONE, NONE], gap: [NONE, NONE] };
    const win = col.win[i] ?? 0;
    pair.own[win] = { n: col.n[i] ?? 0, sum: col.log_ms[i] ?? 0, sq: col.log_sq[i] ?? 0 };
    pair.gap[win] = { n: col.gaps[i] ?? 0, sum: col.gap_log[i] ?? 0, sq: col.gap_sq[i] ?? 0 };
    pairs.set(key, pair);
  }
  const places = [...pairs.values()].map(({ service, host, own, gap }) => {
    const [inside, outside] = [shiftOf(own, floor), shiftOf(gap, floor)];
    return { service, host, inside, outside };
  });
  const drift = driftOf(places.map(({ service, inside: effect }) => ({ service, effect })));
  return places.map(({ service, host, inside, outside }) => {
    const [a, b] = [beyondDrift(inside, drift), beyondDrift(outside, drift)];
    return { service, host, z: Math.max(a, b), effect: (a >= b ? inside : outside).shift };
  });
}

function shiftOf([base = NONE, incident = NONE]: readonly Sums[], floor: number): Effect {
  return base.n < 3 || incident.n < 3 ? NO_EFFECT : effectOf(base, incident, floor);
}
