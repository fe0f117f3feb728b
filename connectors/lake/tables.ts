import { ParquetFile, SIGNAL_OF_SHAPE, shapeOf } from '../../core/connect';
import type { Signal } from '../../core/model';
import type { LakeClient } from './client';
import type { LakeFile } from './layout';
import { TAIL, noteLost } from './open';
import { Tally } from './tally';

/** The tables that `faultline export` writes. */
const OWN: Readonly<Record<string, Signal>> = {
  logs: 'logs',
  spans: 'spans',
  metrics: 'samples',
  histograms: 'samples',
  exemplars: 'samples',
  alerts: 'alerts',
  changes: 'changes',
  topology: 'topology',
};

/**
 * What each table of these files holds: of our own by its name, of others by the columns of the first file that can
 * be read. A table that is nothing of ours is taken for logs, so that its files are looked at and said.
 */
export async function signalsOfTables(
  client: LakeClient,
  files: readonly LakeFile[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Signal>> {
  const signals = new Map<string, Signal>();
  for (const file of files) {
    if (signals.has(file.table)) continue;
    const known = OWN[file.table] ?? (await signalOf(client, file, signal));
    if (known) signals.set(file.table, known);
  }
  for (const { table } of files) if (!signals.has(table)) signals.set(table, 'logs');
  return signals;
}

async function signalOf(
  client: LakeClient,
  file: LakeFile,
  signal: AbortSignal,
): Promise<Signal | undefined> {
  try {
    const { columns } = await ParquetFile.open(client.source(file, TAIL, signal), signal, TAIL);
    const shape = shapeOf(columns);
    return shape && SIGNAL_OF_SHAPE[shape];
  } catch (error) {
    noteLost(new Tally(), file, error, signal);
    return undefined;
  }
}
