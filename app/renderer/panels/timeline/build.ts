import { parseEntityId, type AnalysisResult, type EntityHeat } from '../../../../core/model';
import { formatCount, formatMs, formatNumber, formatPercent, formatUnit } from '../../ui';
import { alertLane } from './alert-lane';
import { hottestFirst, type ChangeMark, type Lane, type Line } from './lanes';
import { relative, type Grid, type Origin, type Span } from './scale';
import { estimateText, serviceSeries, spread } from './series';
import type { TimelineData } from './use-data';

const HEAT_ROW = 15;
const HEAT_MORE = 17;
const HEAT_ROWS = { least: 4, most: 10 };

/** What a person has opened. */
export interface Opened {
  readonly heat: boolean;
  readonly alerts: boolean;
  /** Alert groups whose members are shown. */
  readonly groups: ReadonlySet<string>;
}

export interface LaneInput {
  readonly analysis: AnalysisResult | undefined;
  readonly data: TimelineData;
  readonly pinned: readonly bigint[];
  readonly origin: Origin;
  readonly whole: Span;
  readonly opened: Opened;
  /** Pixels that all lanes together should fit into. */
  readonly room: number;
}

/** All lanes below the overview, in their order. Lanes without any data are left out. */
export function buildLanes(input: LaneInput): readonly Lane[] {
  const above = [...alertLane(input), ...changeLane(input)];
  const below = [...serviceLanes(input), ...pinnedLanes(input), ...logLane(input)];
  const taken = [...above, ...below].reduce((sum, { height }) => sum + height, HEAT_MORE);
  const { least, most } = HEAT_ROWS;
  const rows = Math.min(most, Math.max(least, Math.floor((input.room - taken) / HEAT_ROW)));
  return [...above, ...heatLanes(input, rows), ...below];
}

function changeLane({ data: { changes }, analysis, origin }: LaneInput): readonly Lane[] {
  if (!changes || changes.rows === 0) return [];
  const culprits = new Set(
    (analysis?.ranking[0]?.culprits ?? [])
      .filter(({ kind }) => kind === 'change')
      .map(({ name }) => name),
  );
  const marks: ChangeMark[] = Array.from({ length: changes.rows }, (_, i) => ({
    at: relative(changes.col.ts[i] ?? 0n, origin),
    label: changes.col.title[i] ?? '',
    kind: changes.col.kind[i] ?? '',
    entityId: changes.col.entity_id[i] || undefined,
    named: culprits.has(changes.col.title[i] ?? ''),
  }));
  return [
    {
      id: 'changes',
      label: 'Changes',
      sub: formatCount(marks.length),
      hint: 'Deployments, configuration, flags and scaling. Filled: named by the finding ranked first.',
      height: 22,
      flex: 0,
      body: { kind: 'changes', marks },
    },
  ];
}

export function heatGrid(row: EntityHeat, origin: Origin): Grid {
  return {
    from: relative(row.from, origin),
    step: Number(row.step) / 1e6,
    buckets: row.heat.length,
  };
}

function heatLanes({ analysis, origin, opened }: LaneInput, rows: number): readonly Lane[] {
  if (!analysis || analysis.heat.length === 0) return [];
  const sorted = hottestFirst(analysis.heat, analysis.incident);
  const shown = opened.heat ? sorted : sorted.slice(0, rows);
  const lanes: Lane[] = shown.map((row, i) => ({
    id: `heat ${row.entityId}`,
    label: parseEntityId(row.entityId).name,
    sub: i === 0 ? 'anomalies' : '',
    hint: 'How far from its baseline it was, in each stretch of time.',
    height: HEAT_ROW,
    flex: 0,
    body: {
      kind: 'heat',
      entityId: row.entityId,
      grid: heatGrid(row, origin),
      heat: row.heat,
    },
  }));
  if (sorted.length <= rows) return lanes;
  const hidden = sorted.length - shown.length;
  return [
    ...lanes,
    {
      id: 'heat-more',
      label: hidden > 0 ? `${formatCount(hidden)} more` : 'Show fewer',
      sub: '',
      hint: 'Entities that were less abnormal.',
      height: HEAT_MORE,
      flex: 0,
      body: { kind: 'more', hidden, open: opened.heat },
    },
  ];
}

type Measure = 'rate' | 'p99' | 'errors';
const MEASURES: readonly {
  readonly id: Measure;
  readonly label: string;
  readonly sub: string;
  readonly hint: string;
  readonly height: number;
  readonly format: (value: number) => string;
}[] = [
  {
    id: 'rate',
    label: 'Requests',
    sub: '/s',
    hint: 'Requests a second. Faint dashes: the level of the baseline.',
    height: 37,
    format: (value) => `${formatNumber(value)}/s`,
  },
  {
    id: 'p99',
    label: 'p99',
    sub: '',
    hint: '99th percentile of request durations. Faint dashes: the level of the baseline.',
    height: 42,
    format: formatMs,
  },
  {
    id: 'errors',
    label: 'Errors',
    sub: '',
    hint: 'Failed share of requests. Faint dashes: the level of the baseline.',
    height: 37,
    format: formatPercent,
  },
];

function levelsOf({
  data: { levels },
  analysis,
}: LaneInput): ReadonlyMap<string, Record<Measure, number>> {
  const found = new Map<string, Record<Measure, number>>();
  const baseline = analysis?.baseline;
  if (!levels || !baseline) return found;
  const seconds = Number(baseline.to - baseline.from) / 1e9;
  for (let i = 0; i < levels.rows; i++) {
    const n = levels.col.n[i] ?? 0;
    found.set(levels.col.entity_id[i] ?? '', {
      rate: n / seconds,
      p99: levels.col.p99_ms[i] ?? Number.NaN,
      errors: (levels.col.errors[i] ?? 0) / Math.max(1, n),
    });
  }
  return found;
}

function serviceLanes(input: LaneInput): readonly Lane[] {
  const { data, whole } = input;
  if (!data.requests) return [];
  const { data: frame, question: grid } = data.requests;
  const series = serviceSeries(frame, grid, whole);
  const shown = data.services.filter((id) => series.has(id));
  if (shown.length === 0) return [];
  const levels = levelsOf(input);
  const lines = (id: Measure): readonly Line[] =>
    shown.flatMap((entityId) => {
      const values = series.get(entityId)?.[id];
      const { name } = parseEntityId(entityId);
      return values ? [{ name, entityId, grid, values, level: levels.get(entityId)?.[id] }] : [];
    });
  const estimate = estimateText(frame);
  return MEASURES.map(({ id, label, sub, hint, height, format }) => ({
    id,
    label,
    sub,
    hint: estimate === '' ? hint : `${hint} ${estimate}`,
    height,
    flex: 1,
    body: {
      kind: 'series',
      lines: lines(id),
      format: estimate === '' ? format : (value) => `≈ ${format(value)}`,
    },
  }));
}

function pinnedLanes({ data: { metrics, metricNames }, pinned }: LaneInput): readonly Lane[] {
  if (!metrics || !metricNames) return [];
  const { data: frame, question: grid } = metrics;
  return pinned.flatMap((id) => {
    const at = metricNames.col.series_id.indexOf(id);
    if (at < 0) return [];
    const rows = [...frame.col.series_id.keys()].filter((i) => frame.col.series_id[i] === id);
    const values = spread(
      Int32Array.from(rows, (i) => frame.col.bucket[i] ?? -1),
      Float64Array.from(rows, (i) => frame.col.v[i] ?? Number.NaN),
      grid.buckets,
      Number.NaN,
    );
    const counter = metricNames.col.kind[at] === 'counter';
    const unit = metricNames.col.unit[at] ?? '';
    const labels = Object.values(metricNames.col.labels[at] ?? {}).join(', ');
    const level = metricNames.col.level[at] ?? Number.NaN;
    const metric = metricNames.col.metric[at] ?? '';
    return [
      {
        id: `pinned ${id}`,
        label: metric,
        sub: labels,
        hint: `${metric}{${labels}}: pinned. Right click to unpin.`,
        height: 34,
        flex: 1,
        body: {
          kind: 'series' as const,
          seriesId: id,
          lines: [
            {
              name: '',
              entityId: undefined,
              grid,
              values,
              level: Number.isFinite(level) ? level : undefined,
            },
          ],
          format: (value: number) =>
            counter ? `${formatNumber(value)} ${unit}/s` : formatUnit(value, unit),
        },
      },
    ];
  });
}

function logLane({ data: { logs }, analysis, origin }: LaneInput): readonly Lane[] {
  if (!logs || logs.data.rows === 0) return [];
  const { data: frame, question: grid } = logs;
  const templates = (analysis?.logTemplates ?? [])
    .filter(({ isNew }) => isNew)
    .map((t) => ({
      at: relative(t.firstSeen, origin),
      text: `New in ${parseEntityId(t.entityId).name}: ${t.template}`,
      entityId: t.entityId,
    }));
  return [
    {
      id: 'logs',
      label: 'Log lines',
      sub: 'error, warn, new ▲',
      hint: 'Lines of severity error (red) and warn (amber); triangles: templates that the baseline does not know.',
      height: 38,
      flex: 1,
      body: {
        kind: 'logs',
        grid,
        errors: spread(frame.col.bucket, frame.col.errors, grid.buckets, 0),
        warnings: spread(frame.col.bucket, frame.col.warnings, grid.buckets, 0),
        templates,
      },
    },
  ];
}
