import { throwIfAborted, type TimeWindow } from '../../core/base';
import {
  OtelRows,
  RowSink,
  columnOf,
  inSample,
  knownColumns,
  type Columns,
  type OtelName,
  type Shape,
} from '../../core/connect';
import type { OpenFile, Piece } from './open';

/** Which rows may come. */
export interface Choice {
  readonly windows: readonly TimeWindow[];
  /** Of the rows that are not kept whole. */
  readonly share: number;
  /** Traces with an error, which are kept whole. */
  readonly failed: ReadonlySet<string>;
}

/** Rows of one row group under their names. */
export class PieceRows {
  readonly sink = new RowSink();
  private readonly otel = new OtelRows(this.sink, undefined);

  constructor(
    private readonly open: OpenFile,
    private readonly piece: Piece,
    columns: Columns,
  ) {
    const there = open.parquet.columns.filter(({ name }) => columns.has(name));
    this.otel.use(there, (name) => (row) => columns.get(name)?.[row]);
  }

  get rows(): number {
    return this.piece.group.rows;
  }

  /** The window of a row by its number; -1 outside of all. Relations have no time: they are in the first. */
  windowOf(row: number, windows: readonly TimeWindow[]): number {
    if (this.open.shape === 'topology') return 0;
    const from = this.otel.time('time', row);
    // A row without a time is dropped, and said, when it is read.
    if (from === undefined) return 0;
    if (this.open.shape === 'alerts') return this.windowOfAlert(row, from, windows);
    return windows.findIndex((window) => from >= window.from && from < window.to);
  }

  /** An alert belongs where it is firing. One whose end is not known was firing when it was stored. */
  private windowOfAlert(row: number, from: bigint, windows: readonly TimeWindow[]): number {
    const to = this.otel.time('alertEnd', row) ?? from;
    return windows.findIndex(
      (window) => from < window.to && (from >= window.from || to > window.from),
    );
  }

  /** ns since the epoch; undefined where it has none. */
  timeOf(row: number): bigint | undefined {
    return this.otel.time('time', row);
  }

  /** The trace of a span; '' for other rows. */
  traceOf(row: number): string {
    return this.open.shape === 'spans' ? this.otel.text('trace', row) : '';
  }

  failed(row: number): boolean {
    return this.otel.failed(this.open.shape, row);
  }

  isKept(row: number, { share, failed }: Choice): boolean {
    if (share >= 1) return true;
    const trace = this.traceOf(row);
    if (trace !== '') return failed.has(trace) || inSample(trace, share);
    const { open, piece } = this;
    return this.failed(row) || inSample(`${open.file.key} ${piece.at} ${row}`, share);
  }

  /** '' where the row was taken, else why not. A span that was chosen stands for those that were not. */
  add(row: number, { share, failed }: Choice): string {
    const whole = share >= 1 || failed.has(this.traceOf(row)) || this.failed(row);
    return this.otel.add(this.open.shape, row, whole ? 1 : 1 / share);
  }
}

const COUNTED: Readonly<Partial<Record<Shape, readonly OtelName[]>>> = {
  logs: ['time', 'severity'],
  spans: ['time', 'trace', 'status'],
  alerts: ['time', 'alertEnd'],
};

/** The rows of a row group; of its columns only those that are known, or only what counting needs. */
export async function readPiece(
  open: OpenFile,
  piece: Piece,
  what: 'all' | 'counts',
  signal: AbortSignal,
): Promise<PieceRows> {
  const { columns } = open.parquet;
  const wanted = (COUNTED[open.shape] ?? ['time']).flatMap(
    (one) => columnOf(columns, one)?.name ?? [],
  );
  const names = what === 'all' ? knownColumns(columns) : wanted;
  throwIfAborted(signal);
  return new PieceRows(open, piece, await piece.group.read(names));
}

export interface Counted {
  total: number;
  /** Of them, those that are kept whole. */
  whole: number;
  readonly failed: ReadonlySet<string>;
}

/** Counts the rows in the windows, and finds what is kept whole, from a few columns. */
export async function countRows(
  pieces: AsyncIterable<PieceRows>,
  windows: readonly TimeWindow[],
): Promise<Counted> {
  const traces = new Map<string, number>();
  const failed = new Set<string>();
  let total = 0;
  let whole = 0;
  for await (const rows of pieces) {
    for (let row = 0; row < rows.rows; row++) {
      if (rows.windowOf(row, windows) < 0) continue;
      total++;
      const trace = rows.traceOf(row);
      if (trace !== '') traces.set(trace, (traces.get(trace) ?? 0) + 1);
      if (!rows.failed(row)) continue;
      if (trace === '') whole++;
      else failed.add(trace);
    }
  }
  for (const trace of failed) whole += traces.get(trace) ?? 0;
  return { total, whole, failed };
}
