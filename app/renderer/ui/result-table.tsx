import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState, type CSSProperties } from 'react';
import type { Cell, SqlResult } from '../../../core/store';
import { reportError, tell } from '../state';
import { formatDateTime } from './format';
import { openMenu } from './menu';

const ROW = 22;
const SAMPLE_ROWS = 40;
const LONGEST = 48;

/** A cell as text: lists and maps as JSON-like text, NULL apart from ''. */
export function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return 'NULL';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'object') {
    return JSON.stringify(cell, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v));
  }
  return String(cell);
}

/** Room for a date and time with milliseconds. */
const TIME_CHARS = 25;

const isTime = (name: string, cell: Cell | undefined): cell is bigint =>
  typeof cell === 'bigint' &&
  cell > 10n ** 17n &&
  /(^|_)(ts|start|starts_at|ends_at|at|from|to)$/.test(name);

/** Column widths in characters, from the names and the first rows. */
export function columnWidths(result: SqlResult): readonly number[] {
  return result.columns.map(({ name }, at) => {
    let widest = name.length + 2;
    const column = result.data[at] ?? [];
    for (let row = 0; row < Math.min(SAMPLE_ROWS, result.rows); row++) {
      const cell = column[row];
      widest = Math.max(widest, isTime(name, cell) ? TIME_CHARS - 2 : cellText(cell).length);
    }
    return Math.min(LONGEST, widest + 2);
  });
}

/** Order of the rows by one column: numbers by value, text by code point, NULL last. */
export function sortedRows(result: SqlResult, column: number, descending: boolean): Uint32Array {
  const order = Uint32Array.from({ length: result.rows }, (_, at) => at);
  const cells = result.data[column] ?? [];
  const sign = descending ? -1 : 1;
  return order.sort((a, b) => compare(cells[a], cells[b], sign) || a - b);
}

function compare(a: Cell | undefined, b: Cell | undefined, sign: number): number {
  const missingA = a === null || a === undefined;
  const missingB = b === null || b === undefined;
  if (missingA || missingB) return Number(missingA) - Number(missingB);
  const x = typeof a === 'object' ? cellText(a) : a;
  const y = typeof b === 'object' ? cellText(b) : b;
  return x < y ? -sign : x > y ? sign : 0;
}

const isNumeric = (type: string): boolean => /INT|DOUBLE|FLOAT|DECIMAL/.test(type);

function copy(text: string): void {
  navigator.clipboard.writeText(text).then(
    () => tell('Copied', text.length > 80 ? `${text.slice(0, 79)}…` : text),
    (error: unknown) => reportError('Not copied', error),
  );
}

function asTsv(result: SqlResult, rows: Iterable<number>): string {
  const lines = [result.columns.map((c) => c.name).join('\t')];
  for (const row of rows) {
    lines.push(
      result.data.map((column) => cellText(column[row]).replaceAll(/[\t\n]/g, ' ')).join('\t'),
    );
  }
  return lines.join('\n');
}

function cellMenu(result: SqlResult, row: number, text: string, order: Uint32Array | undefined) {
  const all = (): Iterable<number> => order ?? Array.from({ length: result.rows }, (_, i) => i);
  return [
    { title: 'Copy value', run: () => copy(text) },
    { title: 'Copy row', run: () => copy(asTsv(result, [row])) },
    { title: 'Copy all rows', run: () => copy(asTsv(result, all())) },
  ];
}

function ResultRow({
  result,
  order,
  index,
  style,
}: {
  readonly result: SqlResult;
  readonly order: Uint32Array | undefined;
  readonly index: number;
  readonly style: CSSProperties;
}) {
  const row = order ? (order[index] ?? index) : index;
  return (
    <div className="grid-row" role="row" aria-rowindex={index + 2} style={style}>
      {result.columns.map(({ name, type }, column) => {
        const cell = result.data[column]?.[row];
        const text = cellText(cell);
        const time = isTime(name, cell);
        return (
          <div
            key={column}
            role="gridcell"
            className={`${cell === null ? 'faint' : ''} ${isNumeric(type) ? 'right' : ''}`}
            title={time ? `${formatDateTime(cell, 'UTC', 'nano')} UTC` : text}
            onContextMenu={(event) => openMenu(event, cellMenu(result, row, text, order))}
          >
            {time ? formatDateTime(cell, 'UTC', 'milli') : text}
          </div>
        );
      })}
    </div>
  );
}

/** A result as a grid: virtual rows, sort by a click on a name, copy by the right button. */
export function ResultTable({ result }: { readonly result: SqlResult }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [sort, setSort] = useState<{ column: number; descending: boolean }>();
  const widths = useMemo(() => columnWidths(result), [result]);
  const order = useMemo(
    () => sort && sortedRows(result, sort.column, sort.descending),
    [result, sort],
  );
  const virtual = useVirtualizer({
    count: result.rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const template = widths.map((w) => `${w}ch`).join(' ');
  const sorted = (column: number): 'ascending' | 'descending' | 'none' =>
    sort?.column === column ? (sort.descending ? 'descending' : 'ascending') : 'none';
  return (
    <div ref={scroller} className="grid" role="grid" aria-rowcount={result.rows + 1} tabIndex={0}>
      <div className="grid-head" role="row" style={{ gridTemplateColumns: template }}>
        {result.columns.map(({ name, type }, column) => (
          <div key={name + String(column)} role="columnheader" aria-sort={sorted(column)}>
            <button
              type="button"
              title={`${name}, ${type}. Click: sort.`}
              onClick={() =>
                setSort((s) => ({ column, descending: s?.column === column && !s.descending }))
              }
            >
              {name}
              {sorted(column) !== 'none' && (sort?.descending ? ' ↓' : ' ↑')}
            </button>
          </div>
        ))}
      </div>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <ResultRow
            key={index}
            result={result}
            order={order}
            index={index}
            style={{ gridTemplateColumns: template, transform: `translateY(${start}px)` }}
          />
        ))}
      </div>
    </div>
  );
}
