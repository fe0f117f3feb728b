import type { TimeWindow } from '../../../../core/base';
import { select, useApp } from '../../state';
import { formatCount, plural, useTimeText } from '../../ui';
import { droppedText } from './dropped';
import type { Lane, MapRow, MapSignal, Run } from './map';

export interface Grid {
  readonly from: bigint;
  readonly step: bigint;
  readonly buckets: number;
}

export const SIGNAL_WORD: Readonly<Record<MapSignal, string>> = {
  spans: 'spans',
  logs: 'log lines',
  samples: 'samples',
  alerts: 'alerts',
  changes: 'changes',
};

/** Height of a lane, px; that of everything together has room for the signal's name. */
const LANE = 6;
const NAMED_LANE = 14;

/** The stretch of a run. */
export function stretchOf({ from, to }: Pick<Run, 'from' | 'to'>, grid: Grid): TimeWindow {
  return { from: grid.from + grid.step * BigInt(from), to: grid.from + grid.step * BigInt(to) };
}

/** One thin strip a signal; a click narrows everything to the stretch. */
export function Strips({
  row,
  grid,
  name,
  named,
}: {
  readonly row: MapRow;
  readonly grid: Grid;
  readonly name: string;
  /** With the names of the signals beside it. */
  readonly named: boolean;
}) {
  const lane = named ? NAMED_LANE : LANE;
  const height = row.lanes.length * lane;
  const label = row.lanes.map(({ rows, signal }) => `${formatCount(rows)} ${SIGNAL_WORD[signal]}`);
  return (
    <div className="cover-strips">
      <span className="cover-signals small faint" aria-hidden="true">
        {named && row.lanes.map(({ signal }) => <span key={signal}>{signal}</span>)}
      </span>
      <svg
        viewBox={`0 0 ${grid.buckets} ${height}`}
        preserveAspectRatio="none"
        height={height}
        role="img"
        aria-label={`${name}: ${label.join(', ')}${row.gaps > 0 ? `; missing in ${plural(row.gaps, 'stretch', 'stretches')}` : ''}${row.dropped > 0 ? `; ${formatCount(row.dropped)} dropped` : ''}`}
      >
        <Bands grid={grid} height={height} />
        {row.lanes.map((of, at) => (
          <Strip key={of.signal} lane={of} grid={grid} y={at * lane} height={lane} />
        ))}
      </svg>
    </div>
  );
}

function Strip({
  lane,
  grid,
  y,
  height,
}: {
  readonly lane: Lane;
  readonly grid: Grid;
  readonly y: number;
  readonly height: number;
}) {
  const time = useTimeText();
  return (
    <>
      {lane.runs.map((run) => {
        const stretch = stretchOf(run, grid);
        return (
          <rect
            key={run.from}
            className={`cover-run of-${run.state}`}
            x={run.from}
            y={y + 1}
            width={run.to - run.from}
            height={height - 2}
            onClick={() => select({ range: stretch })}
          >
            <title>
              {`${time(stretch.from)} – ${time(stretch.to)}: ${textOf(run, SIGNAL_WORD[lane.signal])}`}
            </title>
          </rect>
        );
      })}
      {lane.dropped.map((run) => {
        const stretch = stretchOf(run, grid);
        return (
          <rect
            key={`dropped ${run.from}`}
            className="cover-run of-dropped"
            x={run.from}
            y={y + height / 2}
            width={run.to - run.from}
            height={height / 2 - 1}
            onClick={() => select({ range: stretch })}
          >
            <title>
              {`${time(stretch.from)} – ${time(stretch.to)}: ${droppedText(run, SIGNAL_WORD[lane.signal])}`}
            </title>
          </rect>
        );
      })}
    </>
  );
}

export function textOf({ state, rows }: Run, what: string): string {
  const count = formatCount(Math.round(rows));
  if (state === 'missing') return `no ${what}, about ${count} were to be expected`;
  if (state === 'sampled') return `${count} ${what}, only a part was kept`;
  if (state === 'late') return `${count} ${what}, over a tenth came a minute late or more`;
  return `${count} ${what}`;
}

/** Baseline and incident behind the strips. */
function Bands({ grid, height }: { readonly grid: Grid; readonly height: number }) {
  const analysis = useApp((state) => state.analysis);
  const at = (ns: bigint): number =>
    Math.min(grid.buckets, Math.max(0, Number(ns - grid.from) / Number(grid.step)));
  const band = (of: TimeWindow | null | undefined, fill: string) =>
    of && (
      <rect
        x={at(of.from)}
        width={Math.max(0, at(of.to) - at(of.from))}
        y={0}
        height={height}
        fill={fill}
      />
    );
  return (
    <>
      {band(analysis?.baseline, 'var(--base-dim)')}
      {band(analysis?.incident, 'var(--inc-dim)')}
    </>
  );
}
