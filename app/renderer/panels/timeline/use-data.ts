import { useEffect, useMemo, useRef, useState } from 'react';
import type { TimeWindow } from '../../../../core/base';
import type { AnalysisResult } from '../../../../core/model';
import {
  alertRows,
  changeRows,
  entryServices,
  logRates,
  pinnedSeries,
  rowVolume,
  seriesLevels,
  serviceLevels,
  serviceRequests,
} from '../../../../core/model/queries';
import { useApp, useQuery } from '../../state';
import { absolute, gridOver, type Grid, type Origin, type Span } from './scale';

const SETTLE_MS = 120;
const SHOWN_SERVICES = 3;

/** A value once it has rested: zooming asks for what is looked at, not for every step on the way. */
function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** An answer with the question it answers: while the next one loads, the old one stands where it belongs. */
function useAnswered<T, Q>(data: T | undefined, loading: boolean, question: Q) {
  const [kept, setKept] = useState<{ readonly data: T; readonly question: Q }>();
  const newest = useRef(question);
  useEffect(() => {
    newest.current = question;
  });
  useEffect(() => {
    if (!loading && data !== undefined) setKept({ data, question: newest.current });
  }, [data, loading]);
  return kept;
}

const onGrid = (grid: Grid, origin: Origin) => ({
  from: absolute(grid.from, origin),
  step: BigInt(Math.round(grid.step * 1e6)),
  buckets: grid.buckets,
});

/** The entry service and the ones ranked first. */
function useServices(analysis: AnalysisResult | undefined): readonly string[] {
  const entry = useQuery(entryServices({ limit: 1 })).data?.col.entity_id[0];
  return useMemo(() => {
    const ranked = (analysis?.ranking ?? [])
      .filter(({ entity }) => entity.kind === 'service')
      .map(({ entity }) => entity.id);
    return [...new Set([...(entry === undefined ? [] : [entry]), ...ranked])].slice(
      0,
      SHOWN_SERVICES,
    );
  }, [entry, analysis]);
}

/** Series that people have pinned: their points, names and levels in the baseline. */
function usePinned(grid: Grid, origin: Origin, baseline: TimeWindow | undefined) {
  const pinned = useApp((state) => state.pinned);
  const series = [...pinned];
  const asked = series.length > 0;
  const { from, to } = baseline ?? { from: 0n, to: 0n };
  return {
    metrics: useQuery(asked ? pinnedSeries({ ...onGrid(grid, origin), series }) : undefined),
    metricNames: useQuery(asked ? seriesLevels({ from, to, series }) : undefined),
  };
}

/** Everything that the timeline draws, asked in buckets that fit the width. */
export function useTimelineData(
  whole: Span,
  view: Span,
  origin: Origin,
  width: number,
  analysis: AnalysisResult | undefined,
) {
  const settled = useSettled(view, SETTLE_MS);
  const columns = Math.max(64, Math.round(width / 16) * 16);
  const overviewGrid = useMemo(() => gridOver(whole, columns, 8), [whole, columns]);
  const lineGrid = useMemo(() => gridOver(settled, columns, 5), [settled, columns]);
  const barGrid = useMemo(() => gridOver(settled, columns, 8), [settled, columns]);
  const services = useServices(analysis);
  const baseline = analysis?.baseline ?? undefined;

  const volume = useQuery(rowVolume(onGrid(overviewGrid, origin)));
  const requests = useQuery(
    services.length > 0
      ? serviceRequests({ ...onGrid(lineGrid, origin), services: [...services] })
      : undefined,
  );
  const levels = useQuery(levelsCall(services, baseline));
  const logs = useQuery(logRates(onGrid(barGrid, origin)));
  const { metrics, metricNames } = usePinned(lineGrid, origin, baseline);
  const changes = useQuery(changeRows({}));
  const alerts = useQuery(alertRows({}));
  const volumes = useAnswered(volume.data, volume.loading, overviewGrid);
  const lines = useAnswered(requests.data, requests.loading, lineGrid);
  const bars = useAnswered(logs.data, logs.loading, barGrid);
  const points = useAnswered(metrics.data, metrics.loading, lineGrid);
  const error = volume.error ?? requests.error ?? logs.error ?? metrics.error ?? changes.error;
  const answers = useMemo(
    () => ({
      levels: levels.data,
      metricNames: metricNames.data,
      changes: changes.data,
      alerts: alerts.data,
    }),
    [levels.data, metricNames.data, changes.data, alerts.data],
  );
  return useMemo(
    () => ({
      services,
      volume: volumes,
      requests: lines,
      logs: bars,
      metrics: points,
      error,
      ...answers,
    }),
    [services, volumes, lines, bars, points, error, answers],
  );
}

export type TimelineData = ReturnType<typeof useTimelineData>;

function levelsCall(services: readonly string[], baseline: TimeWindow | undefined) {
  if (services.length === 0 || !baseline) return undefined;
  return serviceLevels({ from: baseline.from, to: baseline.to, services: [...services] });
}
