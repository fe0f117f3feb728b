import type { Facts } from '../facts';
import type { PlaceShift } from '../shifts';
import { clamp01, median, normalTail, ramp } from '../stats';
import { defineMethod, result } from './method';

/** A service on a host, with what is worse there than elsewhere, in standard errors. */
export interface PlaceExcess {
  readonly service: string;
  readonly z: number;
}

/**
 * A host whose services are worse there than the same services elsewhere. The z of its services are pooled
 * (Stouffer) without the worst one, so that one bad service doesn't make a bad machine; the tail counts
 * against the number of hosts that were looked at.
 */
export const hostRollUp = defineMethod({
  id: 'rca.host-roll-up',
  version: 2,
  title: 'Everything on one host',
  cite: 'difference in differences over placement; Stouffer et al., The American Soldier (1949)',
  weight: 1.6,
  uses: {},
  score: (facts) => {
    const raw = new Map<string, number>();
    const hosts = hostExcess(facts);
    let strength = 0;
    for (const [host, places] of hosts) {
      const zs = places.map(({ z }) => z).sort((a, b) => b - a);
      if (zs.length < 3) continue;
      const rest = zs.slice(1);
      const pooled = rest.reduce((sum, z) => sum + z, 0) / Math.sqrt(rest.length);
      if (pooled <= 0) continue;
      const tail = Math.min(1, normalTail(pooled) * hosts.size);
      const surprise = ramp(-Math.log10(tail), 1, 5);
      strength = Math.max(strength, surprise);
      if (surprise > 0) raw.set(host, surprise * pooled);
    }
    return result(raw, strength);
  },
});

/** By host: what is worse for each of its services than for the same service on the other hosts. */
export function hostExcess(facts: Facts): ReadonlyMap<string, readonly PlaceExcess[]> {
  const byService = new Map<string, PlaceShift[]>();
  for (const place of facts.places) {
    byService.set(place.service, [...(byService.get(place.service) ?? []), place]);
  }
  const hosts = new Map<string, PlaceExcess[]>();
  for (const place of facts.places) {
    const elsewhere = (byService.get(place.service) ?? [])
      .filter(({ host }) => host !== place.host)
      .map(({ effect }) => effect);
    const usual = elsewhere.length > 0 ? Math.max(0, median(elsewhere)) : 0;
    const own = place.effect > 0 ? clamp01((place.effect - usual) / place.effect) : 0;
    const list = hosts.get(place.host) ?? [];
    list.push({ service: place.service, z: Math.max(0, place.z) * own });
    hosts.set(place.host, list);
  }
  return hosts;
}
