import { select, useCommandList } from '../../state';

/** Keys of an open trace: j/k walk the spans, e goes to the next failed one… as Jaeger and lnav taught. */
export function useTraceKeys({
  rows,
  selected,
  idOf,
  onFold,
}: {
  readonly rows: Int32Array;
  readonly selected: number;
  readonly idOf: (row: number) => string | undefined;
  readonly onFold: (row: number) => void;
}): void {
  const step = (by: number): void => {
    const at = rows.indexOf(selected);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next !== undefined) select({ spanId: idOf(next) });
  };
  useCommandList([
    { id: 'trace.next', title: 'Next span', group: 'Panels', keys: ['J'], run: () => step(1) },
    {
      id: 'trace.previous',
      title: 'Previous span',
      group: 'Panels',
      keys: ['K'],
      run: () => step(-1),
    },
    {
      id: 'trace.fold',
      title: 'Fold or unfold the span',
      group: 'Panels',
      keys: ['X'],
      enabled: () => selected >= 0,
      run: () => onFold(selected),
    },
    {
      id: 'trace.back',
      title: 'Back to the list of traces',
      group: 'Panels',
      keys: ['Backspace'],
      run: () => select({ traceId: undefined, spanId: undefined }),
    },
  ]);
}
