import { addTo, ramp } from '../stats';
import { defineMethod, result } from './method';

/** Alerts of the incident, rare names heavier, those seen before it lighter. */
export const alertRarity = defineMethod({
  id: 'rca.alert-rarity',
  version: 1,
  title: 'Rare alerts',
  cite: 'inverse document frequency of alert names; Spärck Jones (1972)',
  weight: 0.4,
  uses: {},
  score: (facts) => {
    const raw = new Map<string, number>();
    const byName = new Map<string, Set<string>>();
    for (const { name, entityId } of facts.alerts) {
      byName.set(name, (byName.get(name) ?? new Set()).add(entityId));
    }
    const entities = new Set(facts.alerts.map(({ entityId }) => entityId)).size;
    let during = 0;
    for (const { name, entityId, from } of facts.alerts) {
      if (entityId === '' || from < facts.incident.from || from >= facts.incident.to) continue;
      during++;
      const rarity = Math.log((1 + entities) / (byName.get(name)?.size ?? 1));
      addTo(raw, facts.fold(entityId), 0.2 + Math.max(0, rarity));
    }
    return result(raw, ramp(during, 0, 5));
  },
});
