import { useVirtualizer } from '@tanstack/react-virtual';
import { Pin } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { msToNs, windowDuration, type TimeWindow } from '../../../../core/base';
import { literal, renderSql, type Frame, type QueryCall } from '../../../../core/model';
import { metricCatalog, metricCurves } from '../../../../core/model/queries';
import {
  select,
  shownWindow,
  showRows,
  showSql,
  togglePinned,
  useApp,
  useQuery,
} from '../../state';
import {
  Button,
  Chart,
  Empty,
  EntityName,
  Failure,
  Grow,
  Skeleton,
  Toolbar,
  backendItems,
  formatCount,
  formatTime,
  formatUnit,
  openMenu,
  plural,
  tokenOf,
  useGrowing,
  type MenuItems,
} from '../../ui';
import { curveOption, curvesOf, type Curve } from './curve-option';
import './metrics.css';

const BUCKETS = 240;
const CHARTS = 6;
const ROW = 40;
/** Spreads of the baseline beyond which a change is set in bold. */
const NOTABLE_SHIFT = 6;

type Catalog = ReturnType<typeof metricCatalog> extends QueryCall<infer S> ? Frame<S> : never;

const labelText = (labels: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

/** Rows of the catalogue that fit the filter, in the order asked for. */
function fitting(catalog: Catalog, text: string, byName: boolean): readonly number[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = Array.from({ length: catalog.rows }, (_, row) => row).filter((row) => {
    const all = `${catalog.col.metric[row]} ${catalog.col.entity_id[row]} ${labelText(catalog.col.labels[row])}`;
    return words.every((word) => all.toLowerCase().includes(word));
  });
  const name = (row: number): string => catalog.col.metric[row] ?? '';
  return byName
    ? rows.sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : a - b))
    : rows;
}

function useCatalog() {
  const analysis = useApp((state) => state.analysis);
  const entityId = useApp((state) => state.selection.entityId);
  const whole = useApp(shownWindow);
  const incident = analysis?.incident ?? whole;
  const baseline = analysis?.baseline ?? incident;
  const call =
    incident && baseline
      ? metricCatalog({
          baseFrom: baseline.from,
          baseTo: baseline.to,
          from: incident.from,
          to: incident.to,
          entity: entityId ?? '',
        })
      : undefined;
  return { call, ...useQuery(call) };
}

function rowsSqlOf(series: bigint): string {
  return `SELECT s.ts, s.value, m.metric, m.unit, m.kind, m.labels, s.source_id, s.row_no
FROM samples s JOIN metric_series m USING (series_id) WHERE s.series_id = ${literal(series)} ORDER BY s.ts`;
}

function seriesMenu(id: bigint, metric: string) {
  return [
    { title: 'Pin to the timeline', run: () => togglePinned(id) },
    { title: 'Show the samples', run: () => showRows(rowsSqlOf(id), metric) },
    { title: 'Copy name', run: () => void navigator.clipboard.writeText(metric) },
  ];
}

/** Its graph over what the timeline shows. */
async function atBackend(seriesId: bigint): Promise<MenuItems> {
  const window = shownWindow(useApp.getState());
  return window ? backendItems({ kind: 'series', seriesId, window }) : [];
}

function SeriesRow({
  catalog: { col },
  row,
  start,
  chosen,
  pinned,
  onChoose,
}: {
  readonly catalog: Catalog;
  readonly row: number;
  readonly start: number;
  readonly chosen: boolean;
  readonly pinned: boolean;
  readonly onChoose: () => void;
}) {
  const id = col.series_id[row] ?? 0n;
  const metric = col.metric[row] ?? '';
  const labels = labelText(col.labels[row]);
  const rate = col.kind[row] === 'counter' ? '/s' : '';
  const figure = (value: number | undefined): string =>
    `${formatUnit(value ?? Number.NaN, col.unit[row] ?? '')}${rate}`;
  const moved = Math.abs(col.shift[row] ?? 0) > NOTABLE_SHIFT;
  return (
    <div
      role="listitem"
      className={`metric-row ${chosen ? 'on' : ''}`}
      style={{ transform: `translateY(${start}px)` }}
      onContextMenu={(event) => openMenu(event, seriesMenu(id, metric), atBackend(id))}
    >
      <button
        type="button"
        className="metric-name"
        aria-pressed={chosen}
        title={`${metric} {${labels}}`}
        onClick={onChoose}
      >
        <span className="mono cut">{metric}</span>
        <span className="small faint cut">
          {labels || col.entity_id[row]?.replace(/^\w+:/, '')}
        </span>
      </button>
      <span className="small num right metric-figures">
        <span className="faint">{figure(col.baseline[row])}</span>
        <span className={moved ? 'strong' : ''}>→ {figure(col.incident[row])}</span>
      </span>
      <Button
        tone="quiet"
        aria-pressed={pinned}
        aria-label={`Pin ${metric} to the timeline`}
        title="Pin to the timeline"
        onClick={() => togglePinned(id)}
      >
        <Pin size={12} aria-hidden />
      </Button>
    </div>
  );
}

function List({
  catalog,
  rows,
  chosen,
  onChoose,
}: {
  readonly catalog: Catalog;
  readonly rows: readonly number[];
  readonly chosen: bigint | undefined;
  readonly onChoose: (series: bigint | undefined) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const pinned = useApp((state) => state.pinned);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  return (
    <div ref={scroller} className="metric-list" role="list" aria-label="Metric series" tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index] ?? 0;
          const id = catalog.col.series_id[row] ?? 0n;
          return (
            <SeriesRow
              key={String(id)}
              {...{ catalog, row, start }}
              chosen={chosen === id}
              pinned={pinned.includes(id)}
              onChoose={() => onChoose(chosen === id ? undefined : id)}
            />
          );
        })}
      </div>
    </div>
  );
}

function Multiple({
  catalog,
  row,
  curve,
  window,
  tall,
}: {
  readonly catalog: Catalog;
  readonly row: number;
  readonly curve: Curve;
  readonly window: TimeWindow;
  readonly tall: boolean;
}) {
  const analysis = useApp((state) => state.analysis);
  const zone = useApp((state) => state.zone);
  const unit = catalog.col.unit[row] ?? '';
  const metric = catalog.col.metric[row] ?? '';
  const entity = catalog.col.entity_id[row] ?? '';
  const option = useCallback(
    () =>
      curveOption({
        curve,
        window,
        baseline: analysis?.baseline ?? null,
        incident: analysis?.incident,
        formatValue: (value) => formatUnit(value, unit),
        formatTime: (ms) => formatTime(msToNs(ms), zone),
        colours: {
          line: tokenOf('--fg-0'),
          range: tokenOf('--line-strong'),
          grid: tokenOf('--line'),
          text: tokenOf('--fg-2'),
          baseline: tokenOf('--base-dim'),
          incident: tokenOf('--inc-dim'),
        },
      }),
    [curve, window, analysis, unit, zone],
  );
  return (
    <figure className="multiple">
      <figcaption className="small">
        {entity !== '' && <EntityName id={entity} />}
        <button
          type="button"
          className="plain mono cut"
          title={`${metric} {${labelText(catalog.col.labels[row])}}. Click: its samples.`}
          onClick={() => showRows(rowsSqlOf(catalog.col.series_id[row] ?? 0n), metric)}
        >
          {metric}
        </button>
        {catalog.col.kind[row] === 'counter' && <span className="faint">per second</span>}
      </figcaption>
      <Chart
        option={option}
        height={tall ? 260 : 120}
        label={`${metric}: ${formatUnit(catalog.col.baseline[row] ?? Number.NaN, unit)} before, ${formatUnit(catalog.col.incident[row] ?? Number.NaN, unit)} in the incident`}
      />
    </figure>
  );
}

function Multiples({
  catalog,
  rows,
  tall,
}: {
  readonly catalog: Catalog;
  readonly rows: readonly number[];
  readonly tall: boolean;
}) {
  const window = useApp(shownWindow);
  const step = window ? windowDuration(window) / BigInt(BUCKETS) + 1n : 1n;
  const series = rows.map((row) => catalog.col.series_id[row] ?? 0n);
  const call =
    window && series.length > 0
      ? metricCurves({ from: window.from, step, buckets: BUCKETS, series })
      : undefined;
  const { data, error } = useQuery(call);
  const curves = useMemo(
    () => (data && window ? curvesOf(data, window.from, step) : undefined),
    [data, window, step],
  );
  const shown = useGrowing(rows.length, 1, curves);
  if (error) return <Failure error={error} />;
  if (!curves || !window) return <Skeleton lines={10} />;
  return (
    <div className="multiples">
      {rows.slice(0, shown).map((row) => {
        const id = catalog.col.series_id[row] ?? 0n;
        const curve = curves.get(id);
        return curve && <Multiple key={String(id)} {...{ catalog, row, curve, window, tall }} />;
      })}
    </div>
  );
}

function NoMetrics({ selected }: { readonly selected: boolean }) {
  if (!selected) {
    return (
      <Empty title="No metrics here">
        Import OpenMetrics or OpenTelemetry files, or pull from Prometheus.
      </Empty>
    );
  }
  return (
    <Empty
      title="No metrics here"
      action={<Button onClick={() => select({ entityId: undefined })}>Show all metrics</Button>}
    >
      No series names the selected entity.
    </Empty>
  );
}

/** Metric series of what is selected, those that changed most first; small multiples beside the list. */
export default function MetricsPanel() {
  const { call, data, loading, error } = useCatalog();
  const entityId = useApp((state) => state.selection.entityId);
  const [text, setText] = useState('');
  const [byName, setByName] = useState(false);
  const [chosen, setChosen] = useState<bigint>();
  const rows = useMemo(() => (data ? fitting(data, text, byName) : []), [data, text, byName]);
  if (error) return <Failure error={error} />;
  if (!data) return loading ? <Skeleton lines={12} /> : null;
  if (data.rows === 0) return <NoMetrics selected={entityId !== undefined} />;
  const one = rows.find((row) => data.col.series_id[row] === chosen);
  const charts = one === undefined ? rows.slice(0, CHARTS) : [one];
  return (
    <div className="panel">
      <Toolbar label="Metrics">
        <input
          className="input metric-filter"
          type="search"
          aria-label="Filter metrics"
          placeholder="Filter by name or label"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button tone="quiet" aria-pressed={!byName} onClick={() => setByName(false)}>
          By change
        </Button>
        <Button tone="quiet" aria-pressed={byName} onClick={() => setByName(true)}>
          By name
        </Button>
        <Grow />
        <button
          type="button"
          className="plain faint num"
          title="Show the SQL"
          onClick={() => call && showSql(renderSql(call), 'Metric series by change')}
        >
          {rows.length === data.rows
            ? plural(data.rows, 'series', 'series')
            : `${formatCount(rows.length)} of ${plural(data.rows, 'series', 'series')}`}
        </button>
      </Toolbar>
      <div className="metrics-main">
        <List catalog={data} rows={rows} chosen={chosen} onChoose={setChosen} />
        <div className="panel-body">
          {rows.length === 0 ? (
            <Empty title="No series fits the filter" />
          ) : (
            <Multiples catalog={data} rows={charts} tall={one !== undefined} />
          )}
        </div>
      </div>
    </div>
  );
}
