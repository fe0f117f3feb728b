import { shapeBars } from './recent-text';

const HEIGHT = 16;

/** How hot the worst entity of a case was over its time: 40 bars. */
export function Shape({ shape }: { readonly shape: readonly number[] }) {
  if (shape.length === 0) return <span className="faint">–</span>;
  const peak = Math.max(...shape);
  const at = shape.indexOf(peak);
  const label = `Anomalies over time, strongest ${Math.round((100 * at) / shape.length)} % in`;
  return (
    <svg className="shape" width={shape.length * 3} height={HEIGHT} role="img" aria-label={label}>
      {shapeBars(shape, HEIGHT).map(({ x, height, hot }) => (
        <rect
          key={x}
          x={x}
          y={HEIGHT - height}
          width={2}
          height={height}
          fill={hot ? 'var(--heat-3)' : 'var(--fg-2)'}
        />
      ))}
    </svg>
  );
}
