import { LineChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { msToNs, nsToMs } from '../../../core/base';
import { pointAt, useApp, usePointer } from '../state';

echarts.use([LineChart, GridComponent, TooltipComponent, MarkAreaComponent, CanvasRenderer]);

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
}: {
  /** Called again when the theme changes, so that colours follow. */
  readonly option: () => ChartOption;
  readonly label: string;
  readonly height: number;
}) {
  const place = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLElement>(null);
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
    zr.on('globalout', () => pointAt(undefined));
    const stop = usePointer.subscribe(({ cursor }) => drawCursor(made, line.current, cursor));
    return () => {
      stop();
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
    </div>
  );
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
