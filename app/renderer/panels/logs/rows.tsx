import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { Frame, LogAnomaly } from '../../../../core/model';
import { logDetail, logPage, type LogFilter } from '../../../../core/model/queries';
import { reportError, runQuery, select, setSearch, showPanel, useQuery } from '../../state';
import { Button, EntityName, Time, backendItems, openMenu } from '../../ui';
import { matchesIn } from './search';
import { KindTag } from './templates';
import { KINDS } from './unusual';

const ROW = 20;
const PAGE = 200;

type Page = Frame<ReturnType<typeof logPage>['__columns'] & object>;

export interface LogLine {
  readonly sourceId: number;
  readonly rowNo: bigint;
  readonly ts: bigint;
  readonly severity: number;
  readonly level: string;
  readonly entityId: string;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
}

/** What is unusual about the template of a line, if anything is. */
export type UnusualOf = (line: LogLine) => LogAnomaly | undefined;

const LEVEL_WORDS = ['', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;

/** The level in a word: as the source says it, else by the severity number. */
function levelWord(severity: number, text: string): string {
  if (text !== '') return text.slice(0, 5).toUpperCase();
  return LEVEL_WORDS[Math.min(6, Math.ceil(severity / 4))] ?? '';
}

function lineOf(page: Page, row: number): LogLine {
  const { col } = page;
  return {
    sourceId: col.source_id[row] ?? 0,
    rowNo: col.row_no[row] ?? 0n,
    ts: col.ts[row] ?? 0n,
    severity: col.severity[row] ?? 0,
    level: levelWord(col.severity[row] ?? 0, col.severity_text[row] ?? ''),
    entityId: col.entity_id[row] ?? '',
    body: col.body[row] ?? '',
    traceId: col.trace_id[row] ?? '',
    spanId: col.span_id[row] ?? '',
  };
}

/** Pages of 200 lines, fetched as they come into sight; a new filter starts anew. */
function usePages(
  filter: LogFilter,
  first: number,
  last: number,
): (row: number) => LogLine | undefined {
  const key = JSON.stringify(filter, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v));
  const [pages, setPages] = useState<{ key: string; map: ReadonlyMap<number, Page> }>({
    key,
    map: new Map(),
  });
  const current = pages.key === key ? pages.map : undefined;
  useEffect(() => {
    let alive = true;
    const load = async (page: number): Promise<void> => {
      try {
        const call = logPage({ ...filter, limit: PAGE, offset: page * PAGE });
        const frame: Page = await runQuery(call);
        if (!alive) return;
        setPages((before) => ({
          key,
          map: new Map([...(before.key === key ? before.map : []), [page, frame]]),
        }));
      } catch (error) {
        if (alive) reportError('The log lines could not be read', error);
      }
    };
    const firstPage = Math.floor(first / PAGE);
    const lastPage = Math.floor(Math.max(first, last) / PAGE);
    for (let page = firstPage; page <= lastPage; page++) {
      if (current?.has(page)) continue;
      void load(page);
    }
    return () => {
      alive = false;
    };
  }, [key, first, last, filter, current]);
  return (row) => {
    const page = current?.get(Math.floor(row / PAGE));
    return page && row % PAGE < page.rows ? lineOf(page, row % PAGE) : undefined;
  };
}

function Body({ text, words }: { readonly text: string; readonly words: readonly string[] }) {
  const marks = matchesIn(text, words);
  if (marks.length === 0) return <>{text}</>;
  const parts: React.ReactNode[] = [];
  let at = 0;
  for (const [from, to] of marks) {
    parts.push(text.slice(at, from), <mark key={from}>{text.slice(from, to)}</mark>);
    at = to;
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}

const tone = (severity: number): string =>
  severity >= 17 ? 'crit' : severity >= 13 ? 'warn' : 'faint';

/** A sign in front of a line whose template is unusual, with the reason. */
function Mark({ anomaly }: { readonly anomaly: LogAnomaly | undefined }) {
  const kind = KINDS.find((one) => one.kind === anomaly?.kind);
  if (!anomaly || !kind) return <span className="log-mark" />;
  return (
    <span
      className={`log-mark tag-${kind.tone}`}
      title={`${kind.word}: ${anomaly.reason}`}
      aria-label={kind.word}
      role="img"
    >
      {kind.sign}
    </span>
  );
}

/** The lines themselves: mono, virtual, in time order; a click opens one. */
export function LogRows({
  filter,
  count,
  words,
  unusual,
  onOpen,
  open,
}: {
  readonly filter: LogFilter;
  readonly count: number;
  readonly words: readonly string[];
  readonly unusual: UnusualOf;
  readonly open: LogLine | undefined;
  readonly onOpen: (line: LogLine | undefined) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const line = usePages(filter, items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
  return (
    <div ref={scroller} className="log-rows" role="list" aria-label="Log lines" tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map(({ index, start }) => {
          const row = line(index);
          return (
            <div
              key={index}
              role="listitem"
              className={`log-row ${row && open && row.rowNo === open.rowNo && row.sourceId === open.sourceId ? 'on' : ''}`}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => onOpen(row)}
              onContextMenu={(event) => row && openLineMenu(event, row)}
            >
              {row ? (
                <>
                  <Mark anomaly={unusual(row)} />
                  <Time ns={row.ts} precision="milli" />
                  <span className={tone(row.severity)}>{row.level}</span>
                  <span className="cut">
                    {row.entityId !== '' && <EntityName id={row.entityId} icon={false} />}
                  </span>
                  <span className="log-body">
                    <Body text={row.body} words={words} />
                  </span>
                </>
              ) : (
                <i className="log-coming" />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function openTrace(line: LogLine): void {
  select({ traceId: line.traceId, spanId: line.spanId || undefined });
  showPanel('traces');
}

function openLineMenu(event: React.MouseEvent, line: LogLine): void {
  const { sourceId, rowNo } = line;
  openMenu(event, lineMenu(line), backendItems({ kind: 'line', sourceId, rowNo }));
}

function lineMenu(line: LogLine) {
  return [
    { title: 'Show its trace', run: () => openTrace(line), disabled: line.traceId === '' },
    {
      title: 'Lines of its trace',
      run: () => setSearch(`trace:${line.traceId}`),
      disabled: line.traceId === '',
    },
    'line' as const,
    { title: 'Copy the line', run: () => void navigator.clipboard.writeText(line.body) },
  ];
}

function traceTitle({ traceId }: LogLine, traced: number | undefined): string {
  if (traceId === '') return 'This line names no trace';
  return traced === 0 ? 'The spans of its trace are not in this case: sampled away' : traceId;
}

const CONTEXT_NS = 5_000_000_000n;

/** An attribute of the line, or (faint) of its resource: click and right click filter by it. */
function Attribute({
  name,
  value,
  faint = false,
}: {
  readonly name: string;
  readonly value: string;
  readonly faint?: boolean;
}) {
  const only = (): void => setSearch(`${name}:"${value}"`);
  return (
    <div>
      <dt className={faint ? 'faint' : ''}>{name}</dt>
      <dd>
        <button
          type="button"
          className="plain"
          title="Click: only lines with this value. Right click: more."
          onClick={only}
          onContextMenu={(event) =>
            openMenu(event, [
              { title: 'Only lines with this', run: only },
              { title: 'Only lines without', run: () => setSearch(`-${name}:"${value}"`) },
              { title: 'Copy', run: () => void navigator.clipboard.writeText(value) },
            ])
          }
        >
          {value}
        </button>
      </dd>
    </div>
  );
}

/** One line opened up: its text whole, attributes, and doors to its trace and to what stands around it. */
export function LogDetail({
  line,
  unusual,
  onClose,
}: {
  readonly line: LogLine;
  readonly unusual: LogAnomaly | undefined;
  readonly onClose: () => void;
}) {
  const { data } = useQuery(logDetail({ source: line.sourceId, row: line.rowNo }));
  const own = Object.entries(data?.col.attributes[0] ?? {});
  const resource = Object.entries(data?.col.resource[0] ?? {});
  return (
    <section className="log-detail" aria-label="Log line">
      <p className="log-detail-bar">
        <Button
          tone="quiet"
          disabled={data?.col.traced[0] !== 1}
          title={traceTitle(line, data?.col.traced[0])}
          onClick={() => openTrace(line)}
        >
          Show its trace
        </Button>
        <Button
          tone="quiet"
          title="Every line of this entity, 5 s before and after"
          onClick={() => {
            setSearch('');
            select({
              range: { from: line.ts - CONTEXT_NS, to: line.ts + CONTEXT_NS },
              entityId: line.entityId || undefined,
            });
          }}
        >
          Context ± 5 s
        </Button>
        <span className="grow" />
        <Button tone="quiet" onClick={onClose}>
          Close
        </Button>
      </p>
      {unusual && (
        <p className="log-why">
          <KindTag anomaly={unusual} /> {unusual.reason}
        </p>
      )}
      <pre className="mono">{line.body}</pre>
      <dl className="mono">
        {own.map(([key, value]) => (
          <Attribute key={key} name={key} value={value} />
        ))}
        {resource.map(([key, value]) => (
          <Attribute key={key} name={key} value={value} faint />
        ))}
      </dl>
    </section>
  );
}
