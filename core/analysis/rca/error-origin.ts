import { addTo, ramp } from '../stats';
import { defineMethod, result } from './method';

/**
 * Where errors begin: failed spans without a failed child. A failed call whose callee recorded no span
 * counts for the callee: it did not answer.
 */
export const errorOrigin = defineMethod({
  id: 'rca.error-origin',
  version: 1,
  title: 'Origin of errors',
  cite: 'deepest failed span, as in Jaeger and Tempo root-cause heuristics',
  weight: 1,
  uses: {},
  score: (facts) => {
    const raw = new Map<string, number>();
    let extra = 0;
    let calls = 0;
    for (const op of facts.operations) {
      calls += op.incident.n;
      const ratio = op.base.n > 0 ? op.base.ownErrors / op.base.n : 0;
      const expected = ratio * op.incident.n;
      const more = op.incident.ownErrors - expected - 2 * Math.sqrt(expected + 0.25);
      if (more <= 0) continue;
      extra += more;
      const client = op.kind === 3 || op.kind === 4;
      const silent = client && op.peer !== null;
      if (silent && op.peer !== null) {
        addTo(raw, facts.fold(op.peer), 0.75 * more);
        addTo(raw, op.service, 0.25 * more);
      } else addTo(raw, op.service, more);
    }
    return result(raw, ramp(extra / Math.max(1, calls), 0.0005, 0.02) * ramp(extra, 1, 10));
  },
});
