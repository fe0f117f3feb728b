import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { msToNs, nsToMs, type TimeWindow } from '../../../core/base';
import { pointAt, useApp, usePointer } from '../state';

echarts.use([
  BarChart,
  LineChart,
  GridComponent,
  TooltipComponent,
  MarkAreaComponent,
  CanvasRenderer,
]);

/** A value of a design token, as the canvas needs it. */
export function tokenOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

type ChartOption = echarts.EChartsCoreOption;

/**
 * One ECharts instance: made, updated, resized and disposed here and nowhere else. The x axis is time in ms;
 * its pointer is the cursor that all views share.
 */
export function Chart({
  option,
  label,
  height,
  onRange,
}: {
  /** Called again when the theme changes, so that colours follow. */
  readonly option: () => ChartOption;
  readonly label: string;
  readonly height: number;
  /** Told of a stretch of time that was dragged over. */
  readonly onRange?: (window: TimeWindow) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLElement>(null);
  const range = useRef<HTMLElement>(null);
  const ranged = useRef(onRange);
  useEffect(() => {
    ranged.current = onRange;
  });
  const chart = useRef<echarts.ECharts>(undefined);
  const theme = useApp((state) => state.theme);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = echarts.init(element, undefined, { renderer: 'canvas' });
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    const zr = made.getZr();
    zr.on('mousemove', ({ offsetX, offsetY }) => {
      if (!made.containPixel('grid', [offsetX, offsetY])) return;
      pointAt(msToNs(made.convertFromPixel({ xAxisIndex: 0 }, offsetX)));
    });
    const endRanges = letDrag(made, range.current, ranged);
    zr.on('globalout', () => pointAt(undefined));
    const stop = usePointer.subscribe(({ cursor }) => drawCursor(made, line.current, cursor));
    return () => {
      stop();
      endRanges();
      observer.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(option(), { notMerge: true });
  }, [option, theme]);
  return (
    <div className="chart" style={{ height }}>
      <div ref={place} role="img" aria-label={label} style={{ height }} />
      <i ref={line} className="chart-cursor" />
      <i ref={range} className="chart-range" />
    </div>
  );
}

/** Pixels below which a press is no drag. */
const LEAST_DRAG = 4;

/** Dragging over the plot marks a stretch of time, and tells of it in the end; Escape lets go of it. */
function letDrag(
  chart: echarts.ECharts,
  mark: HTMLElement | null,
  told: { readonly current: ((window: TimeWindow) => void) | undefined },
): () => void {
  const element = chart.getDom();
  let from: number | undefined;
  let to = 0;
  const draw = (): void => {
    if (!mark) return;
    const shown = from !== undefined && Math.abs(to - from) >= LEAST_DRAG;
    mark.style.display = shown ? 'block' : 'none';
    if (from === undefined) return;
    mark.style.left = `${Math.min(from, to)}px`;
    mark.style.width = `${Math.abs(to - from)}px`;
  };
  const move = ({ clientX }: MouseEvent): void => {
    if (from === undefined) return;
    to = Math.max(0, Math.min(clientX - element.getBoundingClientRect().left, chart.getWidth()));
    draw();
  };
  const end = (event: Event): void => {
    const start = from;
    from = undefined;
    draw();
    if (event.type === 'keydown') event.stopPropagation();
    else if (start !== undefined && Math.abs(to - start) >= LEAST_DRAG) {
      const at = (x: number): bigint => msToNs(chart.convertFromPixel({ xAxisIndex: 0 }, x));
      told.current?.({ from: at(Math.min(start, to)), to: at(Math.max(start, to)) });
    }
  };
  const letGo = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && from !== undefined) end(event);
  };
  chart.getZr().on('mousedown', ({ offsetX, offsetY }) => {
    if (!told.current || !chart.containPixel('grid', [offsetX, offsetY])) return;
    from = to = offsetX;
  });
  window.addEventListener('mousemove', move);
  window.addEventListener('mouseup', end);
  window.addEventListener('keydown', letGo, true);
  return () => {
    window.removeEventListener('mousemove', move);
    window.removeEventListener('mouseup', end);
    window.removeEventListener('keydown', letGo, true);
  };
}

function drawCursor(
  chart: echarts.ECharts,
  line: HTMLElement | null,
  cursor: bigint | undefined,
): void {
  if (!line) return;
  const x =
    cursor === undefined ? Number.NaN : chart.convertToPixel({ xAxisIndex: 0 }, nsToMs(cursor));
  const shown = Number.isFinite(x) && x >= 0 && x <= chart.getWidth();
  line.style.display = shown ? 'block' : 'none';
  if (shown) line.style.transform = `translateX(${x}px)`;
}
