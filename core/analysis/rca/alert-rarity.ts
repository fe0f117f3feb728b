import { rankByAlerts, type FiredAlert } from '../correlate/rank-by-alerts';
import type { Facts } from '../facts';
import { addTo, ramp } from '../stats';
import { defineMethod, result } from './method';

/** Alerts of the incident, heavier where they are rare: over the troubles before it, and over entities now. */
export const alertRarity = defineMethod({
  id: 'rca.alert-rarity',
  version: 2,
  title: 'Rare alerts',
  cite: 'inverse document frequency over time and topology; Spärck Jones (1972)',
  weight: 0.4,
  uses: {},
  score: (facts) => {
    const during = facts.alerts
      .filter(({ from }) => from >= facts.incident.from && from < facts.incident.to)
      .filter(({ entityId }) => entityId !== '')
      .map(firedOf);
    const raw = new Map<string, number>();
    for (const [entity, score] of rankByAlerts(during, earlierTroubles(facts))) {
      addTo(raw, facts.fold(entity), score);
    }
    return result(raw, ramp(during.length, 0, 5));
  },
});

const firedOf = ({ fingerprint, name, entityId }: Facts['alerts'][number]): FiredAlert => ({
  fingerprint,
  name,
  entity: entityId,
});

/** Groups that were over when the incident began. */
function earlierTroubles({ alerts, alertGroups, incident }: Facts): readonly FiredAlert[][] {
  const byRow = new Map(alerts.map((alert) => [`${alert.sourceId}/${alert.rowNo}`, alert]));
  return alertGroups
    .filter(({ to }) => to < incident.from)
    .map(({ members }) =>
      members.flatMap(({ sourceId, rowNo }) => {
        const alert = byRow.get(`${sourceId}/${rowNo}`);
        return alert ? [firedOf(alert)] : [];
      }),
    );
}
