import { useMemo, useState } from 'react';
import { select, focusWindow, setSearch, showSql, useApp, useCommandList } from '../../state';
import { renderSql } from '../../../../core/model';
import { logPage } from '../../../../core/model/queries';
import { Button, Empty, Grow, Toolbar, plural } from '../../ui';
import { Histogram, useLineCount } from './histogram';
import { LogDetail, LogRows, type LogLine } from './rows';
import { logFilter } from './search';
import { Templates } from './templates';
import './logs.css';

const LEVELS = [
  { title: 'All', min: 0 },
  { title: 'Info', min: 9 },
  { title: 'Warn', min: 13 },
  { title: 'Error', min: 17 },
] as const;

/** Rows beyond this would make the scroller taller than a page can be; narrow the time to see the rest. */
const MOST_ROWS = 1_500_000;

export default function LogsPanel() {
  const window = useApp(focusWindow);
  const search = useApp((state) => state.search);
  const entityId = useApp((state) => state.selection.entityId);
  const entities = useApp((state) => state.entities);
  const hasLogs = useApp((state) =>
    state.info?.facts.counts.some((count) => count.table === 'logs' && count.rows > 0),
  );
  const [minSeverity, setMinSeverity] = useState<number>(0);
  const [templates, setTemplates] = useState(true);
  const [open, setOpen] = useState<LogLine>();
  const filter = useMemo(
    () =>
      window &&
      logFilter(search, { from: window.from, to: window.to, minSeverity, entityId }, entities),
    [window, search, minSeverity, entityId, entities],
  );
  const count = useLineCount(filter);
  useCommandList(
    LEVELS.slice(1).map(({ title, min }) => ({
      id: `logs.${title.toLowerCase()}`,
      title: `Only log lines from ${title.toLowerCase()} up`,
      group: 'Panels' as const,
      run: () => setMinSeverity((now) => (now === min ? 0 : min)),
    })),
  );
  if (!hasLogs || !window || !filter) {
    return (
      <Empty title="No logs in this case">
        Import log files, pull an Elasticsearch or OpenSearch index, or let an OpenTelemetry
        exporter send them.
      </Empty>
    );
  }
  return (
    <div className="panel logs">
      <Toolbar label="Logs">
        {LEVELS.map(({ title, min }) => (
          <Button
            key={title}
            tone="quiet"
            aria-pressed={minSeverity === min}
            onClick={() => setMinSeverity(min)}
          >
            {title}
          </Button>
        ))}
        <span className="sep" />
        <Button
          tone="quiet"
          aria-pressed={templates}
          onClick={() => setTemplates((shown) => !shown)}
        >
          Templates
        </Button>
        {search !== '' && (
          <button
            type="button"
            className="chip mono"
            title="Clear the search"
            onClick={() => setSearch('')}
          >
            {search} ✕
          </button>
        )}
        <Grow />
        {count !== undefined && (
          <button
            type="button"
            className="plain faint num"
            title="Show the SQL"
            onClick={() =>
              showSql(renderSql(logPage({ ...filter, limit: 1000, offset: 0 })), 'Log lines')
            }
          >
            {plural(count, 'line')}
          </button>
        )}
      </Toolbar>
      <Histogram filter={filter} window={window} />
      <div className="logs-main">
        {templates && <Templates />}
        <div className="logs-list">
          {count === 0 ? (
            <Empty
              title="No line fits"
              action={
                <Button
                  onClick={() => {
                    setSearch('');
                    setMinSeverity(0);
                    select({ range: undefined, entityId: undefined });
                  }}
                >
                  Show all lines
                </Button>
              }
            >
              Nothing in this window has all of: {describe(search, minSeverity, entityId)}.
            </Empty>
          ) : (
            <LogRows
              filter={filter}
              count={Math.min(count ?? 0, MOST_ROWS)}
              words={filter.contains}
              open={open}
              onOpen={setOpen}
            />
          )}
          {open && <LogDetail line={open} onClose={() => setOpen(undefined)} />}
        </div>
      </div>
      {count !== undefined && count > MOST_ROWS && (
        <p className="small warn">
          Only the first {plural(MOST_ROWS, 'line')} are listed: narrow the time to see the rest.
        </p>
      )}
    </div>
  );
}

function describe(search: string, minSeverity: number, entityId: string | undefined): string {
  const level = LEVELS.find(({ min }) => min === minSeverity);
  const parts = [
    search,
    minSeverity > 0 ? `level ${level?.title.toLowerCase() ?? ''} or worse` : '',
    entityId === undefined ? '' : `from ${entityId.slice(entityId.indexOf(':') + 1)}`,
  ];
  return parts.filter(Boolean).join(', ') || 'a log line';
}
