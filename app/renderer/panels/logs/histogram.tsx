import { windowDuration, type TimeWindow } from '../../../../core/base';
import { logHistogram, type LogFilter } from '../../../../core/model/queries';
import { select, useQuery } from '../../state';
import { formatCount, useTimeText } from '../../ui';

const BARS = 90;

/** Lines over time by severity; a click on a bar narrows everything to it. */
export function Histogram({
  filter,
  window,
}: {
  readonly filter: LogFilter;
  readonly window: TimeWindow;
}) {
  const time = useTimeText();
  const step = windowDuration(window) / BigInt(BARS) + 1n;
  const { data } = useQuery(logHistogram({ ...filter, step }));
  const bars = data
    ? Array.from({ length: data.rows }, (_, row) => ({
        bucket: data.col.bucket[row] ?? 0,
        n: data.col.n[row] ?? 0,
        errors: data.col.errors[row] ?? 0,
        warnings: data.col.warnings[row] ?? 0,
      }))
    : [];
  const most = Math.max(1, ...bars.map((bar) => bar.n));
  return (
    <div className="log-histogram" role="group" aria-label="Log lines over time">
      {bars.map(({ bucket, n, errors, warnings }) => {
        const from = window.from + step * BigInt(bucket);
        const text = `${time(from)}: ${formatCount(n)} lines, ${formatCount(errors)} errors, ${formatCount(warnings)} warnings`;
        const part = (count: number): string => `${(count / most) * 100}%`;
        return (
          <button
            key={bucket}
            type="button"
            style={{ left: `${(bucket / BARS) * 100}%`, width: `${100 / BARS}%` }}
            title={`${text}. Click: narrow to it.`}
            aria-label={text}
            tabIndex={-1}
            onClick={() => select({ range: { from, to: from + step } })}
          >
            <i style={{ height: part(n - errors - warnings), background: 'var(--fg-2)' }} />
            <i style={{ height: part(warnings), background: 'var(--warn)' }} />
            <i style={{ height: part(errors), background: 'var(--crit)' }} />
          </button>
        );
      })}
    </div>
  );
}

/** Lines in all, from the histogram's answer (the same filter). */
export function useLineCount(filter: LogFilter | undefined): number | undefined {
  const call =
    filter && logHistogram({ ...filter, step: windowDuration(filter) / BigInt(BARS) + 1n });
  const { data } = useQuery(call);
  return data?.col.n.reduce((sum, n) => sum + n, 0);
}
