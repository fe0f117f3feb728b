import type { TimeWindow } from '../../../../core/base';
import {
  renderSql,
  type AnalysisResult,
  type Evidence,
  type QueryCall,
} from '../../../../core/model';
import {
  errorsOverTime,
  metricCurves,
  operationOverTime,
  timeSpent,
} from '../../../../core/model/queries';
import { showSql, useApp, useQuery } from '../../state';
import { Skeleton, Sparkline, formatCount, formatMs, formatNumber, formatPercent } from '../../ui';

const BUCKETS = 120;

interface Axis {
  readonly window: TimeWindow;
  readonly step: bigint;
}

function axisOf(window: TimeWindow): Axis {
  const step = (window.to - window.from) / BigInt(BUCKETS) + 1n;
  return { window, step };
}

/** What the first figure shows: the course of what the strongest claim is about. */
interface Course {
  readonly title: string;
  readonly unit: string;
  readonly call: QueryCall;
  readonly columns: readonly string[];
  readonly format: (value: number) => string;
}

/** Picks the figure by the evidence: latency, else errors, else a metric; undefined where none is timed. */
export function courseOf(
  evidence: readonly Evidence[],
  { window, step }: Axis,
): Course | undefined {
  const base = { from: window.from, step, buckets: BUCKETS };
  const text = (of: Evidence, name: string): string => String(of.params[name] ?? '');
  for (const item of evidence) {
    if (item.stance !== 'for') continue;
    if (item.query === 'evidence.operation-latency') {
      const operation = text(item, 'operation');
      return {
        title: operation,
        unit: 'p50 and p99',
        call: operationOverTime({ ...base, service: text(item, 'service'), operation }),
        columns: ['p99_ms', 'p50_ms'],
        format: formatMs,
      };
    }
    if (item.query === 'evidence.service-errors') {
      return {
        title: 'Failed spans',
        unit: 'share',
        call: errorsOverTime({ ...base, service: text(item, 'service') }),
        columns: ['ratio'],
        format: formatPercent,
      };
    }
  }
  const metric = evidence.find((e) => e.query === 'evidence.metric-level' && e.stance === 'for');
  const series = metric?.params['series'];
  if (typeof series !== 'bigint') return undefined;
  return {
    title: metric?.claim.split(' ')[0] ?? 'Metric',
    unit: '',
    call: metricCurves({ ...base, series: [series] }),
    columns: ['v'],
    format: formatNumber,
  };
}

const COLOURS = ['var(--crit)', 'var(--fg-1)'];

function CourseFigure({
  course,
  axis,
  analysis,
}: {
  readonly course: Course;
  readonly axis: Axis;
  readonly analysis: AnalysisResult;
}) {
  const { data } = useQuery(course.call);
  if (!data) return <Skeleton lines={3} />;
  const column = (name: string): ArrayLike<unknown> => data.col[name] ?? [];
  const buckets = column('bucket');
  const lines = course.columns.map((name, at) => ({
    colour: COLOURS[at] ?? 'var(--fg-2)',
    points: Array.from({ length: data.rows }, (_, row) => ({
      bucket: Number(buckets[row]),
      value: Number(column(name)[row]),
    })),
  }));
  const highest = Math.max(
    ...(lines[0]?.points.map((p) => p.value).filter(Number.isFinite) ?? []),
    0,
  );
  return (
    <figure className="figure">
      <figcaption className="small">
        <span className="strong cut">{course.title}</span>{' '}
        <span className="faint">{course.unit}</span>
      </figcaption>
      <Sparkline
        lines={lines}
        buckets={BUCKETS}
        window={axis.window}
        baseline={analysis.baseline}
        incident={analysis.incident}
        label={`${course.title} over the case, highest ${course.format(highest)}`}
      />
      <button
        type="button"
        className="plain small faint num"
        onClick={() => showSql(renderSql(course.call), course.title)}
      >
        highest {course.format(highest)}
      </button>
    </figure>
  );
}

const SPENT_SHOWN = 4;

function SpentFigure({
  service,
  analysis,
}: {
  readonly service: string;
  readonly analysis: AnalysisResult;
}) {
  const { baseline, incident } = analysis;
  const call =
    baseline &&
    timeSpent({
      service,
      baseFrom: baseline.from,
      baseTo: baseline.to,
      from: incident.from,
      to: incident.to,
    });
  const { data } = useQuery(call ?? undefined);
  if (!data || data.rows === 0) return null;
  const { name, base_ms, incident_ms, incident_n } = data.col;
  const sum = (of: Float64Array): number => of.reduce((total, value) => total + value, 0);
  const [base, now] = [sum(base_ms), sum(incident_ms)];
  const rows = Array.from({ length: Math.min(SPENT_SHOWN, data.rows) }, (_, at) => ({
    name: name[at] ?? '',
    base: base > 0 ? (base_ms[at] ?? 0) / base : 0,
    now: now > 0 ? (incident_ms[at] ?? 0) / now : 0,
  }));
  return (
    <figure className="figure">
      <figcaption className="small">
        <span className="strong">Where the time went</span>{' '}
        <span className="faint">share of own span time</span>
      </figcaption>
      <div className="spent">
        {rows.map((row) => (
          <div
            key={row.name}
            title={`${row.name}: ${formatPercent(row.base)} before, ${formatPercent(row.now)} in the incident`}
          >
            <span className="small cut">{row.name}</span>
            <span className="spent-bars">
              <i style={{ width: `${row.base * 100}%`, background: 'var(--base)' }} />
              <i style={{ width: `${row.now * 100}%`, background: 'var(--inc)' }} />
            </span>
            <span className="small faint num right">{formatPercent(row.now)}</span>
          </div>
        ))}
      </div>
      <button
        type="button"
        className="plain small faint num"
        onClick={() => call && showSql(renderSql(call), 'Where the time went')}
      >
        {formatCount(sum(incident_n))} spans in the incident; blue before, rose in it
      </button>
    </figure>
  );
}

/** The two figures beside the sentence. */
export function Figures({
  entityId,
  evidence,
  analysis,
}: {
  readonly entityId: string;
  readonly evidence: readonly Evidence[];
  readonly analysis: AnalysisResult;
}) {
  const range = useApp((state) => state.info?.facts.range);
  if (!range) return null;
  const axis = axisOf(range);
  const course = courseOf(evidence, axis);
  const isService = entityId.startsWith('service:');
  if (!course && !isService) return null;
  return (
    <div className="figures">
      {course && <CourseFigure course={course} axis={axis} analysis={analysis} />}
      {isService && <SpentFigure service={entityId} analysis={analysis} />}
    </div>
  );
}
