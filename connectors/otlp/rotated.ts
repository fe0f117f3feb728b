import type { FileGroup, Head, ListedFile } from '../../core/connect';

/** `data-2022-09-14T05-02-14.173.json`: what the Collector's file exporter calls a file that it closed. */
const ROTATED = /^(.*)-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})(\.[^/]*)?$/;

/**
 * Rotated files of one exporter, oldest first, and last the one that is still written (`data.json`). Names
 * only say which files may belong together: `fits` looks into each. Closed ones may have been compressed.
 */
export async function rotatedSets(
  files: readonly ListedFile[],
  signal: AbortSignal,
  fits: (head: Head) => boolean,
  what: string,
): Promise<readonly FileGroup[]> {
  const sets = new Map<string, { readonly time: string; readonly file: ListedFile }[]>();
  for (const file of files) {
    const [, base, time, end = ''] = ROTATED.exec(file.name) ?? [];
    if (base === undefined || time === undefined) continue;
    const name = base + end.replace(/\.(?:gz|zst)$/, '');
    sets.set(name, [...(sets.get(name) ?? []), { time, file }]);
  }
  const groups: FileGroup[] = [];
  for (const [name, closed] of sets) {
    signal.throwIfAborted();
    const open = files.find((file) => file.name === name);
    const set = [...closed, ...(open ? [{ time: '~', file: open }] : [])].sort((a, b) =>
      a.time < b.time ? -1 : 1,
    );
    const fit = await Promise.all(set.map(async ({ file }) => fits(await file.head())));
    const names = set.filter((_, i) => fit[i]).map(({ file }) => file.name);
    if (names.length < 2) continue;
    const why = `${names.length} files of one exporter (${what}), put in order by the time of rotation in their names.`;
    groups.push({ name, files: names, why });
  }
  return groups;
}
