import { useMemo, useState } from 'react';
import { parseEntityId, renderSql } from '../../../../core/model';
import {
  coverageMap,
  coverageRows,
  droppedOverTime,
  droppedUnplaced,
} from '../../../../core/model/queries';
import { selectEntity, showPanel, showRows, shownWindow, useApp, useQuery } from '../../state';
import {
  Button,
  Empty,
  Failure,
  Grow,
  Skeleton,
  Toolbar,
  formatCount,
  plural,
  useTimeText,
} from '../../ui';
import { Stretches, droppedOf, gapsOf } from './gaps';
import { Strips, type Grid } from './strips';
import { coverageOf, sampledBuckets, type MapRow } from './map';
import './coverage.css';

const BUCKETS = 160;
const ENTITIES = 200;
const COVERAGE = coverageRows({ limit: 2000 });
const UNPLACED = droppedUnplaced({ limit: 100 });
/** Stretches with dropped records that are drawn. */
const MOST_DROPPED = 20_000;

/** What there is of each signal, entity by entity, over the stretch that the timeline shows; and what is missing. */
export default function CoveragePanel() {
  const window = useApp(shownWindow);
  const [from, to] = [window?.from ?? 0n, window?.to ?? 0n];
  const grid: Grid = useMemo(
    () => ({ from, step: (to - from) / BigInt(BUCKETS) + 1n, buckets: BUCKETS }),
    [from, to],
  );
  const call = useMemo(() => coverageMap({ ...grid, most: ENTITIES }), [grid]);
  const { data, error, loading } = useQuery(window ? call : undefined);
  const kept = useQuery(COVERAGE).data;
  const droppedCall = useMemo(() => droppedOverTime({ ...grid, limit: MOST_DROPPED }), [grid]);
  const dropped = useQuery(window ? droppedCall : undefined).data;
  const map = useMemo(() => {
    if (!data) return undefined;
    const stretches = Array.from({ length: kept?.rows ?? 0 }, (_, i) => ({
      signal: kept?.col.signal[i] ?? '',
      from: kept?.col.window_from[i] ?? 0n,
      to: kept?.col.window_to[i] ?? 0n,
      sampled: kept?.col.sampled[i] ?? false,
    })).filter(({ sampled }) => sampled);
    return coverageOf(data, BUCKETS, sampledBuckets(stretches, grid), dropped);
  }, [data, kept, dropped, grid]);
  if (error) return <Failure error={error} />;
  if (!map) {
    if (loading) return <Skeleton lines={6} />;
    return <Empty title="Nothing has come in yet">Drop files here, or pull from a backend.</Empty>;
  }
  const leftOut = Math.max(0, (data?.col.entities[0] ?? 0) - ENTITIES);
  return <Map map={map} grid={grid} leftOut={leftOut} sql={renderSql(call)} />;
}

type View = 'map' | 'gaps' | 'dropped';

const REGION: Readonly<Record<View, string>> = {
  map: 'Coverage map',
  gaps: 'What is missing',
  dropped: 'What was dropped',
};

const MISSING = {
  label: 'Stretches with missing rows',
  nobody: 'everything',
  none: [
    'Nothing is missing',
    'Wherever rows were to be expected in the stretch shown, there are some.',
  ],
} as const;
const DROPPED = {
  label: 'Stretches with dropped records',
  nobody: 'no entity named',
  none: ['Nothing was dropped', 'Every record with a time in the stretch shown was taken over.'],
} as const;

function Map({
  map: { all, entities },
  grid,
  leftOut,
  sql,
}: {
  readonly map: ReturnType<typeof coverageOf>;
  readonly grid: Grid;
  readonly leftOut: number;
  readonly sql: string;
}) {
  const [view, setView] = useState<View>('map');
  const gaps = useMemo(() => gapsOf([all, ...entities]), [all, entities]);
  const dropped = useMemo(() => droppedOf(entities), [entities]);
  const choice = (id: View, title: string) => (
    <Button tone="quiet" aria-pressed={view === id} onClick={() => setView(id)}>
      {title}
    </Button>
  );
  return (
    <div className="panel">
      <Toolbar label="Coverage">
        {choice('map', 'Map')}
        {choice('gaps', `${gaps.length > 0 ? '▲ ' : ''}Missing ${formatCount(gaps.length)}`)}
        {choice('dropped', `${all.dropped > 0 ? '▲ ' : ''}Dropped ${formatCount(all.dropped)}`)}
        <Grow />
        <Button tone="quiet" onClick={() => showRows(sql, 'Coverage over time')}>
          Show as rows
        </Button>
      </Toolbar>
      <div className="panel-body cover-map" tabIndex={0} role="region" aria-label={REGION[view]}>
        {view === 'map' && (
          <>
            <Head grid={grid} />
            <ul className="plain-list">
              <Row row={all} grid={grid} title="everything" />
              {entities.map((row) => (
                <Row key={row.entityId} row={row} grid={grid} />
              ))}
            </ul>
          </>
        )}
        {view === 'gaps' && <Stretches stretches={gaps} grid={grid} {...MISSING} />}
        {view === 'dropped' && <Stretches stretches={dropped} grid={grid} {...DROPPED} />}
        {view !== 'gaps' && <Unplaced dropped={all.dropped} />}
        {leftOut > 0 && (
          <p className="cover-note warn">
            ▲ {formatCount(leftOut)} entities with fewer rows are not shown.
          </p>
        )}
      </div>
    </div>
  );
}

/** Dropped records that the map can't show, and the way to what they look like. */
function Unplaced({ dropped }: { readonly dropped: number }) {
  const { data } = useQuery(UNPLACED);
  const rows = data?.rows ?? 0;
  if (rows === 0 && dropped === 0) return null;
  return (
    <div className="cover-note small">
      {Array.from({ length: rows }, (_, i) => (
        <p key={i} className="warn">
          ▲ {plural(data?.col.n[i] ?? 0, 'record', 'records')} of {data?.col.source[i]} dropped
          whose time can’t be read.
        </p>
      ))}
      <Button tone="quiet" onClick={() => showPanel('sources')}>
        Why, with examples
      </Button>
    </div>
  );
}

const LEGEND = [
  ['present', 'there'],
  ['sampled', 'sampled'],
  ['late', 'came late'],
  ['missing', 'missing'],
  ['dropped', 'dropped'],
] as const;

function Head({ grid }: { readonly grid: Grid }) {
  const time = useTimeText();
  const to = grid.from + grid.step * BigInt(grid.buckets);
  return (
    <div className="cover-head small faint">
      <span className="cover-legend">
        {LEGEND.map(([state, word]) => (
          <span key={state}>
            <i className={`cover-key of-${state}`} aria-hidden="true" /> {word}
          </span>
        ))}
      </span>
      <span className="cover-times num">
        <span>{time(grid.from)}</span>
        <span>{time(to)}</span>
      </span>
    </div>
  );
}

function Row({
  row,
  grid,
  title,
}: {
  readonly row: MapRow;
  readonly grid: Grid;
  readonly title?: string;
}) {
  const selected = useApp((state) => state.selection.entityId);
  const { entityId, gaps } = row;
  const name = title ?? (entityId === '' ? 'no entity named' : parseEntityId(entityId).name);
  const named = title === undefined && entityId !== '';
  return (
    <li className="cover-row" data-selected={named && selected === entityId}>
      <span className="cover-name">
        {named ? (
          <button
            type="button"
            className="plain cut"
            title={entityId.replace(':', ' ')}
            onClick={() => selectEntity(entityId)}
          >
            {name}
          </button>
        ) : (
          <span className="cut second">{name}</span>
        )}
        {gaps > 0 && (
          <span
            className="warn num"
            title={`Rows are missing in ${plural(gaps, 'stretch', 'stretches')}`}
          >
            ▲{gaps}
          </span>
        )}
      </span>
      <Strips row={row} grid={grid} name={name} named={title !== undefined} />
    </li>
  );
}
