import { memo, useState } from 'react';
import { parseEntityId, renderSql, type Frame, type QueryCall } from '../../../../core/model';
import { traceList } from '../../../../core/model/queries';
import { focusWindow, select, showSql, useApp, useQuery } from '../../state';
import {
  Button,
  Empty,
  EntityName,
  Failure,
  Grow,
  Skeleton,
  Time,
  Toolbar,
  backendItems,
  formatCount,
  formatMs,
  openMenu,
  useGrowing,
} from '../../ui';

const LIMIT = 200;
const ORDERS = [
  { id: 'slow', title: 'Slowest' },
  { id: 'failed', title: 'Failed' },
  { id: 'recent', title: 'Latest' },
] as const;

type Order = (typeof ORDERS)[number]['id'];
type List = ReturnType<typeof traceList> extends QueryCall<infer S> ? Frame<S> : never;

function useTraces(order: Order): {
  call: ReturnType<typeof traceList> | undefined;
  about: string;
} {
  const window = useApp(focusWindow);
  const { entityId, edge } = useApp((state) => state.selection);
  if (!window) return { call: undefined, about: '' };
  const service = !edge && entityId?.startsWith('service:') ? entityId : '';
  const call = traceList({
    from: window.from,
    to: window.to,
    service,
    source: edge?.source ?? '',
    target: edge?.target ?? '',
    operation: '',
    failedOnly: order === 'failed',
    order,
    limit: LIMIT,
  });
  const about = edge
    ? `${parseEntityId(edge.source).name} → ${parseEntityId(edge.target).name}`
    : service === ''
      ? 'every service'
      : parseEntityId(service).name;
  return { call, about };
}

function Row({
  list,
  row,
  longest,
}: {
  readonly list: List;
  readonly row: number;
  readonly longest: number;
}) {
  const { col } = list;
  const traceId = col.trace_id[row] ?? '';
  const duration = col.duration_ms[row] ?? 0;
  const own = col.own_ms[row] ?? 0;
  const errors = col.errors[row] ?? 0;
  const service = col.service[row] ?? '';
  const open = (): void => select({ traceId, spanId: undefined });
  return (
    <tr
      tabIndex={0}
      onClick={open}
      onKeyDown={(event) => event.key === 'Enter' && open()}
      onContextMenu={(event) =>
        openMenu(
          event,
          [
            { title: 'Open the trace', run: open },
            { title: 'Copy the trace id', run: () => void navigator.clipboard.writeText(traceId) },
          ],
          backendItems({ kind: 'trace', traceId }),
        )
      }
    >
      <td>
        <Time ns={col.start[row] ?? 0n} precision="milli" />
      </td>
      <td>{service !== '' && <EntityName id={service} />}</td>
      <td className="cut trace-root" title={col.root[row]}>
        {col.root[row]}
      </td>
      <td
        className="trace-bar"
        title={`${formatMs(duration)} in all, ${formatMs(own)} the longest span of what is selected`}
      >
        <i style={{ width: `${(duration / longest) * 100}%` }} />
        <i className="own" style={{ width: `${(Math.min(own, duration) / longest) * 100}%` }} />
      </td>
      <td className="num right">{formatMs(duration)}</td>
      <td className="num right faint">{formatCount(col.spans[row] ?? 0)} spans</td>
      <td className={`num right ${errors > 0 ? 'crit' : 'faint'}`}>
        {errors > 0 ? `${formatCount(errors)} failed` : ''}
      </td>
    </tr>
  );
}

/** Rows drawn in a frame. */
const STEP = 20;
const KeptRow = memo(Row);

function Rows({ list, longest }: { readonly list: List; readonly longest: number }) {
  const shown = useGrowing(list.rows, STEP, list);
  return Array.from({ length: shown }, (_, row) => (
    <KeptRow key={list.col.trace_id[row]} list={list} row={row} longest={longest} />
  ));
}

function NoTrace({ failed }: { readonly failed: boolean }) {
  return (
    <Empty
      title={failed ? 'No failed span here' : 'No trace here'}
      action={
        <Button onClick={() => select({ entityId: undefined, edge: undefined, range: undefined })}>
          Show all traces
        </Button>
      }
    >
      {failed
        ? 'Nothing of what is selected failed in this time.'
        : 'Nothing of what is selected was traced in this time.'}
    </Empty>
  );
}

/** Traces that touch the selected service or edge in the selected time. */
export function TraceList() {
  const [order, setOrder] = useState<Order>('slow');
  const { call, about } = useTraces(order);
  const { data, loading, error } = useQuery(call);
  const matching = data?.col.matching[0] ?? 0;
  const longest = Math.max(...(data?.col.duration_ms ?? []), 0.001);
  return (
    <div className="panel">
      <Toolbar label="Traces">
        {ORDERS.map(({ id, title }) => (
          <Button key={id} tone="quiet" aria-pressed={order === id} onClick={() => setOrder(id)}>
            {title}
          </Button>
        ))}
        <span className="cut faint">of {about}</span>
        <Grow />
        {call && data && (
          <button
            type="button"
            className="plain faint num"
            title="Show the SQL"
            onClick={() => showSql(renderSql(call), `Traces of ${about}`)}
          >
            {matching > data.rows
              ? `first ${formatCount(data.rows)} of ${formatCount(matching)}`
              : `${formatCount(data.rows)} traces`}
          </button>
        )}
      </Toolbar>
      {error && <Failure error={error} />}
      {!data && loading && <Skeleton lines={12} />}
      {data && data.rows === 0 && <NoTrace failed={order === 'failed'} />}
      {data && data.rows > 0 && (
        <div className="panel-body">
          <table className="table traces" aria-label="Traces">
            <tbody>
              <Rows list={data} longest={longest} />
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
