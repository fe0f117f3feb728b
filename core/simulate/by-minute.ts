import { TELEMETRY, TIME_OF, type Batch } from '../model';

/**
 * Telemetry in the pieces in which it comes live: batches that came until a minute of the telemetry's own time was
 * over, in the order in which they are given. `batches` must be small, and in order of time, about.
 */
export function* byMinute(
  batches: Iterable<Batch>,
  minutes = 1,
): Generator<readonly Batch[], void> {
  const step = BigInt(minutes) * 60_000_000_000n;
  let piece: Batch[] = [];
  let end: bigint | undefined;
  for (const batch of batches) {
    const last = lastOf(batch);
    end ??= last === undefined ? undefined : last + step;
    if (last !== undefined && end !== undefined && last > end && piece.length > 0) {
      yield piece;
      piece = [];
      while (last > end) end += step;
    }
    piece.push(batch);
  }
  if (piece.length > 0) yield piece;
}

/** The time of the last row, ns; undefined in tables whose rows have none. */
function lastOf({ table, columns, rows }: Batch): bigint | undefined {
  const time = TIME_OF[table];
  if (time === undefined || rows === 0) return undefined;
  const column = columns[Object.keys(TELEMETRY[table]).indexOf(time)];
  if (column?.type !== 'i64') return undefined;
  return column.data.reduce((a, b) => (a > b ? a : b));
}
