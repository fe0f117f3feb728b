import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import type { LakeTarget } from './lake-target';

/** A Parquet file that was written and is to come into the lake. */
export interface StagedFile {
  readonly path: string;
  /** `signal=logs/date=2024-05-01/hour=10`. */
  readonly partition: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of its content, hexadecimal. */
  readonly sha256: string;
}

const entry = z.object({
  key: z.string(),
  rows: z.number(),
  bytes: z.number(),
  sha256: z.string(),
});
type Entry = z.infer<typeof entry>;

/**
 * What of the lake is a case's, in `.faultline/case-….json`. Written last, so that a file counts once it is named
 * here; `removing` are files that are on their way in or out, and go with the next export where one was cut off.
 */
const manifestSchema = z.object({
  format: z.literal(1),
  case: z.string(),
  files: z.array(entry),
  removing: z.array(z.string()),
});
type Manifest = z.infer<typeof manifestSchema>;

export interface Published {
  /** Files that were written, and their bytes. */
  readonly written: number;
  readonly bytes: number;
  /** Files that were there already, as they are. */
  readonly unchanged: number;
  /** Files of this case that others took the place of. */
  readonly replaced: number;
  /** Hours of which the lake has more rows of this case than the case has now; they stay. */
  readonly kept: number;
}

interface Plan {
  readonly put: readonly (Entry & { readonly path: string })[];
  readonly files: readonly Entry[];
  readonly superseded: readonly string[];
  readonly unchanged: number;
  readonly kept: number;
}

/**
 * What has to be done so that the lake has these files for their case: what is there is not written again, a partition
 * whose rows have become more is replaced, one that the case has fewer rows of, or none any more, stays as it is.
 */
export function planPublish(
  caseId: string,
  old: readonly Entry[],
  staged: readonly StagedFile[],
  sizes: ReadonlyMap<string, number>,
): Plan {
  const before = grouped(old, ({ key }) => key.slice(0, key.lastIndexOf('/')));
  const now = grouped(staged, ({ partition }) => partition);
  const files: Entry[] = [];
  const put: (Entry & { path: string })[] = [];
  const superseded: string[] = [];
  let [unchanged, kept] = [0, 0];
  for (const [partition, entries] of before) if (!now.has(partition)) files.push(...entries);
  for (const [partition, parts] of now) {
    const there = (before.get(partition) ?? []).filter(
      ({ key, bytes }) => sizes.get(key) === bytes,
    );
    if (rowsOf(parts) < rowsOf(there)) {
      files.push(...there);
      kept++;
      continue;
    }
    const wanted = parts.map((part) => ({ ...entryOf(caseId, part), path: part.path }));
    for (const { path, ...one } of wanted) {
      files.push(one);
      if (sizes.get(one.key) === one.bytes && old.some(({ key }) => key === one.key)) unchanged++;
      else put.push({ ...one, path });
    }
    const keys = new Set(wanted.map(({ key }) => key));
    superseded.push(...there.filter(({ key }) => !keys.has(key)).map(({ key }) => key));
  }
  files.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { put, files, superseded, unchanged, kept };
}

function entryOf(caseId: string, { partition, rows, bytes, sha256 }: StagedFile): Entry {
  return { key: `${partition}/case-${caseId}-${sha256.slice(0, 16)}.parquet`, rows, bytes, sha256 };
}

const rowsOf = (files: readonly { readonly rows: number }[]): number =>
  files.reduce((sum, { rows }) => sum + rows, 0);

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

export interface PublishOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number, key: string) => void;
}

/**
 * Brings staged files into the lake. Where it fails or is cancelled, what was put is taken out again and the lake is as
 * it was; where the process is killed, what it had put is named nowhere and goes with the next export of the case.
 */
export async function publish(
  target: LakeTarget,
  caseId: string,
  staged: readonly StagedFile[],
  { signal, onProgress }: PublishOptions,
): Promise<Published> {
  const key = `.faultline/case-${caseId}.json`;
  const text = await target.readText(key, signal);
  const old = text === undefined ? undefined : parseManifest(key, text);
  const sizes = await sizesOf(target, staged, signal);
  const plan = planPublish(caseId, old?.files ?? [], staged, sizes);
  const { put, files, superseded, unchanged, kept } = plan;
  const leftovers = (old?.removing ?? []).filter((one) => !files.some((file) => file.key === one));
  const bytes = put.reduce((sum, one) => sum + one.bytes, 0);
  const published = { written: put.length, bytes, unchanged, replaced: superseded.length, kept };
  if (old && put.length + superseded.length + leftovers.length === 0) return published;
  const write = (named: readonly Entry[], removing: readonly string[], until = signal) =>
    target.writeText(
      key,
      manifestText({ format: 1, case: caseId, files: [...named], removing: [...removing] }),
      until,
    );
  const coming = put.map((one) => one.key);
  const never = new AbortController().signal;
  try {
    await write(old?.files ?? [], [...leftovers, ...coming]);
    for (const [nth, one] of put.entries()) {
      onProgress?.(nth, put.length, one.key);
      await target.put(one.key, one.path, signal);
    }
    await write(files, [...leftovers, ...superseded]);
  } catch (error) {
    for (const one of coming) await target.remove(one, never);
    await (old ? write(old.files, leftovers, never) : target.remove(key, never));
    throw error;
  }
  // From here on the lake has what it should; what is left over goes now or with the next export.
  const gone = [...leftovers, ...superseded];
  for (const one of gone) await target.remove(one, never);
  if (gone.length > 0) await write(files, [], never);
  return published;
}

const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 1)}\n`;

function parseManifest(key: string, text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    const why = `${key} in the lake is damaged or of a newer version; nothing was written.`;
    throw new FaultlineError('host/io', why, { cause });
  }
}

/** What is there of the days that the files are of. */
async function sizesOf(
  target: LakeTarget,
  staged: readonly StagedFile[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const days = new Set(staged.map(({ partition }) => `${partition.replace(/\/hour=.*$/, '')}/`));
  const sizes = new Map<string, number>();
  for (const day of days) {
    for (const [key, size] of await target.list(day, signal)) sizes.set(key, size);
  }
  return sizes;
}
