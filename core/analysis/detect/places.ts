import type { Frame } from '../../model';
import type { placeShift } from '../../model/queries';
import type { PlaceShift } from '../facts';
import { welch } from '../stats';

export type PlaceFrame = Frame<(typeof placeShift)['def']['columns']>;

const LOG_FLOOR = 0.1;

interface Side {
  readonly n: number;
  readonly sum: number;
  readonly sq: number;
}

const NONE: Side = { n: 0, sum: 0, sq: 0 };

/** Shift of each service on each host: the larger of its own time and the time on the way to it. */
export function placeShifts(frame: PlaceFrame): readonly PlaceShift[] {
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
    const [a, b] = [shiftOf(own), shiftOf(gap)];
    const { z, effect } = a.z >= b.z ? a : b;
    return { service, host, z, effect };
  });
}

function shiftOf([base = NONE, incident = NONE]: readonly Side[]): { z: number; effect: number } {
  if (base.n < 3 || incident.n < 3) return { z: 0, effect: 0 };
  const z = welch(base, incident, LOG_FLOOR);
  return { z, effect: incident.sum / incident.n - base.sum / base.n };
}
