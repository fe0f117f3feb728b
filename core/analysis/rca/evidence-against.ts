import { secondsText } from '../../model';
import { alertCount, metricLevel, serviceLevel } from '../../model/queries';
import { queryWindows } from '../windows';
import type { Desk } from './desk';
import { digits, ms, nameOf, percent } from './words';

/** What speaks against it: what it calls was bad before it, or its own figures are as they were. */
export async function gatherAgainst(desk: Desk): Promise<void> {
  await earlierCallee(desk);
  await calmSpans(desk);
  await calmMetrics(desk);
  await noAlert(desk);
}

/** An entity that is called and was abnormal this long before, ms, was first. */
const CLEARLY_EARLIER = 5000;

async function earlierCallee(desk: Desk): Promise<void> {
  const { onsets, graph, operations, metrics, baseline, fold } = desk.facts;
  const mine = onsets.get(desk.entityId);
  if (mine === undefined) return;
  const [callee] = (graph.callees.get(desk.entityId) ?? [])
    .filter((id) => (onsets.get(id) ?? Infinity) < mine - CLEARLY_EARLIER)
    .sort((a, b) => (onsets.get(a) ?? 0) - (onsets.get(b) ?? 0) || (a < b ? -1 : 1));
  if (callee === undefined) return;
  const onset = onsets.get(callee) ?? mine;
  // What it did from its own onset until the entity's.
  const until = { from: BigInt(Math.round(onset)) * MS, to: BigInt(Math.round(mine)) * MS };
  const windows = queryWindows(until, baseline);
  const before = `${nameOf(callee)}, which it calls, was abnormal ${secondsText(mine - onset)} before it`;
  const shift = metrics
    .filter((m) => fold(m.entityId) === callee)
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z) || (a.metric < b.metric ? -1 : 1))[0];
  if (operations.some((op) => op.service === callee && op.incident.n > 0)) {
    const call = serviceLevel({ ...windows, service: callee });
    const frame = await desk.fetch(call);
    const of = (name: keyof typeof frame.col): number => Number(frame.col[name][0] ?? Number.NaN);
    const failed = of('incident_ratio') > 1.5 * of('baseline_ratio') + 0.01;
    const column = failed ? 'incident_ratio' : 'incident_ms';
    const level = failed
      ? `${percent(of('incident_ratio'))} of its spans failed until then, ${percent(of('baseline_ratio'))} in the baseline`
      : `its spans took ${ms(of('incident_ms'))} (median) until then, ${ms(of('baseline_ms'))} in the baseline`;
    const rows = of('incident_spans');
    const claim = `${before}: ${level}`;
    desk.add({ stance: 'against', claim, call, frame, column, rows, signal: 'spans' });
  } else if (shift) {
    const call = metricLevel({ ...windows, series: shift.seriesId });
    const frame = await desk.fetch(call);
    const { incident, baseline: base, incident_n } = frame.col;
    const claim = `${before}: ${shift.metric} was at ${digits(incident[0] ?? Number.NaN)} until then, ${digits(base[0] ?? Number.NaN)} in the baseline`;
    const rows = incident_n[0] ?? 0;
    desk.add({
      stance: 'against',
      claim,
      call,
      frame,
      column: 'incident',
      rows,
      signal: 'samples',
    });
  }
}

const MS = 1_000_000n;
/** Spans in each window from which a level is one. */
const LEAST_SPANS = 20;
/** Not further from before than this factor is as before. */
const AS_BEFORE = 1.2;

async function calmSpans(desk: Desk): Promise<void> {
  const own = desk.facts.operations.filter(
    (op) => op.service === desk.entityId && op.kind !== 3 && op.kind !== 4,
  );
  const spans = (side: 'base' | 'incident'): number => own.reduce((n, op) => n + op[side].n, 0);
  if (spans('base') < LEAST_SPANS || spans('incident') < LEAST_SPANS) return;
  const call = serviceLevel({ ...desk.windows, service: desk.entityId });
  const frame = await desk.fetch(call);
  const of = (name: keyof typeof frame.col): number => Number(frame.col[name][0] ?? Number.NaN);
  const factor = of('incident_ms') / of('baseline_ms');
  const slower = !(factor < AS_BEFORE);
  if (slower || of('incident_ratio') > 1.5 * of('baseline_ratio') + 0.005) return;
  const claim = `Its own spans are no slower and fail no more than before: ${ms(of('incident_ms'))} (median), ${ms(of('baseline_ms'))} in the baseline`;
  const rows = of('incident_spans') + of('baseline_spans');
  desk.add({ stance: 'against', claim, call, frame, column: 'incident_ms', rows, signal: 'spans' });
}

/** Series of which the strongest speaks for all. */
const LEAST_SERIES = 3;

async function calmMetrics(desk: Desk): Promise<void> {
  const own = desk.facts.metrics
    .filter((m) => desk.mine(m.entityId))
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z) || (a.metric < b.metric ? -1 : 1));
  const [strongest] = own;
  if (!strongest || own.length < LEAST_SERIES || Math.abs(strongest.z) >= 3) return;
  const call = metricLevel({ ...desk.windows, series: strongest.seriesId });
  const frame = await desk.fetch(call);
  const { incident, incident_n, baseline } = frame.col;
  const claim = `None of its ${own.length} metric series left its usual range; the nearest to it, ${strongest.metric}, is at ${digits(incident[0] ?? Number.NaN)}, ${digits(baseline[0] ?? Number.NaN)} before`;
  const rows = incident_n[0] ?? 0;
  desk.add({ stance: 'against', claim, call, frame, column: 'incident', rows, signal: 'samples' });
}

/** Alerts in the incident from which one that is not among them tells something. */
const LEAST_ALERTS = 3;

async function noAlert(desk: Desk): Promise<void> {
  const { alerts, incident } = desk.facts;
  const now = alerts.filter(({ from }) => from >= incident.from && from < incident.to);
  if (now.length < LEAST_ALERTS || alerts.some(({ entityId }) => desk.mine(entityId))) return;
  const call = alertCount({ ...desk.windows, entity: desk.entityId });
  const frame = await desk.fetch(call);
  if (frame.col.incident_alerts[0] !== 0) return;
  const claim = `None of the ${now.length} alerts in the incident names it`;
  desk.add({
    stance: 'against',
    claim,
    call,
    frame,
    column: 'incident_alerts',
    rows: 0,
    signal: 'alerts',
  });
}
