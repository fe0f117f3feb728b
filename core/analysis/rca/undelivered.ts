import { addTo, ramp } from '../stats';
import type { MessageShift } from '../shifts';
import { defineMethod, result } from './method';

/**
 * Who no longer takes the messages that it took, or takes them late. Where all of several takers of a queue
 * lag behind, it is the queue. Who sends them does its part, and waits for nobody: a pop that waits for a
 * message is no lag.
 */
export const undelivered = defineMethod({
  id: 'rca.undelivered',
  version: 1,
  title: 'Messages that are not taken',
  cite: 'time lag and loss between producer and consumer spans; OpenTelemetry messaging conventions',
  weight: 1.5,
  uses: {},
  score: (facts) => {
    const raw = new Map<string, number>();
    const byQueue = new Map<string, Map<string, number>>();
    for (const shift of facts.messages) {
      const amount = troubleOf(shift);
      const takers = byQueue.get(shift.queue) ?? new Map<string, number>();
      takers.set(shift.consumer, Math.max(takers.get(shift.consumer) ?? 0, amount));
      byQueue.set(shift.queue, takers);
    }
    for (const [queue, takers] of byQueue) {
      const least = Math.min(...takers.values());
      const shared = queue === '' || takers.size < 2 ? 0 : least;
      if (shared > 0) addTo(raw, facts.fold(queue), shared);
      for (const [consumer, amount] of takers) {
        if (amount > 0) addTo(raw, facts.fold(consumer), amount - 0.5 * shared);
      }
    }
    return result(raw, Math.max(0, ...raw.values()));
  },
});

/** 0–1: how surely messages were left, as far as many were; or came late. */
function troubleOf({ sent0, sent1, taken0, taken1, surprise, lagZ }: MessageShift): number {
  const before = Math.min(1, taken0 / Math.max(1, sent0));
  const lost = before <= 0 ? 0 : Math.max(0, 1 - taken1 / sent1 / before);
  return Math.max(ramp(surprise, 1.5, 4) * ramp(lost, 0, 0.5), 0.8 * ramp(lagZ, 3, 8));
}
