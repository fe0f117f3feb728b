import { longestWords, type Culprit, type Evidence } from '../../model';
import {
  alertCount,
  callsFailed,
  logCount,
  logFollowed,
  metricLevel,
  operationLatency,
  serviceErrors,
} from '../../model/queries';
import type { Coverage } from '../detect/coverage';
import type { Facts } from '../facts';
import type { FetchFrames } from '../seam';
import type { ChangeFact, MetricShift, OperationShift, TemplateShift } from '../shifts';
import { brokenAt } from './broken-order';
import { Desk } from './desk';
import { gatherSlowEdges } from './evidence-edges';
import { gatherAgainst } from './evidence-against';
import { gatherChange } from './evidence-change';
import { gatherMissing } from './evidence-missing';
import { tellingMetrics } from './telling';
import { digits, list, ms, nameOf, percent } from './words';

export interface Case {
  readonly evidence: readonly Evidence[];
  readonly culprits: readonly Culprit[];
  readonly operation: OperationShift | undefined;
  readonly change: ChangeFact | undefined;
  readonly errors: { readonly base: number; readonly incident: number } | undefined;
  readonly metric: MetricShift | undefined;
}

/** Gathers what speaks for, against, and what is missing, each claim with its query and figure. */
export async function gatherEvidence(
  facts: Facts,
  coverage: Coverage,
  fetch: FetchFrames,
  entityId: string,
): Promise<Case> {
  const desk = new Desk(facts, coverage, fetch, entityId);
  const supporting = new Supporting(desk);
  const change = await gatherChange(desk);
  await supporting.order();
  const operation = await supporting.operation();
  const errors = await supporting.errors();
  await supporting.failedCalls();
  await gatherSlowEdges(desk);
  await supporting.logs();
  const metric = await supporting.metrics();
  await supporting.alerts();
  await gatherAgainst(desk);
  await gatherMissing(desk);
  return { evidence: desk.evidence, culprits: desk.culprits, operation, change, errors, metric };
}

/** What speaks for it. */
class Supporting {
  constructor(private readonly desk: Desk) {}

  /** Where in the code the order of its log lines broke. */
  async order(): Promise<void> {
    const [worst] = brokenAt(this.desk.facts, this.desk.entityId);
    if (!worst || worst.surprise < 2) return;
    const { service, a, lost, won } = worst;
    const call = logFollowed({ ...this.desk.windows, entity: service, first: a, next: lost });
    const frame = await this.desk.fetch(call);
    const { col } = frame;
    const now = col.incident_followed[0] ?? 0;
    const lines = col.incident_lines[0] ?? 0;
    const before = `${digits(col.baseline_followed[0] ?? 0)} of ${digits(col.baseline_lines[0] ?? 0)} times before`;
    const instead = won === '' ? 'the span ends there' : `${won} comes instead`;
    const next = lost === '' ? 'the end of its span' : lost;
    const claim = `${a} is followed by ${next} ${digits(now)} of ${digits(lines)} times, ${before}: ${instead}`;
    this.desk.add({
      stance: 'for',
      claim,
      call,
      frame,
      column: 'incident_followed',
      rows: lines,
      signal: 'logs',
    });
    this.desk.culprits.push({ kind: 'log-template', name: `${a} → ${next}`, detail: instead });
  }

  async operation(): Promise<OperationShift | undefined> {
    const slow = this.desk.facts.operations
      .filter((op) => op.service === this.desk.entityId && op.excessMs > 0 && op.z >= 3)
      .sort((a, b) => b.excessMs - a.excessMs || (a.name < b.name ? -1 : 1));
    const [worst] = slow;
    for (const op of slow.slice(0, 2)) {
      const call = operationLatency({
        ...this.desk.windows,
        service: op.service,
        operation: op.name,
      });
      const frame = await this.desk.fetch(call);
      const { col } = frame;
      const base = col.baseline_ms[0] ?? Number.NaN;
      const now = col.incident_ms[0] ?? Number.NaN;
      const rows = (col.baseline_spans[0] ?? 0) + (col.incident_spans[0] ?? 0);
      const peer = op.peer === null ? '' : ` (calls ${nameOf(op.peer)})`;
      const claim = `${op.name}${peer} went from ${ms(base)} to ${ms(now)} (median), most of it its own time`;
      this.desk.add({
        stance: 'for',
        claim,
        call,
        frame,
        column: 'incident_ms',
        rows,
        signal: 'spans',
      });
      this.desk.culprits.push({
        kind: 'operation',
        name: op.name,
        detail: `${ms(base)} → ${ms(now)}`,
      });
    }
    return worst;
  }

  async errors(): Promise<{ base: number; incident: number } | undefined> {
    const mine = this.desk.facts.operations.filter((op) => op.service === this.desk.entityId);
    const more = mine.reduce((sum, op) => sum + op.incident.ownErrors, 0);
    if (more < 3) return undefined;
    const call = serviceErrors({ ...this.desk.windows, service: this.desk.entityId });
    const frame = await this.desk.fetch(call);
    const { col } = frame;
    const base = col.baseline_ratio[0] ?? 0;
    const incident = col.incident_ratio[0] ?? 0;
    if (!(incident > 1.5 * base + 0.001)) return undefined;
    const claim = `${digits(col.failed[0] ?? 0)} of its spans failed with no failed child: ${percent(incident)}, ${percent(base)} before`;
    this.desk.add({
      stance: 'for',
      claim,
      call,
      frame,
      column: 'incident_ratio',
      rows: col.failed[0] ?? 0,
      signal: 'spans',
    });
    return { base, incident };
  }

  async failedCalls(): Promise<void> {
    const called = this.desk.facts.operations.filter(
      (op) => op.peer !== null && this.desk.mine(op.peer) && op.incident.n > 0,
    );
    if (called.length === 0) return;
    const call = callsFailed({ ...this.desk.windows, target: this.desk.entityId });
    const frame = await this.desk.fetch(call);
    const { col } = frame;
    const base = col.baseline_ratio[0] ?? 0;
    const now = col.incident_ratio[0] ?? 0;
    const calls = col.calls[0] ?? 0;
    if (now > 1.5 * base + 0.005) {
      const claim = `Calls to it fail for its callers: ${percent(now)}, ${percent(base)} before`;
      this.desk.add({
        stance: 'for',
        claim,
        call,
        frame,
        column: 'incident_ratio',
        rows: calls,
        signal: 'spans',
      });
      return;
    }
    const slow = (col.incident_ms[0] ?? 0) / Math.max(1e-9, col.baseline_ms[0] ?? 0);
    if (slow > 1.5) {
      const claim = `Calls to it take ${ms(col.incident_ms[0] ?? 0)} (median), ${ms(col.baseline_ms[0] ?? 0)} before`;
      this.desk.add({
        stance: 'for',
        claim,
        call,
        frame,
        column: 'incident_ms',
        rows: calls,
        signal: 'spans',
      });
    }
  }

  async logs(): Promise<void> {
    const risen = this.desk.facts.templates
      .filter((t) => this.desk.mine(t.entityId) && t.z >= 3)
      .sort((a, b) => weightOf(b) - weightOf(a) || (a.template < b.template ? -1 : 1));
    for (const shift of risen.slice(0, 2)) {
      const pieces = longestWords(shift.template);
      if (pieces.length === 0) continue;
      const call = logCount({ ...this.desk.windows, entity: shift.entityId, pieces });
      const frame = await this.desk.fetch(call);
      const { col } = frame;
      const now = col.incident_lines[0] ?? 0;
      const text = shift.template.replaceAll('<*>', '…').slice(0, 90);
      const how = shift.isNew ? 'New log line' : 'More of the log line';
      const claim = `${how}: ${text} (${digits(now)} times, ${digits(col.baseline_lines[0] ?? 0)} in the baseline)`;
      this.desk.add({
        stance: 'for',
        claim,
        call,
        frame,
        column: 'incident_lines',
        rows: now,
        signal: 'logs',
      });
      this.desk.culprits.push({
        kind: 'log-template',
        name: shift.template,
        detail: `${digits(now)} lines`,
      });
    }
  }

  async metrics(): Promise<MetricShift | undefined> {
    const mine = this.desk.facts.metrics.filter((m) => this.desk.mine(m.entityId));
    const shifted = tellingMetrics(mine, this.desk.entityId);
    const seen = new Set<string>();
    for (const shift of shifted) {
      if (seen.has(shift.metric) || seen.size >= 2) continue;
      seen.add(shift.metric);
      const call = metricLevel({ ...this.desk.windows, series: shift.seriesId });
      const frame = await this.desk.fetch(call);
      const { col } = frame;
      const known = col.baseline[0] ?? Number.NaN;
      // A baseline without samples of this series: what was before the incident stood in for it.
      const base = Number.isNaN(known) ? shift.base : known;
      const now = col.incident[0] ?? Number.NaN;
      const rows = (col.baseline_n[0] ?? 0) + (col.incident_n[0] ?? 0);
      const unit = shift.unit === '' ? '' : ` ${shift.unit}`;
      const claim = `${shift.metric} ${now > base ? 'rose' : 'fell'} from ${digits(base)} to ${digits(now)}${unit}`;
      this.desk.add({
        stance: 'for',
        claim,
        call,
        frame,
        column: 'incident',
        rows,
        signal: 'samples',
      });
      this.desk.culprits.push({
        kind: 'metric',
        name: shift.metric,
        detail: `${digits(base)} → ${digits(now)}`,
      });
    }
    return shifted[0];
  }

  async alerts(): Promise<void> {
    const ids = new Set(
      this.desk.facts.alerts.filter((a) => this.desk.mine(a.entityId)).map((a) => a.entityId),
    );
    const [entity] = [...ids].sort();
    if (entity === undefined) return;
    const call = alertCount({ ...this.desk.windows, entity });
    const frame = await this.desk.fetch(call);
    const { col } = frame;
    const n = col.incident_alerts[0] ?? 0;
    if (n === 0) return;
    const names = (col.names[0] ?? '').split(', ');
    const claim = `${digits(n)} alerts name it in the incident: ${list(names)}`;
    this.desk.add({
      stance: 'for',
      claim,
      call,
      frame,
      column: 'incident_alerts',
      rows: n,
      signal: 'alerts',
    });
  }
}

function weightOf(shift: TemplateShift): number {
  return shift.z * (shift.severity >= 17 ? 2 : 1) * (shift.isNew ? 1.5 : 1);
}
