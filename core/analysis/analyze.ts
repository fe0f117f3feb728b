import { throwIfAborted, type TimeWindow } from '../base';
import type { AnalysisResult, Anomaly, LogTemplate, Notice } from '../model';
import {
  alertRows,
  caseRangeQuery,
  changeRows,
  coveredSeconds,
  edgeShift,
  entityPulse,
  logLines,
  metricEdges,
  metricPulse,
  metricShift,
  operationShift,
  placeShift,
  statedRelations,
} from '../model/queries';
import { alertFacts, groupAlerts } from './correlate/alerts';
import { metricShifts } from './detect/metrics';
import { entityZ, heatOf, onsetsOf, pulseGrid } from './detect/pulse';
import { placeShifts } from './detect/places';
import { pairEdges, pairOperations } from './detect/spans';
import type { ChangeFact, Facts } from './facts';
import { instanceFolder } from './fold';
import { LOG_CHUNK, LogTally } from './logs/shifts';
import { describeCauses } from './rca/causes';
import { fuse, type Fusion } from './rca/fuse';
import { METHODS } from './rca/methods';
import { anomaliesOf, templatesOf } from './results';
import type { Analyze, AnalyzeOptions, FetchFrames } from './seam';
import { buildGraph, entityResolver, topologyOf, type Covered } from './topology/graph';
import { findWindows, queryWindows } from './windows';
import { headlineOf, missingOf } from './verdict';

/** Log lines looked at in one run; more are left out, loudly. */
const LOG_LIMIT = 400_000;
/** Series whose course over time is looked at. */
const PULSE_SERIES = 400;

/** Detection, correlation and ranking over a case. Pure but for `fetch`; the same input, the same result. */
export const analyze: Analyze = async (fetch, options) => {
  const { request, signal } = options;
  const step = stepper(options);
  const started = performance.now();
  await step('windows', 'Looking for the incident', 0);
  const range = await caseRange(fetch, request.incident);
  const windows = await findWindows(fetch, request, range);
  const baseline = windows.baseline ?? { from: range.from, to: windows.incident.from };
  const prepared = await prepare(fetch, options, windows.incident, baseline, range, step);
  const detectMs = performance.now() - started;
  await step('rank', 'Ranking causes', 0.8);
  const fusion = fuse(prepared.facts, request);
  const robust = await robustToBaselines(fetch, options, windows, range, fusion, step);
  throwIfAborted(signal);
  const enough = fusion.enough && windows.baseline !== null;
  const ranking = enough ? await describeCauses(prepared.facts, fetch, fusion) : [];
  const missing = missingOf(prepared.facts, windows.baseline !== null, prepared.rows);
  return {
    incident: windows.incident,
    baseline: windows.baseline,
    baselines: windows.baselines,
    verdict: enough ? 'ranked' : 'insufficient-evidence',
    headline: headlineOf(ranking, robust, missing),
    missing: enough ? [] : missing,
    robustToBaselines: robust,
    ranking,
    anomalies: prepared.anomalies,
    heat: prepared.heat,
    logTemplates: prepared.templates,
    alertGroups: prepared.facts.alertGroups,
    topology: prepared.topology,
    notices: prepared.notices,
    timings: { detectMs, rankMs: performance.now() - started - detectMs },
    methods: METHODS.map(({ id, version }) => ({ id, version })),
  };
};

type Step = (id: string, label: string, fraction: number) => Promise<void>;

/** Progress, a look at the signal and a turn for the event loop. */
function stepper({ signal, onProgress }: AnalyzeOptions): Step {
  return async (id, label, fraction) => {
    onProgress?.({ id, label, fraction });
    await new Promise((resolve) => setTimeout(resolve, 0));
    throwIfAborted(signal);
  };
}

async function caseRange(
  fetch: FetchFrames,
  incident: TimeWindow | undefined,
): Promise<TimeWindow> {
  const { col } = await fetch(caseRangeQuery({}));
  const lo = col.lo[0] ?? 0n;
  const hi = (col.hi[0] ?? 0n) + 1n;
  if (!incident) return { from: lo, to: hi };
  return {
    from: incident.from < lo ? incident.from : lo,
    to: incident.to > hi ? incident.to : hi,
  };
}

interface Prepared {
  readonly facts: Facts;
  readonly anomalies: readonly Anomaly[];
  readonly heat: AnalysisResult['heat'];
  readonly templates: readonly LogTemplate[];
  readonly topology: AnalysisResult['topology'];
  readonly notices: readonly Notice[];
  readonly rows: ReadonlyMap<string, number>;
}

async function prepare(
  fetch: FetchFrames,
  options: AnalyzeOptions,
  incident: TimeWindow,
  baseline: TimeWindow,
  range: TimeWindow,
  step: Step,
): Promise<Prepared> {
  const q = queryWindows(incident, baseline);
  const notices: Notice[] = [];
  await step('spans', 'Comparing operations', 0.1);
  const resolve = entityResolver(options.entities);
  const operations = pairOperations(await fetch(operationShift(q))).map((op) => ({
    ...op,
    peer: op.peer === null ? null : resolve(op.peer),
  }));
  const edges = pairEdges(await fetch(edgeShift(q)));
  const places = placeShifts(await fetch(placeShift(q)));
  await step('metrics', 'Comparing metrics', 0.25);
  const metrics = metricShifts(await fetch(metricShift(q)));
  const stated = rowsOf(await fetch(statedRelations({})), ['source', 'target', 'kind'] as const);
  const named = rowsOf(await fetch(metricEdges({})), ['source', 'target'] as const);
  const graph = buildGraph(options.entities, edges, operations, named, stated);
  const fold = instanceFolder(graph, options.entities);
  await step('logs', 'Mining log lines', 0.4);
  const covered = await coverageOf(fetch, q);
  const templates = await mineLogs(fetch, q, covered, notices, step);
  await step('alerts', 'Grouping alerts', 0.6);
  const alerts = alertFacts(await fetch(alertRows({})));
  const changes = await changesOf(fetch);
  await step('pulse', 'Following entities over time', 0.65);
  const grid = pulseGrid(range, baseline, incident);
  const strongest = [...metrics]
    .filter(({ z }) => Math.abs(z) >= 3)
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z) || (a.seriesId < b.seriesId ? -1 : 1))
    .slice(0, PULSE_SERIES);
  const pulse = { from: grid.from, step: grid.step, buckets: grid.buckets };
  const z = entityZ(
    await fetch(entityPulse(pulse)),
    await fetch(metricPulse({ ...pulse, series: strongest.map(({ seriesId }) => seriesId) })),
    strongest.map((shift) => ({ ...shift, entityId: fold(shift.entityId) })),
    grid,
  );
  const facts: Facts = {
    incident,
    baseline,
    graph,
    operations,
    places,
    metrics,
    templates,
    alerts,
    alertGroups: groupAlerts(alerts, graph),
    changes,
    onsets: onsetsOf(z, grid),
    fold,
  };
  const heat = heatOf(z, grid);
  const health = new Map(
    heat.map(({ entityId, heat: values }) => [entityId, incidentHealth(values, grid.incident)]),
  );
  return {
    facts,
    anomalies: anomaliesOf(facts),
    heat,
    templates: templatesOf(templates),
    topology: topologyOf(graph, operations, health, covered.spans),
    notices,
    rows: covered.rows,
  };
}

/** Upper quartile of the heat inside the incident: a single hot bucket doesn't make a node red. */
function incidentHealth(heat: Float32Array, [from, to]: readonly [number, number]): number {
  const inside = [...heat.subarray(from, to)].sort((a, b) => a - b);
  return inside[Math.floor(inside.length * 0.75)] ?? 0;
}

function rowsOf<K extends string>(
  frame: { readonly rows: number; readonly col: Readonly<Record<K, readonly string[]>> },
  keys: readonly K[],
): Record<K, string>[] {
  return Array.from(
    { length: frame.rows },
    (_, i) =>
      Object.fromEntries(keys.map((key) => [key, frame.col[key][i] ?? ''])) as Record<K, string>,
  );
}

interface Coverage {
  readonly spans: Covered;
  readonly logs: Covered;
  readonly rows: ReadonlyMap<string, number>;
}

async function coverageOf(
  fetch: FetchFrames,
  q: ReturnType<typeof queryWindows>,
): Promise<Coverage> {
  const { rows, col } = await fetch(coveredSeconds(q));
  const seconds = (signal: string, win: number): number => {
    for (let i = 0; i < rows; i++) {
      if (col.signal[i] === signal && col.win[i] === win) return col.seconds[i] ?? 0;
    }
    return 0;
  };
  const counts = new Map<string, number>();
  for (let i = 0; i < rows; i++) {
    const signal = `${col.signal[i]}/${col.win[i]}`;
    counts.set(signal, col.rows[i] ?? 0);
  }
  return {
    spans: { base: seconds('spans', 0), incident: seconds('spans', 1) },
    logs: { base: seconds('logs', 0), incident: seconds('logs', 1) },
    rows: counts,
  };
}

async function mineLogs(
  fetch: FetchFrames,
  q: ReturnType<typeof queryWindows>,
  covered: Coverage,
  notices: Notice[],
  step: Step,
) {
  const frame = await fetch(logLines({ ...q, limit: LOG_LIMIT }));
  if (frame.rows === LOG_LIMIT) {
    notices.push({
      code: 'logs-truncated',
      severity: 'warning',
      count: LOG_LIMIT,
      message: `Only the first ${LOG_LIMIT} log lines of the two windows were mined for templates. Narrow the windows to see all.`,
    });
  }
  const tally = new LogTally();
  for (let at = 0; at < frame.rows; at += LOG_CHUNK) {
    tally.chunk(frame, at, Math.min(frame.rows, at + LOG_CHUNK));
    await step('logs', 'Mining log lines', 0.4 + (0.2 * at) / Math.max(1, frame.rows));
  }
  const { base, incident } = covered.logs;
  return tally.shifts(base > 0 ? incident / base : 0);
}

async function changesOf(fetch: FetchFrames): Promise<ChangeFact[]> {
  const { rows, col } = await fetch(changeRows({}));
  return Array.from({ length: rows }, (_, i) => ({
    sourceId: col.source_id[i] ?? 0,
    rowNo: col.row_no[i] ?? 0n,
    ts: col.ts[i] ?? 0n,
    kind: col.kind[i] ?? '',
    title: col.title[i] ?? '',
    version: col.version[i] ?? '',
    entityId: col.entity_id[i] ?? '',
  }));
}

/** Does rank 1 stay against every other baseline? Null where there is only one. */
async function robustToBaselines(
  fetch: FetchFrames,
  options: AnalyzeOptions,
  windows: { readonly incident: TimeWindow; readonly baselines: readonly TimeWindow[] },
  range: TimeWindow,
  fusion: Fusion,
  step: Step,
): Promise<boolean | null> {
  if (windows.baselines.length < 2) return null;
  const top = fusion.ranking[0]?.entityId;
  for (const baseline of windows.baselines.slice(1)) {
    const other = await prepare(fetch, options, windows.incident, baseline, range, step);
    if (fuse(other.facts, options.request).ranking[0]?.entityId !== top) return false;
  }
  return true;
}
