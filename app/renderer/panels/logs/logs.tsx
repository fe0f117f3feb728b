import { useMemo, useState } from 'react';
import { select, focusWindow, setSearch, showSql, useApp, useCommandList } from '../../state';
import { renderSql, type LogAnomaly } from '../../../../core/model';
import { logPage, type LogFilter } from '../../../../core/model/queries';
import { Button, Empty, Grow, Toolbar, plural } from '../../ui';
import { Histogram, useLineCount } from './histogram';
import { LogDetail, LogRows, type LogLine, type UnusualOf } from './rows';
import { logFilter } from './search';
import { TemplateText, Templates } from './templates';
import { likeOf, templateFinder, type TemplateEntry } from './unusual';
import './logs.css';

const LEVELS = [
  { title: 'All', min: 0 },
  { title: 'Info', min: 9 },
  { title: 'Warn', min: 13 },
  { title: 'Error', min: 17 },
] as const;

/** Rows beyond this would make the scroller taller than a page can be; narrow the time to see the rest. */
const MOST_ROWS = 1_500_000;

/** What is asked of the log lines: window, search box, entity, level, template; with the number of lines. */
function useFilter(minSeverity: number, chosen: TemplateEntry | undefined) {
  const window = useApp(focusWindow);
  const search = useApp((state) => state.search);
  const entityId = useApp((state) => state.selection.entityId);
  const entities = useApp((state) => state.entities);
  const filter = useMemo(
    () =>
      window &&
      ofTemplate(
        logFilter(search, { from: window.from, to: window.to, minSeverity, entityId }, entities),
        chosen,
      ),
    [window, search, minSeverity, entityId, entities, chosen],
  );
  return { window, search, entityId, filter, count: useLineCount(filter) };
}

/** The filter, for lines of one template of its entity. */
function ofTemplate(filter: LogFilter, chosen: TemplateEntry | undefined): LogFilter {
  if (!chosen) return filter;
  const entities = chosen.entityId === '' ? filter.entities : [chosen.entityId];
  return { ...filter, entities, like: likeOf(chosen.template) };
}

/** What is unusual about the template of a line, if anything is. */
function useUnusual(): UnusualOf {
  const templates = useApp((state) => state.analysis?.logTemplates);
  const anomalies = useApp((state) => state.analysis?.logAnomalies);
  return useMemo(() => {
    const byTemplate = new Map<string, LogAnomaly>();
    // A template may be out of order in few of its lines: its name alone does not say of which.
    for (const one of anomalies ?? [])
      if (one.kind !== 'order') byTemplate.set(one.templateId, one);
    const find = templateFinder([...(templates ?? []), ...(anomalies ?? [])]);
    return ({ entityId, body }) => {
      const templateId = find(entityId, body);
      return templateId === undefined ? undefined : byTemplate.get(templateId);
    };
  }, [templates, anomalies]);
}

interface ToolsProps {
  readonly filter: LogFilter;
  readonly count: number | undefined;
  readonly minSeverity: number;
  readonly onSeverity: (min: number) => void;
  readonly templates: boolean;
  readonly onTemplates: (shown: boolean) => void;
  readonly chosen: TemplateEntry | undefined;
  readonly onChoose: (entry: TemplateEntry | undefined) => void;
}

function Tools(props: ToolsProps) {
  const { filter, count, minSeverity, onSeverity, templates, onTemplates, chosen, onChoose } =
    props;
  const search = useApp((state) => state.search);
  const sql = (): string => renderSql(logPage({ ...filter, limit: 1000, offset: 0 }));
  return (
    <Toolbar label="Logs">
      {LEVELS.map(({ title, min }) => (
        <Button
          key={title}
          tone="quiet"
          aria-pressed={minSeverity === min}
          onClick={() => onSeverity(min)}
        >
          {title}
        </Button>
      ))}
      <span className="sep" />
      <Button tone="quiet" aria-pressed={templates} onClick={() => onTemplates(!templates)}>
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
      {chosen && (
        <button
          type="button"
          className="chip mono template-chip"
          title={`Only lines of ${chosen.template}\nClick: show all`}
          onClick={() => onChoose(undefined)}
        >
          <span className="cut">
            <TemplateText text={chosen.template} />
          </span>{' '}
          ✕
        </button>
      )}
      <Grow />
      {count !== undefined && (
        <button
          type="button"
          className="plain faint num"
          title="Show the SQL"
          onClick={() => showSql(sql(), 'Log lines')}
        >
          {plural(count, 'line')}
        </button>
      )}
    </Toolbar>
  );
}

function NoLine({ words, onReset }: { readonly words: string; readonly onReset: () => void }) {
  return (
    <Empty
      title="No line fits"
      action={
        <Button
          onClick={() => {
            setSearch('');
            select({ range: undefined, entityId: undefined });
            onReset();
          }}
        >
          Show all lines
        </Button>
      }
    >
      Nothing in this window has all of: {words}.
    </Empty>
  );
}

interface LinesProps {
  readonly filter: LogFilter;
  readonly count: number | undefined;
  /** The filter in words. */
  readonly words: string;
  readonly onReset: () => void;
}

/** The lines that fit, and the one that is opened up. */
function Lines({ filter, count, words, onReset }: LinesProps) {
  const [open, setOpen] = useState<LogLine>();
  const unusual = useUnusual();
  return (
    <div className="logs-list">
      {count === 0 ? (
        <NoLine words={words} onReset={onReset} />
      ) : (
        <LogRows
          filter={filter}
          count={Math.min(count ?? 0, MOST_ROWS)}
          words={filter.contains}
          unusual={unusual}
          open={open}
          onOpen={setOpen}
        />
      )}
      {open && <LogDetail line={open} unusual={unusual(open)} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

/** Log lines of what is selected: histogram, templates, rows, one line opened up. */
export default function LogsPanel() {
  const [minSeverity, setMinSeverity] = useState<number>(0);
  const [templates, setTemplates] = useState(true);
  const [chosen, setChosen] = useState<TemplateEntry>();
  const { window, search, entityId, filter, count } = useFilter(minSeverity, chosen);
  const hasLogs = useApp((state) =>
    state.info?.facts.counts.some(({ table, rows }) => table === 'logs' && rows > 0),
  );
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
      <Tools
        {...{ filter, count, minSeverity, templates, chosen }}
        onChoose={setChosen}
        onSeverity={setMinSeverity}
        onTemplates={setTemplates}
      />
      <Histogram filter={filter} window={window} />
      <div className="logs-main">
        {templates && <Templates chosen={chosen} onChoose={setChosen} />}
        <Lines
          {...{ filter, count }}
          words={describe(search, minSeverity, entityId, chosen)}
          onReset={() => {
            setMinSeverity(0);
            setChosen(undefined);
          }}
        />
      </div>
      {count !== undefined && count > MOST_ROWS && (
        <p className="small warn">
          Only the first {plural(MOST_ROWS, 'line')} are listed: narrow the time to see the rest.
        </p>
      )}
    </div>
  );
}

function describe(
  search: string,
  minSeverity: number,
  entityId: string | undefined,
  chosen: TemplateEntry | undefined,
): string {
  const level = LEVELS.find(({ min }) => min === minSeverity);
  const parts = [
    search,
    minSeverity > 0 ? `level ${level?.title.toLowerCase() ?? ''} or worse` : '',
    chosen ? `the template "${chosen.template}"` : '',
    entityId === undefined ? '' : `from ${entityId.slice(entityId.indexOf(':') + 1)}`,
  ];
  return parts.filter(Boolean).join(', ') || 'a log line';
}
