import { useEffect, useState } from 'react';
import type { TimeWindow } from '../../../../core/base';
import { useApp } from '../../state';
import { Button, useTimeText } from '../../ui';
import type { Moments } from './use-view';

const FRAME_MS = 350;

const share = (ns: bigint, { from, step, buckets }: Moments): number =>
  Math.min(100, Math.max(0, (Number(ns - from) / Number(step * BigInt(buckets))) * 100));

/** A stretch of the track, in per cent. */
export function strip(grid: Moments, window: TimeWindow): { left: string; width: string } {
  const left = share(window.from, grid);
  return { left: `${left}%`, width: `${share(window.to, grid) - left}%` };
}

/** While it plays, the next moment comes after each frame, until the last. */
function usePlaying(grid: Moments, moment: number, onChange: (moment: number) => void) {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      if (moment + 1 >= grid.buckets) setPlaying(false);
      else onChange(moment + 1);
    }, FRAME_MS);
    return () => clearTimeout(timer);
  }, [playing, moment, grid, onChange]);
  return [playing, setPlaying] as const;
}

/** Plays the graph through the case, moment by moment. */
export function Scrubber({
  grid,
  moment,
  active,
  onChange,
  summary,
}: {
  readonly grid: Moments;
  readonly moment: number;
  readonly active: boolean;
  readonly onChange: (moment: number) => void;
  readonly summary: string;
}) {
  const [playing, setPlaying] = usePlaying(grid, moment, onChange);
  const incident = useApp((state) => state.analysis?.incident);
  const baseline = useApp((state) => state.analysis?.baseline);
  const text = useTimeText();
  const at = grid.from + grid.step * BigInt(moment);
  const end = grid.from + grid.step * BigInt(grid.buckets);
  return (
    <div className="topo-scrub">
      <Button
        tone="quiet"
        aria-pressed={playing}
        title="Play the graph through the case"
        onClick={() => {
          if (!playing) onChange(active && moment + 1 < grid.buckets ? moment : 0);
          setPlaying(!playing);
        }}
      >
        {playing ? 'Pause' : 'Play'}
      </Button>
      <div className="topo-track">
        {baseline && <i className="base" style={strip(grid, baseline)} />}
        {incident && <i className="inc" style={strip(grid, incident)} />}
        <input
          type="range"
          className={active ? 'on' : ''}
          min={0}
          max={grid.buckets - 1}
          value={moment}
          aria-label="Moment that the graph shows"
          aria-valuetext={text(at)}
          onChange={(event) => {
            setPlaying(false);
            onChange(Number(event.target.value));
          }}
        />
        <div className="topo-ends small faint num">
          <span>{text(grid.from, 'minute')}</span>
          <span className="cut">{active ? text(at) : summary}</span>
          <span>{text(end, 'minute')}</span>
        </div>
      </div>
    </div>
  );
}
