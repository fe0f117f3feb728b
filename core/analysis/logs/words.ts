import { msToNs, type TimeWindow } from '../../base';
import type { LogAnomaly } from '../../model';
import type { LogAnomalyFact } from './anomalies';

/** Anomalies that are kept and shown, least likely by chance first. */
const MOST = 500;

/** What was found, as it is stored and shown. */
export function logAnomaliesOf(
  facts: readonly LogAnomalyFact[],
  incident: TimeWindow,
): readonly LogAnomaly[] {
  return [...facts]
    .sort((a, b) => a.byChance - b.byChance || b.score - a.score || compare(a, b))
    .slice(0, MOST)
    .map(({ firstMs, lastMs, ...fact }) => ({
      ...fact,
      from: firstMs > 0 ? msToNs(firstMs) : incident.from,
      to: lastMs > 0 ? msToNs(lastMs) : incident.to,
      reason: reasonOf(fact),
    }));
}

const compare = (a: LogAnomalyFact, b: LogAnomalyFact): number =>
  a.templateId < b.templateId ? -1 : a.templateId > b.templateId ? 1 : 0;

type Facts = Omit<LogAnomalyFact, 'firstMs' | 'lastMs'>;

/** Why it is an anomaly, in a sentence with its figures. */
export function reasonOf(fact: Facts): string {
  return `${whatOf(fact)} A quiet window as long would bring ${chanceOf(fact.byChance)}.`;
}

function whatOf({ kind, incidentCount, expected, observed, after, instead }: Facts): string {
  const lines = incidentCount === 1 ? '1 line' : `${incidentCount} lines`;
  const usual = expected < 10 ? expected.toFixed(1) : String(Math.round(expected));
  switch (kind) {
    case 'new':
      return `Not once in the baseline, ${lines} in the incident.`;
    case 'more':
      return `${lines} in the incident, where the baseline leads to expect ${usual}.`;
    case 'fewer':
      return `Only ${lines} in the incident, where the baseline leads to expect ${usual}.`;
    case 'stopped':
      return `No line in the incident, where the baseline leads to expect ${usual}.`;
    case 'order': {
      const before = instead === undefined ? '' : ` What came there before: "${instead}".`;
      return `Comes ${observed === 1 ? 'once' : `${observed} times`} right after "${after ?? ''}", after which it never came in the baseline.${before}`;
    }
  }
}

function chanceOf(byChance: number): string {
  if (byChance < 0.0001) return 'fewer than 0.0001 such by chance';
  return `${Number(byChance.toPrecision(1))} such by chance`;
}
