import { useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import {
  renderSql,
  searchFor,
  type Difference,
  type ExplainFilter,
  type Explanation,
  type Novelty,
} from '../../../../core/model';
import { select, selectEntity, setSearch, showPanel, showSql, togglePinned } from '../../state';
import {
  Button,
  Empty,
  Tag,
  formatCount,
  openMenu,
  plural,
  useGrowing,
  type MenuItem,
} from '../../ui';
import { SIGNAL_WORD, callOf, effectText, significance, type SortKey } from './model';

const STEP = 40;

const NOVELTY: Readonly<
  Record<Novelty, { readonly word: string; readonly tone: 'ok' | 'warn' | 'plain' }>
> = {
  new: { word: 'new', tone: 'ok' },
  gone: { word: 'gone', tone: 'warn' },
  changed: { word: 'changed', tone: 'plain' },
  always: { word: 'always so', tone: 'plain' },
};

const COLUMNS: readonly { readonly key: SortKey; readonly title: string; readonly hint: string }[] =
  [
    { key: 'effect', title: 'Effect', hint: 'Standardised: deviations, Cohen’s h, log ratio' },
    { key: 'q', title: 'Chance', hint: 'Corrected for all comparisons' },
    { key: 'rows', title: 'Rows', hint: 'Before and now' },
  ];

/** Goes to where a line comes from: the one selection, and the panel of its signal. */
function follow(d: Difference): void {
  if (d.edge && d.signal === 'edge') {
    select({ edge: d.edge, entityId: undefined, evidenceId: undefined });
    showPanel('topology');
    return;
  }
  if (d.entityId !== '') selectEntity(d.entityId);
  if (d.signal === 'metric') showPanel('metrics');
  if (d.signal === 'operation' || d.signal === 'attribute') showPanel('traces');
  if (d.signal === 'change') showPanel('changes');
  if (d.signal === 'log-template') {
    setSearch(searchFor(d.name));
    showPanel('logs');
  }
}

function menuOf(
  d: Difference,
  explanation: Explanation,
  onAgainst: (filter: ExplainFilter) => void,
): readonly (MenuItem | 'line')[] {
  const { attribute, seriesId, signal } = d;
  return [
    { title: 'Show where it comes from', run: () => follow(d) },
    ...(attribute
      ? [{ title: 'Compare spans with this against the rest', run: () => onAgainst(attribute) }]
      : []),
    ...(signal === 'operation'
      ? [
          {
            title: 'Compare this operation against the rest',
            run: () => onAgainst({ operation: d.name }),
          },
        ]
      : []),
    ...(seriesId === undefined
      ? []
      : [{ title: 'Pin to the timeline', run: () => togglePinned(seriesId) }]),
    'line',
    {
      title: 'Show the SQL',
      run: () =>
        showSql(
          renderSql(callOf(explanation.request, signal)),
          `Explain: every ${SIGNAL_WORD[signal]}`,
        ),
    },
    { title: 'Copy', run: () => void navigator.clipboard.writeText(d.sentence) },
  ];
}

interface LinesProps {
  readonly explanation: Explanation;
  readonly lines: readonly Difference[];
  readonly sort: SortKey;
  readonly dimmed: boolean;
  readonly onSort: (sort: SortKey) => void;
  readonly onAgainst: (filter: ExplainFilter) => void;
  readonly onReset: () => void;
}

export function Lines({
  explanation,
  lines,
  sort,
  dimmed,
  onSort,
  onAgainst,
  onReset,
}: LinesProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [at, setAt] = useState(0);
  const shown = useGrowing(lines.length, STEP, lines[0]);
  const focus = (row: number): void => {
    const next = Math.min(shown - 1, Math.max(0, row));
    setAt(next);
    body.current?.querySelectorAll<HTMLElement>('tr')[next]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, row: number, d: Difference): void => {
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: row + 1,
      ArrowUp: row - 1,
      Home: 0,
      End: shown - 1,
    };
    const next = moves[event.key];
    if (next !== undefined) focus(next);
    else if (event.key === 'Enter') follow(d);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  if (lines.length === 0) {
    return (
      <Empty title="No line is left" action={<Button onClick={onReset}>Show all</Button>}>
        None of {plural(explanation.differences.length, 'line')} fits the filter.
      </Empty>
    );
  }
  return (
    <div className="panel-body">
      <table className="table explain-table" aria-label="Differences" aria-busy={dimmed}>
        <Heads sort={sort} onSort={onSort} />
        <tbody ref={body}>
          {lines.slice(0, shown).map((d, row) => (
            <Line
              key={d.rank}
              difference={d}
              reached={row === Math.min(at, shown - 1)}
              onFocus={() => setAt(row)}
              onKeyDown={(event) => onKeyDown(event, row, d)}
              onContextMenu={(event) => openMenu(event, menuOf(d, explanation, onAgainst))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LineProps {
  readonly difference: Difference;
  /** Where the Tab key comes in. */
  readonly reached: boolean;
  readonly onFocus: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onContextMenu: (event: MouseEvent) => void;
}

function Line({ difference: d, reached, ...handlers }: LineProps) {
  return (
    <tr
      tabIndex={reached ? 0 : -1}
      title="Enter or click: show where it comes from"
      onClick={() => follow(d)}
      {...handlers}
    >
      <td className="faint num">{d.rank}</td>
      <td>
        <span className="second">{SIGNAL_WORD[d.signal]}</span>
      </td>
      <td className="explain-what">
        {d.novelty !== 'changed' && (
          <Tag tone={NOVELTY[d.novelty].tone}>{NOVELTY[d.novelty].word}</Tag>
        )}{' '}
        {d.sentence}
      </td>
      <td className="num right">{effectText(d)}</td>
      <td className="num right second">{significance(d)}</td>
      <td className="num right second">
        {formatCount(Math.round(d.support.reference))} →{' '}
        {formatCount(Math.round(d.support.selected))}
      </td>
    </tr>
  );
}

function Heads({ sort, onSort }: Pick<LinesProps, 'sort' | 'onSort'>) {
  return (
    <thead>
      <tr>
        <Head title="#" column="rank" hint="By effect and certainty" {...{ sort, onSort }} />
        <th scope="col">Signal</th>
        <th scope="col">What differs</th>
        {COLUMNS.map(({ key, title, hint }) => (
          <Head key={key} column={key} {...{ title, hint, sort, onSort }} />
        ))}
      </tr>
    </thead>
  );
}

function Head({
  title,
  hint,
  column,
  sort,
  onSort,
}: {
  readonly title: string;
  readonly hint: string;
  readonly column: SortKey;
  readonly sort: SortKey;
  readonly onSort: (sort: SortKey) => void;
}) {
  const on = sort === column;
  return (
    <th
      scope="col"
      className={column === 'rank' ? '' : 'right'}
      aria-sort={on ? (column === 'rank' || column === 'q' ? 'ascending' : 'descending') : 'none'}
    >
      <button
        type="button"
        className={`plain ${on ? 'strong' : ''}`}
        title={`${hint}. Click to sort.`}
        onClick={() => onSort(column)}
      >
        {title}
      </button>
    </th>
  );
}
