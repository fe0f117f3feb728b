import { compress, ramp } from '../stats';
import { defineMethod, result } from './method';

/** New or risen log templates, heavier for errors; a vanished one counts a little. */
export const logNovelty = defineMethod({
  id: 'rca.log-novelty',
  version: 1,
  title: 'New and risen log lines',
  cite: 'event-pattern difference, after Yu et al., Nezha (FSE 2023)',
  weight: 0.8,
  uses: {},
  score: (facts) => {
    const raw = new Map<string, number>();
    let strongest = 0;
    for (const shift of facts.templates) {
      const entity = facts.fold(shift.entityId);
      if (entity === '') continue;
      const grave = shift.severity >= 17 ? 2 : shift.severity >= 13 ? 1.3 : 1;
      const novel = shift.isNew ? 1.5 : 1;
      const z = shift.z > 0 ? shift.z : -0.4 * shift.z;
      if (z < 2.5) continue;
      const score = compress(z - 2) * grave * novel;
      strongest = Math.max(strongest, score);
      raw.set(entity, Math.max(raw.get(entity) ?? 0, score) + 0.1 * score);
    }
    return result(raw, ramp(strongest, 1.2, 5));
  },
});
