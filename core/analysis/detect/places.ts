import { z } from 'zod';
import type { Frame } from '../../model';
import { placeShift } from '../../model/queries';
import type { PlaceShift } from '../shifts';
import { defineAnalysis } from '../seam';
import { welch } from '../stats';
import { queryWindows } from '../windows';

type PlaceFrame = Frame<(typeof placeShift)['def']['columns']>;

export const places = defineAnalysis({
  id: 'detect.places',
  kind: 'detect',
  version: 1,
  title: 'Comparing hosts',
  cite: "Welch's t on log time, by service and host; Welch (Biometrika 1947)",
  params: z.object({ logFloor: z.number().positive().default(0.1) }),
  uses: {},
  inputs: ({ incident, baseline }) => ({ places: placeShift(queryWindows(incident, baseline)) }),
  run: ({ frames, params: { logFloor } }) => placeShifts(frames.places, logFloor),
});

interface Side {
  readonly n: number;
  readonly sum: number;
  readonly sq: number;
}

const NONE: Side = { n: 0, sum: 0, sq: 0 };

/** Shift of each service on each host: the larger of its own time and the time on the way to it. */
function placeShifts(frame: PlaceFrame, floor: number): readonly PlaceShift[] {
  const { col } = frame;
  const pairs = new Map<string, { service: string; host: string; own: Side[]; gap: Side[] }>();
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
  return [...pairs.values()].map(({ service, host, own, gap }) => {
    const [a, b] = [shiftOf(own, floor), shiftOf(gap, floor)];
    const { z, effect } = a.z >= b.z ? a : b;
    return { service, host, z, effect };
  });
}

function shiftOf(
  [base = NONE, incident = NONE]: readonly Side[],
  floor: number,
): { z: number; effect: number } {
  if (base.n < 3 || incident.n < 3) return { z: 0, effect: 0 };
  const z = welch(base, incident, floor);
  return { z, effect: incident.sum / incident.n - base.sum / base.n };
}
