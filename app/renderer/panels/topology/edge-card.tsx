import type { TimeWindow } from '../../../../core/base';
import { parseEntityId, renderSql, type EdgeStats } from '../../../../core/model';
import { edgeCalls } from '../../../../core/model/queries';
import { estimateNotice, select, showPanel, showSql, useApp } from '../../state';
import { Button, EntityName, formatMs, formatNumber, formatPercent } from '../../ui';
import type { ViewEdge } from './model';

const PROVENANCE: Readonly<Record<string, string>> = {
  spans: 'seen in spans',
  file: 'stated by a file',
  metrics: 'named by metric labels',
  alerts: 'named by alerts',
  resource: 'from resource attributes',
};

const NOTHING = '–';

interface Row {
  readonly label: string;
  readonly of: (stats: EdgeStats) => string;
}

const ROWS: readonly Row[] = [
  { label: 'Calls', of: ({ calls }) => `${formatNumber(calls)}/s` },
  {
    label: 'Errors',
    of: ({ calls, errors }) => (calls > 0 ? formatPercent(errors / calls) : NOTHING),
  },
  { label: 'p50', of: ({ p50Ms }) => formatMs(p50Ms) },
  { label: 'p99', of: ({ p99Ms }) => formatMs(p99Ms) },
];

/** The evidence of one edge: what it did before and now, and the doors to its spans and SQL. */
export function EdgeCard({
  edge,
  stretch,
  asOf,
}: {
  readonly edge: ViewEdge;
  readonly stretch: TimeWindow;
  readonly asOf: string;
}) {
  const { source, target } = edge;
  const estimate = useApp(estimateNotice);
  const names = `${parseEntityId(source).name} → ${parseEntityId(target).name}`;
  const sql = (): string =>
    renderSql(
      edgeCalls({
        from: stretch.from,
        step: stretch.to - stretch.from,
        buckets: 1,
        source,
        target,
      }),
    );
  return (
    <section className="topo-card" aria-label={`Edge ${names}`}>
      <div className="topo-card-head">
        <span className="cut strong">
          <EntityName id={source} /> → <EntityName id={target} />
        </span>
        <span className="grow" />
        <Button
          tone="quiet"
          title="Close"
          aria-label="Close"
          onClick={() => select({ edge: undefined })}
        >
          ✕
        </Button>
      </div>
      <Figures edge={edge} asOf={asOf} estimated={estimate !== undefined} />
      <div className="topo-card-head">
        <span className="small faint">
          {edge.kind.replace('_', ' ')}, {PROVENANCE[edge.provenance] ?? edge.provenance}
        </span>
        {edge.provenance === 'spans' && <Estimate notice={estimate} />}
        <span className="grow" />
        {edge.provenance === 'spans' && (
          <>
            <Button tone="quiet" onClick={() => showPanel('traces')}>
              Spans of this edge
            </Button>
            <Button tone="quiet" onClick={() => showSql(sql(), `Calls ${names}, ${asOf}`)}>
              SQL
            </Button>
          </>
        )}
      </div>
    </section>
  );
}

/** Says of figures that they are estimates, and what from. */
function Estimate({ notice }: { readonly notice: string | undefined }) {
  if (notice === undefined) return null;
  return (
    <span className="small faint" title={notice}>
      ≈ estimate
    </span>
  );
}

function Figures({
  edge: { before, now, provenance },
  asOf,
  estimated,
}: {
  readonly edge: ViewEdge;
  readonly asOf: string;
  readonly estimated: boolean;
}) {
  const figure = ({ of }: Row, stats: EdgeStats | undefined): string => {
    const text = stats ? of(stats) : NOTHING;
    return estimated && provenance === 'spans' && text !== NOTHING ? `≈ ${text}` : text;
  };
  if (!now && !before) return <p className="small second">No calls were recorded on this edge.</p>;
  return (
    <table className="topo-figures">
      <thead>
        <tr>
          <th />
          {ROWS.map(({ label }) => (
            <th key={label} className="right">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th>baseline</th>
          {ROWS.map((row) => (
            <td key={row.label} className="right num faint">
              {figure(row, before)}
            </td>
          ))}
        </tr>
        <tr>
          <th>{asOf}</th>
          {ROWS.map((row) => (
            <td key={row.label} className="right num">
              {figure(row, now)}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}
