import { useCallback, useEffect, useRef, useState } from 'react';
import { asFaultlineError, type FaultlineError } from '../../../../core/base';
import { TELEMETRY } from '../../../../core/model';
import type { SqlResult } from '../../../../core/store';
import { track, useApp, useCommandList, workbench, type AppState } from '../../state';
import { Button, Empty, Failure, Grow, ResultTable, Toolbar, formatMs, plural } from '../../ui';
import { SqlEditor } from './editor';
import './sql.css';

const LIMIT = 10_000;

/** Tables and columns for completion. */
function schemaOf(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(TELEMETRY).map(([table, columns]) => [
      table,
      ['source_id', 'row_no', ...Object.keys(columns)],
    ]),
  );
}

interface Outcome {
  readonly result?: SqlResult;
  readonly error?: FaultlineError;
  readonly ms: number;
}

const FIRST = `SELECT name, count(*) AS spans, median(duration) / 1e6 AS median_ms
FROM spans GROUP BY name ORDER BY spans DESC`;

/** The text that is being written and what it last answered; SQL that was followed runs at once. */
function useSql(given: AppState['sql']) {
  const [text, setText] = useState(given?.text ?? FIRST);
  const [running, setRunning] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const asked = useRef(0);

  const run = useCallback(async (sql: string): Promise<void> => {
    const mine = ++asked.current;
    const started = performance.now();
    setRunning(true);
    let next: Outcome;
    try {
      const result = await track(workbench().sql(sql, LIMIT));
      next = { result, ms: performance.now() - started };
    } catch (error) {
      next = { error: asFaultlineError(error), ms: performance.now() - started };
    }
    if (mine !== asked.current) return;
    setOutcome(next);
    setRunning(false);
  }, []);

  useEffect(() => {
    if (!given) return;
    setText(given.text);
    void run(given.text);
  }, [given, run]);

  return { text, setText, running, outcome, run };
}

/** Read-only SQL against the case. */
export default function SqlPanel() {
  const given = useApp((state) => state.sql);
  const [schema] = useState(schemaOf);
  const { text, setText, running, outcome, run } = useSql(given);

  useCommandList([
    {
      id: 'sql.run',
      title: 'Run the SQL',
      group: 'Panels',
      keys: ['Mod+Enter'],
      enabled: () => document.activeElement?.closest('.sql') !== null,
      run: () => void run(text),
    },
  ]);

  return (
    <div className="panel sql">
      <Toolbar label="SQL">
        <Button
          tone="quiet"
          shortcut="Mod+Enter"
          title="Run"
          disabled={running || text.trim() === ''}
          onClick={() => void run(text)}
        >
          {running ? 'Running…' : 'Run'}
        </Button>
        <span className="cut faint">{given?.text === text ? given.title : ''}</span>
        <Grow />
        {outcome?.result && (
          <span className="num faint">
            {outcome.result.truncated ? 'first ' : ''}
            {plural(outcome.result.rows, 'row')} in {formatMs(outcome.ms)}
          </span>
        )}
        <Button tone="quiet" onClick={() => void navigator.clipboard.writeText(text)}>
          Copy
        </Button>
      </Toolbar>
      <SqlEditor text={text} schema={schema} onChange={setText} onRun={() => void run(text)} />
      {outcome?.error && <Failure error={outcome.error} />}
      {outcome?.result && outcome.result.columns.length > 0 && (
        <ResultTable result={outcome.result} />
      )}
      {!outcome && (
        <Empty title="Ask the case anything">
          It is a DuckDB database; queries run read-only. Ctrl Enter runs.
        </Empty>
      )}
    </div>
  );
}
