import type { Facts } from '../facts';
import type { OrderShift } from '../shifts';
import { ramp } from '../stats';
import { defineMethod, result } from './method';

/**
 * Who does something else than before at the same point: a log line, or a call, is followed by what never
 * followed it. An early return or an exception leaves just that, whatever was asked for.
 */
export const brokenOrder = defineMethod({
  id: 'rca.broken-order',
  version: 1,
  title: 'Broken order of log lines and calls',
  cite: 'event-pattern difference: Yu et al., Nezha (FSE 2023)',
  weight: 1.5,
  uses: {},
  score: (facts) => {
    const raw = new Map<string, number>();
    for (const shift of [...facts.lineOrder, ...facts.callOrder]) {
      const surprise = weightOf(shift);
      raw.set(shift.service, Math.max(raw.get(shift.service) ?? 0, surprise));
    }
    return result(raw, ramp(Math.max(0, ...raw.values()), 2.5, 5));
  },
});

/** The broken places of one entity, worst first. */
export function brokenAt(facts: Facts, id: string): readonly OrderShift[] {
  return facts.lineOrder
    .filter(({ service }) => facts.fold(service) === id)
    .sort((a, b) => weightOf(b) - weightOf(a) || (a.a < b.a ? -1 : 1));
}

/** What goes on where it used to end is more likely back in order than broken. */
function weightOf({ lost, surprise }: OrderShift): number {
  return lost === '' ? 0.3 * surprise : surprise;
}
