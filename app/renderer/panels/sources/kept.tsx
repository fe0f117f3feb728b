import { coverageRows } from '../../../../core/model/queries';
import { renderSql } from '../../../../core/model';
import { showRows, useApp, useQuery } from '../../state';
import { Bar, Button, Empty, Failure, Skeleton, formatDateTime, formatTime } from '../../ui';
import { keptText } from './describe';

const CALL = coverageRows({ limit: 2000 });

/** Signal by window: what there was, what was kept, and where the figures come from. */
export function Kept() {
  const { data, error, loading } = useQuery(CALL);
  const zone = useApp((state) => state.zone);
  if (error) return <Failure error={error} />;
  if (!data) return loading ? <Skeleton /> : null;
  if (data.rows === 0) {
    return (
      <Empty title="Everything was taken in whole">
        Files are read to their end. A pull lists here what the backend had in each window and what
        was kept of it.
      </Empty>
    );
  }
  const { col } = data;
  return (
    <>
      <ul className="plain-list">
        {Array.from({ length: data.rows }, (_, i) => {
          const total = col.rows_total[i] ?? Number.NaN;
          const kept = col.rows_kept[i] ?? 0;
          return (
            <li key={i} className="coverage">
              <p className="source-head">
                <span className="strong grow cut">
                  {col.signal[i]} <span className="faint">{col.source[i]}</span>
                </span>
                {!Number.isNaN(total) && total > 0 && (
                  <Bar value={kept / total} label={`Kept of ${col.signal[i]}`} />
                )}
              </p>
              <p className="num">
                <span className={col.sampled[i] ? 'warn' : 'second'}>
                  {col.sampled[i] ? '▲ sampled: ' : ''}
                  {keptText(kept, total)}
                </span>
              </p>
              <p className="small faint num">
                {formatDateTime(col.window_from[i] ?? 0n, zone)} –{' '}
                {formatTime(col.window_to[i] ?? 0n, zone)}
              </p>
              {col.how[i] !== '' && <p className="small faint">{col.how[i]}</p>}
            </li>
          );
        })}
      </ul>
      <Button tone="quiet" onClick={() => showRows(renderSql(CALL), 'What was kept')}>
        Show as rows
      </Button>
    </>
  );
}
