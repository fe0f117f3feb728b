import { useMemo } from 'react';
import { nsToMs } from '../../../../core/base';
import { renderSql, type Frame, type QueryCall } from '../../../../core/model';
import { changeRows, linkedChanges } from '../../../../core/model/queries';
import { select, showSql, useApp, useQuery } from '../../state';
import {
  Button,
  Empty,
  EntityName,
  Failure,
  Grow,
  OpenIn,
  Skeleton,
  Tag,
  Time,
  Toolbar,
  backendItems,
  formatMs,
  openMenu,
  plural,
} from '../../ui';

const AROUND_NS = 60_000_000_000n;

/** "2 min 10 s before the incident", "40 s into it". */
export function distance(ts: bigint, incidentFrom: bigint): string {
  const ms = nsToMs(ts - incidentFrom);
  return ms < 0
    ? `${formatMs(-ms)} before the incident`
    : ms === 0
      ? 'as the incident began'
      : `${formatMs(ms)} into the incident`;
}

interface ChangeFacts {
  readonly ts: bigint;
  readonly kind: string;
  readonly title: string;
  readonly entityId: string;
  readonly sourceId: number;
  readonly rowNo: bigint;
  /** It holds an address. */
  readonly linked: boolean;
}

function Change({
  change: { ts, kind, title, entityId, sourceId, rowNo, linked },
  incidentFrom,
}: {
  readonly change: ChangeFacts;
  readonly incidentFrom: bigint | undefined;
}) {
  const row = { kind: 'change', sourceId, rowNo } as const;
  const around = (): void => select({ range: { from: ts - AROUND_NS, to: ts + AROUND_NS } });
  return (
    <tr
      onContextMenu={(event) =>
        openMenu(
          event,
          [
            { title: 'Select a minute around it', run: around },
            { title: 'Copy', run: () => void navigator.clipboard.writeText(title) },
          ],
          backendItems(row),
        )
      }
    >
      <td>
        <button type="button" className="plain" title="Select a minute around it" onClick={around}>
          <Time ns={ts} />
        </button>
      </td>
      <td>
        <Tag tone="change">{kind}</Tag>
      </td>
      <td>{entityId !== '' && <EntityName id={entityId} />}</td>
      <td className="strong">{title}</td>
      <td className="faint num">{incidentFrom !== undefined && distance(ts, incidentFrom)}</td>
      <td className="right">
        {linked && (
          <OpenIn
            row={row}
            title="Its pull request, commit, deployment: what it gives the address of"
          />
        )}
      </td>
    </tr>
  );
}

/** Rows that give the address of a page, by source and row. */
function useLinked(): ReadonlySet<string> {
  const { data } = useQuery(linkedChanges({}));
  return useMemo(
    () =>
      new Set(
        Array.from(
          { length: data?.rows ?? 0 },
          (_, row) => `${data?.col.source_id[row]} ${data?.col.row_no[row]}`,
        ),
      ),
    [data],
  );
}

type Changes = ReturnType<typeof changeRows> extends QueryCall<infer S> ? Frame<S> : never;

function changeAt({ col }: Changes, row: number, linked: ReadonlySet<string>): ChangeFacts {
  const [sourceId = 0, rowNo = 0n] = [col.source_id[row], col.row_no[row]];
  return {
    ts: col.ts[row] ?? 0n,
    kind: col.kind[row] ?? '',
    title: col.title[row] ?? '',
    entityId: col.entity_id[row] ?? '',
    sourceId,
    rowNo,
    linked: linked.has(`${sourceId} ${rowNo}`),
  };
}

/** Deploys, flags, scalings: what was changed, nearest to the incident's start marked. */
export default function ChangesPanel() {
  const { data, loading, error } = useQuery(changeRows({}));
  const linked = useLinked();
  const entityId = useApp((state) => state.selection.entityId);
  const incident = useApp((state) => state.analysis?.incident);
  if (error) return <Failure error={error} />;
  if (!data) return loading ? <Skeleton /> : null;
  const rows = Array.from({ length: data.rows }, (_, row) => row).filter(
    (row) => entityId === undefined || data.col.entity_id[row] === entityId,
  );
  if (data.rows === 0) {
    return (
      <Empty title="No changes in this case">
        Import a changes file, or deployment events: what was changed shortly before is the first
        thing to look at.
      </Empty>
    );
  }
  return (
    <div className="panel">
      <Toolbar label="Changes">
        <span className="num">
          {rows.length === data.rows
            ? plural(data.rows, 'change')
            : `${rows.length} of ${plural(data.rows, 'change')}`}
        </span>
        {rows.length < data.rows && (
          <Button tone="quiet" onClick={() => select({ entityId: undefined })}>
            Show all
          </Button>
        )}
        <Grow />
        <Button tone="quiet" onClick={() => showSql(renderSql(changeRows({})), 'All changes')}>
          SQL
        </Button>
      </Toolbar>
      <div className="panel-body changes">
        {rows.length === 0 && (
          <Empty title="Nothing was changed here">The selected entity has no change.</Empty>
        )}
        <table className="table">
          <tbody>
            {rows.map((row) => (
              <Change
                key={row}
                change={changeAt(data, row, linked)}
                incidentFrom={incident?.from}
              />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
