import { nsToMs } from '../../base';
import { AlertHistory, type FiredAlert } from '../correlate/alert-history';
import { alertTopology } from '../correlate/alert-topology';
import { rankByAlerts } from '../correlate/rank-by-alerts';
import type { Facts } from '../facts';
import type { AlertFact } from '../shifts';
import { addTo, ramp } from '../stats';
import { defineMethod, result } from './method';

/**
 * Alerts of the incident, heavier where they are rare and early by the troubles before it, passed down to what
 * could have caused them.
 */
export const alertRarity = defineMethod({
  id: 'rca.alert-rarity',
  version: 3,
  title: 'Rare alerts',
  cite: 'rates per fingerprint with E-values, Karlin & Altschul (1990); walk with restart, Tong et al. (2006)',
  weight: 0.4,
  uses: {},
  score: (facts) => {
    const { alerts, incident, graph } = facts;
    const during = alerts.filter(
      ({ from, entityId }) => from >= incident.from && from < incident.to && entityId !== '',
    );
    const kinds = new Map([...graph.entities].map(([id, { kind }]) => [id, kind]));
    const topology = alertTopology(kinds, graph.edges);
    const firedOf = firedBy(facts);
    const history = new AlertHistory();
    for (const trouble of earlierTroubles(facts))
      history.add(trouble.map(firedOf), topology.kindOf);
    const surprises = history.surprises(during.map(firedOf));
    const raw = new Map<string, number>();
    for (const [entity, score] of rankByAlerts(surprises, history, topology)) {
      addTo(raw, facts.fold(entity), score);
    }
    return result(raw, ramp(during.length, 0, 5));
  },
});

/** Callers stand in alerts by name: it is that of an entity of the callee's kind, else of any. */
function firedBy({ graph }: Facts): (alert: AlertFact) => FiredAlert {
  const byName = new Map<string, string>();
  for (const [id, { name }] of graph.entities) if (!byName.has(name)) byName.set(name, id);
  return ({ fingerprint, name, entityId, from, severity, caller, direction, about }) => {
    const kind = entityId.slice(0, entityId.indexOf(':') + 1);
    const peer = graph.entities.has(kind + caller) ? kind + caller : (byName.get(caller) ?? '');
    return {
      fingerprint,
      name,
      entity: entityId,
      atMs: nsToMs(from),
      severity,
      about,
      caller: peer,
      direction,
    };
  };
}

/** Groups that were over when the incident began. */
function earlierTroubles({ alerts, alertGroups, incident }: Facts): readonly AlertFact[][] {
  const byRow = new Map(alerts.map((alert) => [`${alert.sourceId}/${alert.rowNo}`, alert]));
  return alertGroups
    .filter(({ to }) => to < incident.from)
    .map(({ members }) =>
      members.flatMap(({ sourceId, rowNo }) => {
        const alert = byRow.get(`${sourceId}/${rowNo}`);
        return alert ? [alert] : [];
      }),
    );
}
