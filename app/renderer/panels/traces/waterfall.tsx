import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type MouseEvent } from 'react';
import type { Frame, QueryCall } from '../../../../core/model';
import { traceLogs, traceSpans } from '../../../../core/model/queries';
import { select, setSearch, showPanel, useApp, useQuery } from '../../state';
import {
  Button,
  Empty,
  Failure,
  Grow,
  OpenIn,
  Skeleton,
  Time,
  Toolbar,
  backendItems,
  colourScale,
  formatCount,
  formatMs,
  openMenu,
  plural,
} from '../../ui';
import { Minimap } from './minimap';
import { PullTrace } from './pull-trace';
import { SpanDetail } from './span-detail';
import { SpanRow, type SpanFacts } from './span-row';
import { buildTrace, visibleRows, type Stretch, type TraceModel } from './trace-model';
import { useTraceKeys } from './use-trace-keys';

const ROW = 22;

type SpanFrame = ReturnType<typeof traceSpans> extends QueryCall<infer S> ? Frame<S> : never;

function modelOf(spans: SpanFrame): TraceModel {
  const first = spans.col.start[0] ?? 0n;
  return buildTrace({
    spanId: spans.col.span_id,
    parentId: spans.col.parent_span_id,
    start: Float64Array.from(spans.col.start, (start) => Number(start - first)),
    duration: Float64Array.from(spans.col.duration, Number),
    kind: spans.col.kind,
  });
}

/** Services of a trace in the order of their first span: the order of the colours. */
function servicesOf(spans: SpanFrame): readonly string[] {
  return [...new Set(spans.col.entity_id)];
}

/** Log lines by the row of their span: [ns from start, severity]. */
function useLogTicks(
  traceId: string,
  spans: SpanFrame,
): ReadonlyMap<number, readonly (readonly [number, number])[]> {
  const { data } = useQuery(traceLogs({ trace: traceId }));
  return useMemo(() => {
    const ticks = new Map<number, [number, number][]>();
    if (!data) return ticks;
    const rowOf = new Map(spans.col.span_id.map((id, row) => [id, row]));
    const first = spans.col.start[0] ?? 0n;
    for (let at = 0; at < data.rows; at++) {
      const row = rowOf.get(data.col.span_id[at] ?? '');
      if (row === undefined) continue;
      const tick: [number, number] = [
        Number((data.col.ts[at] ?? 0n) - first),
        data.col.severity[at] ?? 0,
      ];
      const known = ticks.get(row);
      if (known) known.push(tick);
      else ticks.set(row, [tick]);
    }
    return ticks;
  }, [data, spans]);
}

function spanAt(spans: SpanFrame, model: TraceModel, row: number): SpanFacts {
  const { col } = spans;
  return {
    id: col.span_id[row] ?? '',
    entityId: col.entity_id[row] ?? '',
    name: col.name[row] ?? '',
    message: col.status_message[row] ?? '',
    failed: col.status[row] === 2,
    start: Number((col.start[row] ?? 0n) - (col.start[0] ?? 0n)),
    duration: Number(col.duration[row] ?? 0n),
    self: model.self[row] ?? 0,
    depth: model.depth[row] ?? 0,
    children: model.children[row]?.length ?? 0,
  };
}

interface RowsProps {
  readonly traceId: string;
  readonly spans: SpanFrame;
  readonly model: TraceModel;
  readonly rows: Int32Array;
  readonly zoom: Stretch;
  readonly colour: (service: string) => string;
  readonly folded: ReadonlySet<number>;
  readonly ticks: ReadonlyMap<number, readonly (readonly [number, number])[]>;
  readonly onFold: (row: number) => void;
  readonly selected: number;
}

function menuOfSpan(event: MouseEvent, traceId: string, { id, name }: SpanFacts): void {
  openMenu(
    event,
    [
      { title: 'Select the span', run: () => select({ spanId: id }) },
      { title: 'Copy its id', run: () => void navigator.clipboard.writeText(id) },
      { title: 'Copy its name', run: () => void navigator.clipboard.writeText(name) },
    ],
    backendItems({ kind: 'trace', traceId, spanId: id }),
  );
}

function SpanRows({
  traceId,
  spans,
  model,
  rows,
  zoom,
  colour,
  folded,
  ticks,
  onFold,
  selected,
}: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 16,
  });
  const critical = useMemo(() => criticalByRow(model), [model]);
  // A panel behind another tab has no height: the span is brought into sight once there is some.
  const inSight = (virtual.scrollRect?.height ?? 0) > 0;
  useEffect(() => {
    const at = rows.indexOf(selected);
    if (inSight && at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [rows, selected, virtual, inSight]);
  return (
    <div ref={scroller} className="waterfall" role="tree" aria-label="Spans" tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start: top }) => {
          const row = rows[index] ?? 0;
          const span = spanAt(spans, model, row);
          return (
            <SpanRow
              key={row}
              top={top}
              span={span}
              zoom={zoom}
              colour={colour}
              folded={folded.has(row)}
              selected={row === selected}
              critical={critical.get(row)}
              ticks={ticks.get(row)}
              onFold={() => onFold(row)}
              onMenu={(event) => menuOfSpan(event, traceId, span)}
            />
          );
        })}
      </div>
    </div>
  );
}

function criticalByRow(
  model: TraceModel,
): ReadonlyMap<number, readonly (readonly [number, number])[]> {
  const byRow = new Map<number, [number, number][]>();
  for (const [row, from, to] of model.critical) {
    const known = byRow.get(row);
    if (known) known.push([from, to]);
    else byRow.set(row, [[from, to]]);
  }
  return byRow;
}

function Head({
  traceId,
  spans,
  model,
}: {
  readonly traceId: string;
  readonly spans: SpanFrame;
  readonly model: TraceModel;
}) {
  const failed = spans.col.status.reduce((n, status) => n + Number(status === 2), 0);
  return (
    <Toolbar label="Trace">
      <Button tone="quiet" onClick={() => select({ traceId: undefined, spanId: undefined })}>
        ← Traces
      </Button>
      <span className="mono cut" title={traceId}>
        {traceId.slice(0, 16)}
      </span>
      <span className="num">{formatMs(model.end / 1e6)}</span>
      <span className="num faint">{plural(model.size, 'span')}</span>
      {failed > 0 && <span className="num crit">{formatCount(failed)} failed</span>}
      {model.orphans > 0 && (
        <span
          className="warn"
          title="Their parents are not in this case: sampled away, or never sent"
        >
          {plural(model.orphans, 'span')} without parent
        </span>
      )}
      <Grow />
      <Button
        tone="quiet"
        onClick={() => {
          setSearch(`trace:${traceId}`);
          showPanel('logs');
        }}
      >
        Logs
      </Button>
      <OpenIn row={{ kind: 'trace', traceId }} />
      <Button tone="quiet" onClick={() => void navigator.clipboard.writeText(traceId)}>
        Copy id
      </Button>
    </Toolbar>
  );
}

/** One trace: minimap, waterfall by service colour, critical path, own time, log ticks. */
export function Waterfall({ traceId }: { readonly traceId: string }) {
  const { data, loading, error } = useQuery(traceSpans({ trace: traceId }));
  if (error) return <Failure error={error} />;
  if (!data) return loading ? <Skeleton lines={14} /> : null;
  if (data.rows === 0) {
    return (
      <Empty title="This trace is not in the case" action={<PullTrace traceId={traceId} />}>
        No span of it is here: they were not pulled, or were sampled away.
      </Empty>
    );
  }
  return <Loaded traceId={traceId} spans={data} />;
}

function Loaded({ traceId, spans }: { readonly traceId: string; readonly spans: SpanFrame }) {
  const spanId = useApp((state) => state.selection.spanId);
  const model = useMemo(() => modelOf(spans), [spans]);
  const [zoom, setZoom] = useState<Stretch>({ from: 0, to: Math.max(1, model.end) });
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(() => visibleRows(model, folded), [model, folded]);
  const colour = useMemo(() => colourScale(servicesOf(spans)), [spans]);
  const ticks = useLogTicks(traceId, spans);
  const selected = spanId === undefined ? -1 : spans.col.span_id.indexOf(spanId);
  const fold = (row: number): void =>
    setFolded((before) => {
      const next = new Set(before);
      if (!next.delete(row)) next.add(row);
      return next;
    });
  useTraceKeys({ rows, selected, idOf: (row) => spans.col.span_id[row], onFold: fold });
  return (
    <div className="panel">
      <Head traceId={traceId} spans={spans} model={model} />
      <Minimap spans={spans} model={model} colour={colour} zoom={zoom} onZoom={setZoom} />
      <div className="waterfall-axis small faint num" aria-hidden>
        <span>
          <Time ns={spans.col.start[0] ?? 0n} precision="milli" />
        </span>
        {[0, 0.25, 0.5, 0.75].map((at) => (
          <span key={at}>{formatMs((zoom.from + (zoom.to - zoom.from) * at) / 1e6)}</span>
        ))}
      </div>
      <SpanRows
        {...{ traceId, spans, model, rows, zoom, colour, folded, ticks, selected }}
        onFold={fold}
      />
      {selected >= 0 && <SpanDetail traceId={traceId} span={spanAt(spans, model, selected)} />}
    </div>
  );
}
