import type { Culprit, Evidence, QueryCall } from '../../model';
import {
  alertCount,
  callsFailed,
  changeAt,
  logCount,
  logFollowed,
  metricLevel,
  operationLatency,
  serviceErrors,
} from '../../model/queries';
import type { FetchFrames } from '../seam';
import type { Facts } from '../facts';
import type { ChangeFact, MetricShift, OperationShift, TemplateShift } from '../shifts';
import { brokenAt } from './broken-order';
import { fixedPieces } from '../logs/templates';
import { queryWindows } from '../windows';
import { clock, digits, list, ms, nameOf, percent, seconds } from './words';

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
  fetch: FetchFrames,
  entityId: string,
): Promise<Case> {
  const desk = new Desk(facts, fetch, entityId);
  const change = await desk.change();
  await desk.order();
  const operation = await desk.operation();
  const errors = await desk.errors();
  await desk.failedCalls();
  await desk.logs();
  const metric = await desk.metrics();
  await desk.alerts();
  desk.against();
  desk.missing();
  return { evidence: desk.evidence, culprits: desk.culprits, operation, change, errors, metric };
}

type Signal = Evidence['signal'];

class Desk {
  readonly evidence: Evidence[] = [];
  readonly culprits: Culprit[] = [];
  private readonly windows;

  constructor(
    private readonly facts: Facts,
    private readonly fetch: FetchFrames,
    private readonly entityId: string,
  ) {
    this.windows = queryWindows(facts.incident, facts.baseline);
  }

  private add(
    stance: Evidence['stance'],
    claim: string,
    call: QueryCall,
    column: string,
    value: number | string | null,
    rows: number,
    signal: Signal,
  ): void {
    const id = `e${this.evidence.length + 1}`;
    const { query, version, params } = call;
    const figure = typeof value === 'number' && Number.isNaN(value) ? null : value;
    this.evidence.push({
      id,
      stance,
      claim,
      query,
      version,
      params,
      column,
      value: figure,
      rows: Number.isNaN(rows) ? 0 : rows,
      signal,
    });
  }

  /** What no single figure stands for. */
  private uncounted(stance: Evidence['stance'], claim: string, signal: Signal): void {
    const id = `e${this.evidence.length + 1}`;
    const none = { query: '', version: 0, params: {}, column: '', value: null, rows: 0 };
    this.evidence.push({ id, stance, claim, ...none, signal });
  }

  private mine(id: string): boolean {
    return this.facts.fold(id) === this.entityId;
  }

  async change(): Promise<ChangeFact | undefined> {
    const { changes, onsets, incident } = this.facts;
    const onset = onsets.get(this.entityId) ?? Number(incident.from / 1_000_000n);
    const length = incident.to - incident.from;
    const recent = changes.filter(
      ({ entityId, ts }) =>
        this.mine(entityId) && ts >= incident.from - 2n * length && ts < incident.to,
    );
    const before = recent.filter(({ ts }) => Number(ts / 1_000_000n) <= onset + 60_000);
    const change = before.at(-1) ?? recent[0];
    if (!change) return undefined;
    const call = changeAt({ entity: change.entityId, from: change.ts, to: change.ts + 1n });
    const frame = await this.fetch(call);
    const lead = onset - Number(change.ts / 1_000_000n);
    const what = change.title || `${change.kind} ${change.version}`;
    const stance = lead >= -60_000 ? 'for' : 'against';
    const when = lead >= 0 ? `${seconds(lead)} before` : `${seconds(lead)} after`;
    const claim = `${what} at ${clock(Number(change.ts / 1_000_000n))}, ${when} its first anomaly`;
    this.add(stance, claim, call, 'title', frame.col.title[0] ?? null, 1, 'changes');
    if (stance === 'for') this.culprits.push({ kind: 'change', name: what, detail: when });
    return stance === 'for' ? change : undefined;
  }

  /** Where in the code the order of its log lines broke. */
  async order(): Promise<void> {
    const [worst] = brokenAt(this.facts, this.entityId);
    if (!worst || worst.surprise < 2) return;
    const { service, a, lost, won } = worst;
    const call = logFollowed({ ...this.windows, entity: service, first: a, next: lost });
    const { col } = await this.fetch(call);
    const now = col.incident_followed[0] ?? 0;
    const lines = col.incident_lines[0] ?? 0;
    const before = `${digits(col.baseline_followed[0] ?? 0)} of ${digits(col.baseline_lines[0] ?? 0)} times before`;
    const instead = won === '' ? 'the span ends there' : `${won} comes instead`;
    const next = lost === '' ? 'the end of its span' : lost;
    const claim = `${a} is followed by ${next} ${digits(now)} of ${digits(lines)} times, ${before}: ${instead}`;
    this.add('for', claim, call, 'incident_followed', now, lines, 'logs');
    this.culprits.push({ kind: 'log-template', name: `${a} → ${next}`, detail: instead });
  }

  async operation(): Promise<OperationShift | undefined> {
    const slow = this.facts.operations
      .filter((op) => op.service === this.entityId && op.excessMs > 0 && op.z >= 3)
      .sort((a, b) => b.excessMs - a.excessMs || (a.name < b.name ? -1 : 1));
    const [worst] = slow;
    for (const op of slow.slice(0, 2)) {
      const call = operationLatency({ ...this.windows, service: op.service, operation: op.name });
      const { col } = await this.fetch(call);
      const base = col.baseline_ms[0] ?? Number.NaN;
      const now = col.incident_ms[0] ?? Number.NaN;
      const rows = (col.baseline_spans[0] ?? 0) + (col.incident_spans[0] ?? 0);
      const peer = op.peer === null ? '' : ` (calls ${nameOf(op.peer)})`;
      const claim = `${op.name}${peer} went from ${ms(base)} to ${ms(now)} (median), most of it its own time`;
      this.add('for', claim, call, 'incident_ms', now, rows, 'spans');
      this.culprits.push({ kind: 'operation', name: op.name, detail: `${ms(base)} → ${ms(now)}` });
    }
    return worst;
  }

  async errors(): Promise<{ base: number; incident: number } | undefined> {
    const mine = this.facts.operations.filter((op) => op.service === this.entityId);
    const more = mine.reduce((sum, op) => sum + op.incident.ownErrors, 0);
    if (more < 3) return undefined;
    const call = serviceErrors({ ...this.windows, service: this.entityId });
    const { col } = await this.fetch(call);
    const base = col.baseline_ratio[0] ?? 0;
    const incident = col.incident_ratio[0] ?? 0;
    if (!(incident > 1.5 * base + 0.001)) return undefined;
    const claim = `${digits(col.failed[0] ?? 0)} of its spans failed with no failed child: ${percent(incident)}, ${percent(base)} before`;
    this.add('for', claim, call, 'incident_ratio', incident, col.failed[0] ?? 0, 'spans');
    return { base, incident };
  }

  async failedCalls(): Promise<void> {
    const called = this.facts.operations.filter(
      (op) => op.peer !== null && this.mine(op.peer) && op.incident.n > 0,
    );
    if (called.length === 0) return;
    const call = callsFailed({ ...this.windows, target: this.entityId });
    const { col } = await this.fetch(call);
    const base = col.baseline_ratio[0] ?? 0;
    const now = col.incident_ratio[0] ?? 0;
    const calls = col.calls[0] ?? 0;
    if (now > 1.5 * base + 0.005) {
      const claim = `Calls to it fail for its callers: ${percent(now)}, ${percent(base)} before`;
      this.add('for', claim, call, 'incident_ratio', now, calls, 'spans');
      return;
    }
    const slow = (col.incident_ms[0] ?? 0) / Math.max(1e-9, col.baseline_ms[0] ?? 0);
    if (slow > 1.5) {
      const claim = `Calls to it take ${ms(col.incident_ms[0] ?? 0)} (median), ${ms(col.baseline_ms[0] ?? 0)} before`;
      this.add('for', claim, call, 'incident_ms', col.incident_ms[0] ?? null, calls, 'spans');
    }
  }

  async logs(): Promise<void> {
    const risen = this.facts.templates
      .filter((t) => this.mine(t.entityId) && t.z >= 3)
      .sort((a, b) => weightOf(b) - weightOf(a) || (a.template < b.template ? -1 : 1));
    for (const shift of risen.slice(0, 2)) {
      const pieces = fixedPieces(shift.template);
      if (pieces.length === 0) continue;
      const call = logCount({ ...this.windows, entity: shift.entityId, pieces });
      const { col } = await this.fetch(call);
      const now = col.incident_lines[0] ?? 0;
      const text = shift.template.replaceAll('<*>', '…').slice(0, 90);
      const how = shift.isNew ? 'New log line' : 'More of the log line';
      const claim = `${how}: ${text} (${digits(now)} times, ${digits(col.baseline_lines[0] ?? 0)} in the baseline)`;
      this.add('for', claim, call, 'incident_lines', now, now, 'logs');
      this.culprits.push({
        kind: 'log-template',
        name: shift.template,
        detail: `${digits(now)} lines`,
      });
    }
  }

  async metrics(): Promise<MetricShift | undefined> {
    const shifted = this.facts.metrics
      .filter((m) => this.mine(m.entityId) && Math.abs(m.z) >= 3)
      .sort((a, b) => Math.abs(b.z) - Math.abs(a.z) || (a.metric < b.metric ? -1 : 1));
    const seen = new Set<string>();
    for (const shift of shifted) {
      if (seen.has(shift.metric) || seen.size >= 2) continue;
      seen.add(shift.metric);
      const call = metricLevel({ ...this.windows, series: shift.seriesId });
      const { col } = await this.fetch(call);
      const known = col.baseline[0] ?? Number.NaN;
      // A baseline without samples of this series: what was before the incident stood in for it.
      const base = Number.isNaN(known) ? shift.base : known;
      const now = col.incident[0] ?? Number.NaN;
      const rows = (col.baseline_n[0] ?? 0) + (col.incident_n[0] ?? 0);
      const unit = shift.unit === '' ? '' : ` ${shift.unit}`;
      const claim = `${shift.metric} ${now > base ? 'rose' : 'fell'} from ${digits(base)} to ${digits(now)}${unit}`;
      this.add('for', claim, call, 'incident', now, rows, 'samples');
      this.culprits.push({
        kind: 'metric',
        name: shift.metric,
        detail: `${digits(base)} → ${digits(now)}`,
      });
    }
    return shifted[0];
  }

  async alerts(): Promise<void> {
    const ids = new Set(
      this.facts.alerts.filter((a) => this.mine(a.entityId)).map((a) => a.entityId),
    );
    const [entity] = [...ids].sort();
    if (entity === undefined) return;
    const call = alertCount({ ...this.windows, entity });
    const { col } = await this.fetch(call);
    const n = col.incident_alerts[0] ?? 0;
    if (n === 0) return;
    const names = (col.names[0] ?? '').split(', ');
    const claim = `${digits(n)} alerts name it in the incident: ${list(names)}`;
    this.add('for', claim, call, 'incident_alerts', n, n, 'alerts');
  }

  /** What speaks against it: others were bad before it, or what it calls is worse. */
  against(): void {
    const { onsets, graph } = this.facts;
    const mine = onsets.get(this.entityId);
    const earlier = (graph.callees.get(this.entityId) ?? []).filter(
      (callee) => mine !== undefined && (onsets.get(callee) ?? Infinity) < mine - 5000,
    );
    const [first] = earlier;
    if (first !== undefined && mine !== undefined) {
      const lead = mine - (onsets.get(first) ?? mine);
      const claim = `${nameOf(first)}, which it calls, was abnormal ${seconds(lead)} before it`;
      this.uncounted('against', claim, 'topology');
    }
  }

  missing(): void {
    const { operations, metrics, templates, changes } = this.facts;
    const lacks: string[] = [];
    const kind = this.facts.graph.entities.get(this.entityId)?.kind ?? 'service';
    if (kind === 'service' && !operations.some((op) => op.service === this.entityId))
      lacks.push('spans');
    if (!metrics.some((m) => this.mine(m.entityId))) lacks.push('metrics');
    if (templates.length > 0 && !templates.some((t) => this.mine(t.entityId))) lacks.push('logs');
    if (changes.length === 0) lacks.push('changes');
    if (lacks.length === 0) return;
    this.uncounted('missing', `No ${list(lacks, 4)} of it in this case`, 'coverage');
  }
}

function weightOf(shift: TemplateShift): number {
  return shift.z * (shift.severity >= 17 ? 2 : 1) * (shift.isNew ? 1.5 : 1);
}
