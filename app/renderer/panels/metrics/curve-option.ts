import { nsToMs, type TimeWindow } from '../../../../core/base';

/** Points of one series, ms and value; NaN values are gaps. */
export interface Curve {
  readonly x: Float64Array;
  readonly mean: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export interface CurveColours {
  readonly line: string;
  readonly range: string;
  readonly grid: string;
  readonly text: string;
  readonly baseline: string;
  readonly incident: string;
}

interface CurveInput {
  readonly curve: Curve;
  readonly window: TimeWindow;
  readonly baseline: TimeWindow | null;
  readonly incident: TimeWindow | undefined;
  readonly colours: CurveColours;
  readonly formatValue: (value: number) => string;
  readonly formatTime: (ms: number) => string;
}

/** The ECharts option of one small multiple: mean as a line, the range of each bucket as a band behind it. */
export function curveOption(input: CurveInput): Record<string, unknown> {
  const { curve, baseline, incident, colours, formatValue, formatTime } = input;
  const bands = [
    baseline && area(baseline, colours.baseline),
    incident && area(incident, colours.incident),
  ].filter(Boolean);
  const line = {
    type: 'line',
    symbol: 'none',
    silent: true,
    animation: false,
    sampling: 'lttb',
  };
  return {
    animation: false,
    grid: { left: 52, right: 8, top: 6, bottom: 18 },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      transitionDuration: 0,
      textStyle: { fontSize: 11 },
      formatter: (
        items: readonly { axisValue: number; seriesIndex: number; value: [number, number] }[],
      ) => {
        const mean = items.find((item) => item.seriesIndex === 2);
        return mean ? `${formatTime(mean.axisValue)}  ${formatValue(mean.value[1])}` : '';
      },
    },
    ...axes(input),
    series: [
      { ...line, stack: 'range', lineStyle: { opacity: 0 }, data: pairs(curve.x, curve.low) },
      {
        ...line,
        stack: 'range',
        lineStyle: { opacity: 0 },
        areaStyle: { color: colours.range },
        data: pairs(curve.x, difference(curve.high, curve.low)),
      },
      {
        ...line,
        lineStyle: { color: colours.line, width: 1.4 },
        data: pairs(curve.x, curve.mean),
        markArea: { silent: true, data: bands },
      },
    ],
  };
}

function axes({ window, colours, formatValue, formatTime }: CurveInput): Record<string, unknown> {
  const text = { color: colours.text, fontSize: 10, fontFamily: 'Inter Variable' };
  return {
    xAxis: {
      type: 'time',
      min: nsToMs(window.from),
      max: nsToMs(window.to),
      axisLine: { lineStyle: { color: colours.grid } },
      axisTick: { show: false },
      splitLine: { show: false },
      splitNumber: 4,
      axisLabel: { ...text, formatter: formatTime, hideOverlap: true, margin: 6 },
    },
    yAxis: {
      type: 'value',
      scale: false,
      splitNumber: 2,
      axisLabel: { ...text, formatter: formatValue },
      splitLine: { lineStyle: { color: colours.grid } },
    },
  };
}

function area({ from, to }: TimeWindow, color: string): unknown {
  return [{ xAxis: nsToMs(from), itemStyle: { color } }, { xAxis: nsToMs(to) }];
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, at) => value - (b[at] ?? 0));
}

function pairs(x: Float64Array, y: Float64Array): (readonly [number, number | null])[] {
  return Array.from(x, (value, at) => {
    const point = y[at] ?? Number.NaN;
    return [value, Number.isFinite(point) ? point : null] as const;
  });
}

interface CurveFrame {
  readonly rows: number;
  readonly col: {
    readonly series_id: BigInt64Array;
    readonly bucket: Int32Array;
    readonly v: Float64Array;
    readonly lo: Float64Array;
    readonly hi: Float64Array;
  };
}

/** A buckets' worth of silence longer than this many usual distances is drawn as a gap. */
const GAP = 3;

/** Takes the answer of several series apart, one curve a series; long silences become gaps. */
export function curvesOf(
  frame: CurveFrame,
  from: bigint,
  step: bigint,
): ReadonlyMap<bigint, Curve> {
  const curves = new Map<bigint, Curve>();
  const { series_id } = frame.col;
  for (let start = 0; start < frame.rows;) {
    const id = series_id[start] ?? 0n;
    let end = start;
    while (end < frame.rows && series_id[end] === id) end++;
    curves.set(id, curveBetween(frame, start, end, from, step));
    start = end;
  }
  return curves;
}

function curveBetween(
  { col }: CurveFrame,
  start: number,
  end: number,
  from: bigint,
  step: bigint,
): Curve {
  const usual = usualDistance(col.bucket, start, end);
  const x: number[] = [];
  const rows: number[] = [];
  for (let row = start; row < end; row++) {
    const at = col.bucket[row] ?? 0;
    const before = col.bucket[row - 1] ?? at;
    if (row > start && at - before > usual * GAP) {
      x.push(middle(before + 1, from, step));
      rows.push(-1);
    }
    x.push(middle(at, from, step));
    rows.push(row);
  }
  const pick = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, (row) => (row < 0 ? Number.NaN : (column[row] ?? Number.NaN)));
  return { x: Float64Array.from(x), mean: pick(col.v), low: pick(col.lo), high: pick(col.hi) };
}

const middle = (bucket: number, from: bigint, step: bigint): number =>
  nsToMs(from + step * BigInt(bucket) + step / 2n);

function usualDistance(bucket: Int32Array, start: number, end: number): number {
  const distances = [];
  for (let row = start + 1; row < end; row++) {
    distances.push((bucket[row] ?? 0) - (bucket[row - 1] ?? 0));
  }
  distances.sort((a, b) => a - b);
  return Math.max(1, distances[distances.length >> 1] ?? 1);
}
