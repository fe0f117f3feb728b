import { fingerprintOf, nearest } from '../analysis';
import type { HostApi } from '../host';
import type { SimilarCase } from './api';
import type { OpenCase } from './open-case';

/** Below this two incidents have something in common, but nobody would call them alike. */
const LEAST = 0.05;

/** Recent cases that look like the open one. Cases that were not analysed are not compared. */
export async function similarTo(
  open: OpenCase,
  host: Pick<HostApi, 'recents'>,
): Promise<readonly SimilarCase[]> {
  const analysis = await open.store.loadAnalysis();
  if (!analysis) return [];
  const recents = (await host.recents()).filter(
    ({ path, marks }) => path !== open.path && marks.length > 0,
  );
  return nearest(
    fingerprintOf(analysis),
    recents.map(({ marks }) => marks),
  ).flatMap(({ index, ...likeness }): SimilarCase[] => {
    const recent = recents[index];
    if (!recent || likeness.score < LEAST) return [];
    const { path, name, from, to, cause } = recent;
    return [{ path, name, from, to, cause, ...likeness }];
  });
}
