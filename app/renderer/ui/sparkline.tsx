import type { TimeWindow } from '../../../core/base';

export interface SparkPoint {
  /** Bucket number; gaps between numbers stay gaps in the line. */
  readonly bucket: number;
  readonly value: number;
}

/** The line of a series as an SVG path: one segment a stretch without gaps. Pure. */
export function sparkPath(
  points: readonly SparkPoint[],
  buckets: number,
  width: number,
  height: number,
  max: number,
): string {
  let path = '';
  let previous = -2;
  for (const { bucket, value } of points) {
    if (!Number.isFinite(value)) continue;
    const x = ((bucket + 0.5) / buckets) * width;
    const y = height - (Math.max(0, value) / (max || 1)) * height;
    path += `${bucket === previous + 1 ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    previous = bucket;
  }
  return path;
}

const share = (at: bigint, whole: TimeWindow): number =>
  Math.min(1, Math.max(0, Number(at - whole.from) / Number(whole.to - whole.from)));

/** A small chart of one or two lines over the case, with the baseline and the incident behind it. */
export function Sparkline({
  lines,
  buckets,
  window,
  baseline,
  incident,
  label,
  height = 84,
}: {
  readonly lines: readonly { readonly points: readonly SparkPoint[]; readonly colour: string }[];
  readonly buckets: number;
  readonly window: TimeWindow;
  readonly baseline: TimeWindow | null;
  readonly incident: TimeWindow;
  readonly label: string;
  readonly height?: number;
}) {
  const width = 300;
  const max = Math.max(...lines.flatMap((line) => line.points.map((p) => p.value)), 0) * 1.08;
  const band = (of: TimeWindow, fill: string) => (
    <rect
      x={share(of.from, window) * width}
      width={Math.max(1, (share(of.to, window) - share(of.from, window)) * width)}
      y={0}
      height={height}
      fill={fill}
    />
  );
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      height={height}
      role="img"
      aria-label={label}
    >
      {baseline && band(baseline, 'var(--base-dim)')}
      {band(incident, 'var(--inc-dim)')}
      {lines.map(({ points, colour }, at) => (
        <path
          key={at}
          d={sparkPath(points, buckets, width, height, max)}
          fill="none"
          stroke={colour}
          strokeWidth={1.4}
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
}
