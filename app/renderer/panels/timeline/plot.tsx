import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { TimeWindow } from '../../../../core/base';
import { useApp } from '../../state';
import { Failure, useColors } from '../../ui';
import { buildLanes, heatGrid, type Opened } from './build';
import { Labels } from './labels';
import { heightOf, placeLanes, type Lane, type PlacedLane } from './lanes';
import { spanOf, type Span } from './scale';
import { AXIS, GUTTER, HEAD, OVERVIEW, RIGHT, type Scene } from './scene';
import { meanHeat, spread, volumeShare } from './series';
import { summaryOf } from './summary';
import { useAxis } from './use-axis';
import { useTimelineData, type TimelineData } from './use-data';
import { usePending, useSize, useStage } from './use-stage';

const NOTHING_OPENED: Opened = { heat: false, alerts: false, groups: new Set() };

function toggled(opened: Opened, lane: Lane): Opened {
  if (lane.body.kind === 'more') return { ...opened, heat: !opened.heat };
  if (lane.body.kind === 'alerts') return { ...opened, alerts: !opened.alerts };
  return opened;
}

function toggledGroup(opened: Opened, groupId: string): Opened {
  const groups = new Set(opened.groups);
  if (!groups.delete(groupId)) groups.add(groupId);
  return { ...opened, groups };
}

function useOverview(data: TimelineData, origin: bigint): Scene['overview'] {
  const heat = useApp((state) => state.analysis?.heat);
  return useMemo(() => {
    if (!data.volume) return undefined;
    const { data: frame, question: grid } = data.volume;
    const { bucket, spans, logs, samples } = frame.col;
    const volume = volumeShare(
      [spans, logs, samples].map((values) => spread(bucket, values, grid.buckets, 0)),
    );
    const rows = (heat ?? []).map((row) => ({ grid: heatGrid(row, origin), heat: row.heat }));
    return { grid, volume, heat: meanHeat(rows, grid) };
  }, [data.volume, heat, origin]);
}

/** The windows that are marked: what a person is dragging comes before what was analysed. */
function useWindows(origin: bigint, pending: ReturnType<typeof usePending>) {
  const analysis = useApp((state) => state.analysis);
  const brushed = useApp((state) => state.selection.range);
  return useMemo(
    () => ({
      incident: windowSpan(pending.windows.incident ?? analysis?.incident, origin),
      baseline: windowSpan(pending.windows.baseline ?? analysis?.baseline ?? undefined, origin),
      pending: pending.which,
      range: windowSpan(brushed, origin),
    }),
    [pending, analysis, brushed, origin],
  );
}

/** Everything that is drawn, from the store and the queries, for the size that there is. */
function useScene(
  range: TimeWindow,
  { width, height }: ReturnType<typeof useSize>,
  opened: Opened,
  pending: ReturnType<typeof usePending>,
) {
  const origin = range.from;
  const analysis = useApp((state) => state.analysis);
  const viewed = useApp((state) => state.view);
  const selected = useApp((state) => state.selection.entityId);
  const pinned = useApp((state) => state.pinned);
  const colors = useColors();
  const whole = useMemo<Span>(() => spanOf(range, origin), [range, origin]);
  const view = useMemo(() => (viewed ? spanOf(viewed, origin) : whole), [viewed, whole, origin]);
  const plotWidth = Math.max(1, width - GUTTER - RIGHT);
  const data = useTimelineData(whole, view, origin, plotWidth, analysis);
  const lanes = useMemo(
    () => buildLanes({ analysis, data, pinned, origin, whole, opened, room: height - HEAD }),
    [analysis, pinned, origin, whole, opened, height, data],
  );
  const placed = useMemo(() => placeLanes(lanes, height - HEAD), [lanes, height]);
  const overview = useOverview(data, origin);
  const axis = useAxis(view, origin, plotWidth);
  const windows = useWindows(origin, pending);
  const zoomed = viewed !== undefined;
  const { ticks, timeText } = axis;
  const scene = useMemo<Scene>(
    () => ({
      width,
      height,
      whole,
      view,
      zoomed,
      lanes: placed,
      overview,
      selected,
      colors,
      ticks,
      timeText,
      ...windows,
    }),
    [
      width,
      height,
      whole,
      view,
      zoomed,
      placed,
      overview,
      selected,
      colors,
      ticks,
      timeText,
      windows,
    ],
  );
  return { scene, lanes, axis, error: data.error };
}

export function Plot({ range }: { readonly range: TimeWindow }) {
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  const origin = range.from;
  const [opened, setOpened] = useState(NOTHING_OPENED);
  const [current, setCurrent] = useState<string>();
  const pending = usePending();
  const { scene, lanes, axis, error } = useScene(range, size, opened, pending);
  const placed = scene.lanes;
  const stage = useStage(root, scene, origin, {
    toggleGroup: (id) => setOpened((before) => toggledGroup(before, id)),
    changeWindow: pending.change,
  });

  const onToggle = (lane: PlacedLane): void => {
    setOpened((before) => toggled(before, lane));
    stage.activate(lane);
  };
  const onKey = (event: KeyboardEvent, lane: PlacedLane): void => stage.key(event, lane);
  const handlers = useStable({
    onToggle,
    onKey,
    onFocus: (lane: PlacedLane) => setCurrent(lane.id),
  });
  const summary = summaryOf(scene, lanes, axis.timeText);
  return (
    <div
      ref={root}
      className="tl"
      role="application"
      aria-label="Timeline"
      aria-describedby="tl-summary"
    >
      <p id="tl-summary" className="visually-hidden">
        {summary}
      </p>
      <canvas className="tl-canvas tl-base" aria-hidden />
      <Heads {...axis} />
      <div className="tl-scroll" style={{ top: HEAD }}>
        <Labels lanes={placed} height={heightOf(placed)} current={current} {...handlers} />
        {error && <Failure error={error} />}
      </div>
      <canvas className="tl-canvas tl-top" aria-hidden />
      <div className="tl-tip small" role="tooltip" hidden />
    </div>
  );
}

/** Names of the overview and of the axis. */
function Heads({ zone, length }: { readonly zone: string; readonly length: string }) {
  return (
    <>
      <div
        className="tl-head"
        style={{ height: OVERVIEW }}
        title="The whole case: rows of all signals in grey, how abnormal entities were on top. Drag to zoom."
      >
        <span>Overview</span>
        <span className="faint small">rows, abnormal</span>
      </div>
      <div className="tl-head tl-axis" style={{ top: OVERVIEW, height: AXIS }}>
        <span className="faint small">{zone}</span>
        <span className="faint small num">{length}</span>
      </div>
    </>
  );
}

const windowSpan = (window: TimeWindow | undefined, origin: bigint): Span | undefined =>
  window && spanOf(window, origin);

/** Functions that stay the same for memoised children and always do what the newest render says. */
function useStable<T extends Record<string, (...args: never[]) => void>>(functions: T): T {
  const newest = useRef(functions);
  useEffect(() => {
    newest.current = functions;
  });
  const [stable] = useState(() => {
    const made: Record<string, (...args: never[]) => void> = {};
    for (const name of Object.keys(functions)) {
      made[name] = (...args) => newest.current[name]?.(...args);
    }
    return made as T;
  });
  return stable;
}
