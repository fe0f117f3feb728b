import type { Anomaly, LogTemplate } from '../model';
import { metricLevel, operationLatency } from '../model/queries';
import type { Facts } from './facts';
import type { TemplateShift } from './shifts';
import { normalTail } from './stats';
import { queryWindows } from './windows';

/** Anomalies that are kept and shown, strongest first. */
const MOST = 300;
const NOTABLE_Z = 4;

/** What was abnormal, as rows of the case: operations that slowed or failed, metrics that moved. */
export function anomaliesOf(facts: Facts): readonly Anomaly[] {
  return [...facts.operations.flatMap((op) => ofOperation(op, facts)), ...ofMetrics(facts)]
    .sort(
      (a, b) =>
        Math.abs(b.score) - Math.abs(a.score) ||
        (a.entityId + a.name < b.entityId + b.name ? -1 : 1),
    )
    .slice(0, MOST);
}

function ofOperation(op: Facts['operations'][number], facts: Facts): readonly Anomaly[] {
  const { base, incident } = op;
  if (base.n === 0 || incident.n === 0) return [];
  const windows = queryWindows(facts.incident, facts.baseline);
  const call = operationLatency({ ...windows, service: op.service, operation: op.name });
  const common = {
    entityId: op.service,
    name: op.name,
    from: facts.incident.from,
    to: facts.incident.to,
    query: call.query,
    params: call.params,
  };
  const found: Anomaly[] = [];
  if (Math.abs(op.z) >= NOTABLE_Z) {
    found.push({
      ...common,
      signal: 'latency',
      score: op.z,
      tail: normalTail(Math.abs(op.z)),
      baselineValue: base.durationMs / base.n,
      incidentValue: incident.durationMs / incident.n,
      unit: 'ms',
    });
  }
  const expected = (base.errors / base.n) * incident.n;
  const z = (incident.errors - expected) / Math.sqrt(expected + 1);
  if (z >= NOTABLE_Z) {
    found.push({
      ...common,
      signal: 'errors',
      score: z,
      tail: normalTail(z),
      baselineValue: base.errors / base.n,
      incidentValue: incident.errors / incident.n,
      unit: 'ratio',
    });
  }
  return found;
}

function ofMetrics(facts: Facts): readonly Anomaly[] {
  const windows = queryWindows(facts.incident, facts.baseline);
  const { from, to } = facts.incident;
  return facts.metrics
    .filter(({ z }) => Math.abs(z) >= NOTABLE_Z)
    .map((shift) => {
      const call = metricLevel({ ...windows, series: shift.seriesId });
      return {
        entityId: facts.fold(shift.entityId),
        signal: 'metric',
        name: shift.metric,
        seriesId: shift.seriesId,
        from,
        to,
        score: shift.z,
        tail: normalTail(Math.abs(shift.z)),
        baselineValue: shift.base,
        incidentValue: shift.incident,
        unit: shift.unit,
        query: call.query,
        params: call.params,
      };
    });
}

/** Templates with their counts, most shifted first. */
export function templatesOf(shifts: readonly TemplateShift[]): readonly LogTemplate[] {
  return [...shifts]
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z) || (a.templateId < b.templateId ? -1 : 1))
    .slice(0, 1000)
    .map((shift) => ({
      templateId: shift.templateId,
      template: shift.template,
      entityId: shift.entityId,
      severity: shift.severity,
      baselineCount: shift.baselineCount,
      incidentCount: shift.incidentCount,
      firstSeen: BigInt(Math.round(shift.firstMs)) * 1_000_000n,
      isNew: shift.isNew,
      score: shift.z,
      examples: shift.examples,
    }));
}
