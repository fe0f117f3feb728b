import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { parseEntityId, type Frame, type QueryCall } from '../../../../core/model';
import { traceLogs, traceSpans } from '../../../../core/model/queries';
import { select, setSearch, showPanel, useApp, useQuery } from '../../state';
import {
  Button,
  Empty,
  Failure,
  Grow,
  Skeleton,
  Time,
  Toolbar,
  colourScale,
  formatCount,
  formatMs,
  plural,
} from '../../ui';
import { Minimap } from './minimap';
import { SpanDetail } from './span-detail';
import { buildTrace, visibleRows, type TraceModel } from './trace-model';
import { useTraceKeys } from './use-trace-keys';

const ROW = 22;

type SpanFrame = ReturnType<typeof traceSpans> extends QueryCall<infer S> ? Frame<S> : never;

/** A stretch of the trace, ns from its start. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

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

interface RowsProps {
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

function SpanRows({
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
  const first = spans.col.start[0] ?? 0n;
  const share = (ns: number): number => ((ns - zoom.from) / (zoom.to - zoom.from)) * 100;
  useEffect(() => {
    const at = rows.indexOf(selected);
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [rows, selected, virtual]);
  return (
    <div ref={scroller} className="waterfall" role="tree" aria-label="Spans" tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start: top }) => {
          const row = rows[index] ?? 0;
          const from = Number((spans.col.start[row] ?? 0n) - first);
          const length = Number(spans.col.duration[row] ?? 0n);
          const service = spans.col.entity_id[row] ?? '';
          const failed = spans.col.status[row] === 2;
          const kids = model.children[row]?.length ?? 0;
          const depth = model.depth[row] ?? 0;
          const name = spans.col.name[row] ?? '';
          const own = formatMs((model.self[row] ?? 0) / 1e6);
          const id = spans.col.span_id[row];
          return (
            <div
              key={row}
              className={`span-row ${row === selected ? 'on' : ''}`}
              role="treeitem"
              aria-level={depth + 1}
              aria-selected={row === selected}
              aria-expanded={kids > 0 ? !folded.has(row) : undefined}
              style={{ transform: `translateY(${top}px)` }}
              title={`${parseEntityId(service).name}: ${name}\n${formatMs(length / 1e6)}, ${own} of it own time${failed ? '\nfailed' : ''}`}
              onClick={() => select({ spanId: row === selected ? undefined : id })}
            >
              <span className="span-name" style={{ paddingLeft: 6 + Math.min(depth, 24) * 10 }}>
                <button
                  type="button"
                  className="fold"
                  tabIndex={-1}
                  disabled={kids === 0}
                  aria-label={folded.has(row) ? 'Unfold' : 'Fold'}
                  onClick={(event) => {
                    event.stopPropagation();
                    onFold(row);
                  }}
                >
                  {kids === 0 ? '' : folded.has(row) ? '▸' : '▾'}
                </button>
                <i style={{ background: colour(service) }} />
                <span className="strong">{parseEntityId(service).name}</span>{' '}
                <span className={failed ? 'crit' : 'second'}>{name}</span>
              </span>
              <span className="span-lane">
                <i
                  className={`span-bar ${failed ? 'failed' : ''}`}
                  style={{
                    left: `${share(from)}%`,
                    width: `max(2px, ${share(from + length) - share(from)}%)`,
                    background: colour(service),
                  }}
                />
                {critical.get(row)?.map(([a, b]) => (
                  <i
                    key={a}
                    className="span-critical"
                    style={{ left: `${share(a)}%`, width: `max(1px, ${share(b) - share(a)}%)` }}
                  />
                ))}
                {ticks.get(row)?.map(([at, severity], n) => (
                  <i
                    key={n}
                    className={`span-tick ${severity >= 17 ? 'error' : ''}`}
                    style={{ left: `${share(at)}%` }}
                  />
                ))}
                <span
                  className={`span-time small num ${share(from + length) > 82 ? 'inside' : ''}`}
                  style={
                    share(from + length) > 82
                      ? { right: `${Math.max(0, 100 - share(from)) + 0.5}%` }
                      : { left: `calc(${Math.max(0, share(from + length))}% + 5px)` }
                  }
                >
                  {formatMs(length / 1e6)}
                </span>
              </span>
            </div>
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
      <Empty
        title="This trace is not in the case"
        action={
          <Button onClick={() => select({ traceId: undefined, spanId: undefined })}>
            Back to the list
          </Button>
        }
      >
        The log line names it, but its spans were not pulled or were sampled away.
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
      <SpanRows {...{ spans, model, rows, zoom, colour, folded, ticks, selected }} onFold={fold} />
      {selected >= 0 && (
        <SpanDetail
          traceId={traceId}
          span={{
            id: spans.col.span_id[selected] ?? '',
            entityId: spans.col.entity_id[selected] ?? '',
            name: spans.col.name[selected] ?? '',
            message: spans.col.status_message[selected] ?? '',
            failed: spans.col.status[selected] === 2,
            ms: Number(spans.col.duration[selected] ?? 0n) / 1e6,
            selfMs: (model.self[selected] ?? 0) / 1e6,
          }}
        />
      )}
    </div>
  );
}
