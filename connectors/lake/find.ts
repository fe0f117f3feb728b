import type { TimeWindow } from '../../core/base';
import type { LakeClient } from './client';
import {
  fileOf,
  isHidden,
  keysOfManifest,
  manifestOf,
  mayHold,
  overlaps,
  ownFile,
  partitionsOf,
  spanOf,
  type LakeFile,
} from './layout';

/** What of a lake may have rows in the windows, and what was left out by name alone. */
export interface Found {
  /** In order of table and key. */
  readonly files: readonly LakeFile[];
  /** Folders that were not looked into and files that were not opened, by the day and hour in their path. */
  readonly pruned: { readonly folders: number; readonly files: number };
  /** Files of an export that has not ended or was cut off. */
  readonly unfinished: readonly string[];
}

/** An alert that goes on is kept at its start: for alerts, files from this long before a window are read, too. */
export const ALERTS_BEFORE = 24n * 3_600_000_000_000n;

/**
 * Lists the lake from its root down, only into folders whose signal, day and hour fit. From where a day is known all
 * below it comes at once.
 */
export async function findFiles(
  client: LakeClient,
  windows: readonly TimeWindow[],
  tables: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Found> {
  const files: LakeFile[] = [];
  const pruned = { folders: 0, files: 0 };
  const reach = (path: string): readonly TimeWindow[] =>
    partitionsOf(path).values.get('signal') === 'alerts' ? withBefore(windows) : windows;
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const deep = spanOf(partitionsOf(folder).values) !== undefined;
    const { objects, folders } = await client.list(folder, deep, signal);
    for (const object of objects) {
      const file = fileOf(object);
      if (!file || (tables && !tables.includes(file.table))) continue;
      const { span } = file;
      if (!span || reach(file.key).some((window) => overlaps(span, window))) files.push(file);
      else pruned.files++;
    }
    for (const next of [...folders].reverse()) {
      if (isHidden(next)) continue;
      if (mayHold(next, reach(next), tables)) open.push(next);
      else pruned.folders++;
    }
  }
  const { whole, unfinished } = await withoutUnfinished(client, files, signal);
  return { files: whole.sort(inOrder), pruned, unfinished };
}

export const withBefore = (windows: readonly TimeWindow[]): readonly TimeWindow[] =>
  windows.map(({ from, to }) => ({ from: from - ALERTS_BEFORE, to }));

type Place = Pick<LakeFile, 'table' | 'key'>;

/** Tables stand together, in order of time. */
export const inOrder = (a: Place, b: Place): number =>
  a.table === b.table ? (a.key < b.key ? -1 : 1) : a.table < b.table ? -1 : 1;

/** Of what `faultline export` wrote, a file counts once the list of its case names it. */
async function withoutUnfinished(
  client: LakeClient,
  files: readonly LakeFile[],
  signal: AbortSignal,
): Promise<{ whole: LakeFile[]; unfinished: readonly string[] }> {
  const named = new Map<string, ReadonlySet<string>>();
  const whole: LakeFile[] = [];
  const unfinished: string[] = [];
  for (const file of files) {
    const caseId = ownFile.exec(file.key)?.[1];
    if (caseId !== undefined && !named.has(caseId)) {
      const text = await client.text(manifestOf(caseId), signal);
      named.set(caseId, text === undefined ? new Set() : keysOfManifest(text));
    }
    if (caseId === undefined || named.get(caseId)?.has(file.key)) whole.push(file);
    else unfinished.push(file.key);
  }
  return { whole, unfinished };
}
