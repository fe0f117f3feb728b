import { showSql, useApp, useAsync, workbench } from '../../state';
import { Button, Empty, Failure, Grow, ResultTable, Skeleton, Toolbar, plural } from '../../ui';

const LIMIT = 10_000;

/** The rows that a number rests on, as they came in: each with its source and its place there. */
export default function RowsPanel() {
  const rows = useApp((state) => state.rows);
  const { data, loading, error } = useAsync(rows?.text, () =>
    workbench().sql(rows?.text ?? '', LIMIT),
  );
  if (!rows) {
    return (
      <Empty title="No rows were asked for">
        Every number is a door: click one in the evidence, on an edge or in a chart, and the rows
        that it rests on stand here.
      </Empty>
    );
  }
  return (
    <div className="panel">
      <Toolbar label="Rows">
        <span className="cut" title={rows.title}>
          {rows.title}
        </span>
        <Grow />
        {data && (
          <span className="num faint">
            {data.truncated ? `first ${plural(data.rows, 'row')}` : plural(data.rows, 'row')}
          </span>
        )}
        <Button tone="quiet" onClick={() => showSql(rows.text, rows.title)}>
          SQL
        </Button>
      </Toolbar>
      {error ? <Failure error={error} /> : data ? <ResultTable result={data} /> : null}
      {loading && !data && <Skeleton lines={10} />}
    </div>
  );
}
