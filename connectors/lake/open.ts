import { asFaultlineError, throwIfAborted, type TimeWindow } from '../../core/base';
import {
  ParquetFile,
  SIGNAL_OF_SHAPE,
  columnOf,
  shapeOf,
  type ParquetGroup,
  type Shape,
} from '../../core/connect';
import type { Signal } from '../../core/model';
import type { LakeClient } from './client';
import { withBefore } from './find';
import { overlaps, type LakeFile } from './layout';
import type { Tally } from './tally';

/** Footers of most files fit; smaller files come whole with it. */
export const TAIL = 64 << 10;

/** A row group that may have rows in the windows. */
export interface Piece {
  /** From 0, within its file. */
  readonly at: number;
  readonly group: ParquetGroup;
  /** All of its rows are in the windows, by its statistics. */
  readonly inside: boolean;
}

/** A file with its footer read. */
export interface OpenFile {
  readonly file: LakeFile;
  readonly parquet: ParquetFile;
  readonly shape: Shape;
  readonly signal: Signal;
  readonly pieces: readonly Piece[];
  /** Row groups that its statistics leave out, and their bytes. */
  readonly skipped: { readonly groups: number; readonly bytes: number };
}

/** Reads a file's footer; undefined, and counted in the tally, where it can not be read or is nothing of ours. */
export async function openFile(
  client: LakeClient,
  file: LakeFile,
  windows: readonly TimeWindow[],
  tally: Tally,
  signal: AbortSignal,
): Promise<OpenFile | undefined> {
  const parquet = await footerOf(client, file, tally, signal);
  if (!parquet) return undefined;
  const shape = shapeOf(parquet.columns);
  if (!shape) {
    tally.add('columns-unknown', file.key);
    return undefined;
  }
  const time = columnOf(parquet.columns, 'time');
  const reach = shape === 'alerts' ? withBefore(windows) : windows;
  const pieces: Piece[] = [];
  const skipped = { groups: 0, bytes: 0 };
  for (const [at, group] of parquet.rowGroups.entries()) {
    const range = time?.time ? group.times(time.name) : undefined;
    const span = range && { from: range.from, to: range.to + 1n };
    if (shape !== 'topology' && span && !reach.some((window) => overlaps(span, window))) {
      skipped.groups++;
      skipped.bytes += group.bytes;
      continue;
    }
    const inside =
      shape === 'topology' ||
      (span !== undefined && windows.some(({ from, to }) => span.from >= from && span.to <= to));
    pieces.push({ at, group, inside });
  }
  return { file, parquet, shape, signal: SIGNAL_OF_SHAPE[shape], pieces, skipped };
}

async function footerOf(
  client: LakeClient,
  file: LakeFile,
  tally: Tally,
  signal: AbortSignal,
): Promise<ParquetFile | undefined> {
  try {
    return await ParquetFile.open(client.source(file, TAIL, signal), signal, TAIL);
  } catch (error) {
    noteLost(tally, file, error, signal);
    return undefined;
  }
}

/** Counts a file that is damaged or refused; throws what concerns more than this file. */
export function noteLost(
  tally: Tally,
  { key }: LakeFile,
  error: unknown,
  signal: AbortSignal,
): void {
  throwIfAborted(signal);
  const known = asFaultlineError(error);
  const why = `${key}: ${known.message.slice(0, 200)}`;
  if (known.code === 'format/damaged' || known.code === 'internal') tally.add('files-damaged', why);
  else if (known.code === 'connector/refused' && known.detail?.['status'] === 412)
    tally.add('files-changed', key);
  else if (known.code === 'connector/refused') tally.add('files-refused', why);
  else throw known;
}
