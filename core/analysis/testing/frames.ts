import { emptyFrame, findQuery, type Frame, type FrameSpec, type QueryCall } from '../../model';
import type { FetchFrames } from '../seam';
// Frames are made by the ids of queries: these are known once they are imported.
import '../../model/queries';

type Cell = string | number | bigint | null;

/** Rows of a frame as they are read: one line a row, cells parted by spaces, the first line names columns. */
export function frameOf(query: string, text: string): Frame {
  const spec = findQuery(query).columns;
  const [head = '', ...lines] = text.trim().split('\n');
  const names = head.trim().split(/\s+/);
  const rows = lines.map((line) => line.trim().split(/\s+/));
  const record = (row: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((name, i) => [name, row[i] ?? '']));
  return frameFrom(spec, rows.map(record));
}

/** Rows as records; a column that is missing or '-' is null as the engine gives it. */
export function frameFrom(spec: FrameSpec, rows: readonly Readonly<Record<string, Cell>>[]): Frame {
  const empty = emptyFrame(spec);
  const col = Object.fromEntries(
    Object.entries(spec).map(([name, type]) => {
      const cells = rows.map((row) => (row[name] === '-' ? null : (row[name] ?? null)));
      switch (type) {
        case 'f64':
          return [name, Float64Array.from(cells, (c) => (c === null ? Number.NaN : Number(c)))];
        case 'i32':
          return [name, Int32Array.from(cells, Number)];
        case 'bool':
          return [name, Uint8Array.from(cells, Number)];
        case 'i64':
          return [name, BigInt64Array.from(cells, (c) => BigInt(c ?? 0))];
        case 'str?':
          return [name, cells.map((c) => (c === null ? null : String(c)))];
        default:
          return [name, cells.map((c) => (c === null ? '' : String(c)))];
      }
    }),
  );
  return { rows: rows.length, col: { ...empty.col, ...col } };
}

/** Answers named queries with given frames, all others with no row. */
export function fetchFrom(frames: Readonly<Record<string, Frame>>): FetchFrames & {
  readonly asked: QueryCall[];
} {
  const asked: QueryCall[] = [];
  const fetch = <S extends FrameSpec>(call: QueryCall<S>): Promise<Frame<S>> => {
    asked.push(call);
    const frame = frames[call.query] ?? emptyFrame(findQuery(call.query).columns);
    return Promise.resolve(frame as Frame<S>);
  };
  return Object.assign(fetch, { asked });
}

/** The frame with its rows in another order, the same for the same seed. */
export function shuffled(frame: Frame, random: () => number): Frame {
  const order = Array.from({ length: frame.rows }, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  const col = Object.fromEntries(
    Object.entries(frame.col).map(([name, data]) => {
      const pick = (i: number): never =>
        (data as unknown as ArrayLike<never>)[order[i] ?? 0] as never;
      if (Array.isArray(data)) return [name, data.map((_, i) => pick(i))];
      return [name, (data as Float64Array).map((_, i) => pick(i))];
    }),
  );
  return { rows: frame.rows, col };
}
