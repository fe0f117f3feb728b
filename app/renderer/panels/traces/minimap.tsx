import { useEffect, useRef, useState, type RefObject } from 'react';
import { useApp } from '../../state';
import type { Stretch, TraceModel } from './trace-model';

const HEIGHT = 48;

interface SpansLike {
  readonly col: {
    readonly start: BigInt64Array;
    readonly duration: BigInt64Array;
    readonly entity_id: readonly string[];
    readonly status: Int32Array;
  };
}

/** Draws every span as a line of its own height, and again when size or theme change. */
function useDrawing(
  spans: SpansLike,
  model: TraceModel,
  colour: (service: string) => string,
): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const theme = useApp((state) => state.theme);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const ratio = devicePixelRatio;
    element.width = width * ratio;
    element.height = HEIGHT * ratio;
    context.scale(ratio, ratio);
    const error = getComputedStyle(element).getPropertyValue('--crit');
    const first = spans.col.start[0] ?? 0n;
    const row = Math.max(1, Math.min(4, (HEIGHT - 4) / model.size));
    model.order.forEach((span, at) => {
      const y = 2 + (at / model.size) * (HEIGHT - 4);
      const x = (Number((spans.col.start[span] ?? 0n) - first) / model.end) * width;
      const w = (Number(spans.col.duration[span] ?? 0n) / model.end) * width;
      context.fillStyle =
        spans.col.status[span] === 2 ? error : colour(spans.col.entity_id[span] ?? '');
      context.fillRect(x, y, Math.max(1, w), row);
    });
  }, [spans, model, colour, width, theme]);
  return canvas;
}

/** The whole trace in small; a drag zooms the waterfall, a double click shows all again. */
export function Minimap({
  spans,
  model,
  colour,
  zoom,
  onZoom,
}: {
  readonly spans: SpansLike;
  readonly model: TraceModel;
  readonly colour: (service: string) => string;
  readonly zoom: Stretch;
  readonly onZoom: (zoom: Stretch) => void;
}) {
  const canvas = useDrawing(spans, model, colour);
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>();
  const at = (event: React.PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * model.end;
  };
  const shown = drag ?? zoom;
  const left = (Math.min(shown.from, shown.to) / model.end) * 100;
  const right = (Math.max(shown.from, shown.to) / model.end) * 100;
  return (
    <div
      className="minimap"
      title="Drag: zoom. Double click: the whole trace."
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: at(event), to: at(event) });
      }}
      onPointerMove={(event) => drag && setDrag({ from: drag.from, to: at(event) })}
      onPointerUp={() => {
        if (drag && Math.abs(drag.to - drag.from) > model.end / 500) {
          onZoom({ from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) });
        }
        setDrag(undefined);
      }}
      onDoubleClick={() => onZoom({ from: 0, to: Math.max(1, model.end) })}
    >
      <canvas ref={canvas} height={HEIGHT} aria-hidden />
      <i style={{ left: 0, width: `${left}%` }} />
      <i style={{ left: `${right}%`, right: 0 }} />
    </div>
  );
}
