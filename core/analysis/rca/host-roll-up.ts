import { ramp } from '../stats';
import { defineMethod, result } from './method';

/**
 * A host where several services are worse than the same services elsewhere, and most of what runs there is:
 * the trouble is the machine's or its network's, not theirs.
 */
export const hostRollUp = defineMethod({
  id: 'rca.host-roll-up',
  version: 1,
  title: 'Everything on one host',
  cite: 'difference in differences over placement; topology roll-up as in issue trackers of fleets',
  weight: 1.4,
  uses: {},
  score: (facts) => {
    const raw = new Map<string, number>();
    let strongest = 0;
    for (const host of new Set(facts.places.map((place) => place.host))) {
      const here = facts.places.filter((place) => place.host === host);
      const worse = here.map((place) => {
        const elsewhere = facts.places.filter(
          (other) => other.service === place.service && other.host !== host,
        );
        const usual = Math.max(0, ...elsewhere.map(({ effect }) => effect));
        const own = Math.max(0, place.effect - 1.2 * usual);
        return place.z >= 4 && own > 0.25 ? ramp(own, 0.25, 1) : 0;
      });
      const bad = worse.filter((w) => w > 0).length;
      if (bad < 2) continue;
      const score = (bad / here.length) * ramp(bad, 1, 3);
      strongest = Math.max(strongest, score);
      raw.set(host, score);
    }
    return result(raw, ramp(strongest, 0.3, 0.9));
  },
});
