import { resolve } from 'node:path';
import {
  FaultlineError,
  asFaultlineError,
  formatRfc3339,
  throwIfAborted,
} from '../../../core/base';
import { fingerprintOf, nearest } from '../../../core/analysis';
import type { AnalysisResult } from '../../../core/model';
import { withCase, type Context } from '../context';
import { sourcesOf } from '../files';
import { table } from '../output';

/** Ranks case files by how alike their incidents are; those that can't be compared are named. */
export async function similarCommand(
  file: string,
  paths: readonly string[],
  context: Context,
): Promise<void> {
  const mine = await analysisOf(file, context);
  if (!mine) {
    throw new FaultlineError('usage', `${file} is not analysed yet: faultline analyze ${file}`);
  }
  const { known, passed } = await knownCases(file, paths, context);
  const likenesses = nearest(
    fingerprintOf(mine),
    known.map(({ analysis }) => fingerprintOf(analysis)),
  );
  const similar = likenesses.flatMap(({ index, ...likeness }) => {
    const other = known[index];
    return other ? [{ ...describe(other), ...likeness }] : [];
  });
  context.out.result(
    { schema: 1, case: file, compared: known.length, similar, notices: passed },
    () =>
      [
        table(
          ['alike', 'case', 'cause', 'in common'],
          similar.map(({ score, path, cause, shared, sharedCount }) => [
            score.toFixed(2),
            path,
            cause,
            `${shared.slice(0, 3).join('; ')}${sharedCount > 3 ? ` and ${sharedCount - 3} more` : ''}`,
          ]),
        ),
        ...passed.map(({ message }) => `notice: ${message}`),
      ].join('\n'),
  );
}

interface KnownCase {
  readonly path: string;
  readonly analysis: AnalysisResult;
}

interface Passed {
  readonly code: 'similar-passed-over';
  readonly count: 1;
  readonly message: string;
}

async function knownCases(
  own: string,
  paths: readonly string[],
  context: Context,
): Promise<{ readonly known: readonly KnownCase[]; readonly passed: readonly Passed[] }> {
  const known: KnownCase[] = [];
  const passed: Passed[] = [];
  const pass = (message: string): unknown =>
    passed.push({ code: 'similar-passed-over', count: 1, message });
  const files = (await sourcesOf(paths)).map(({ name }) => name);
  for (const path of files) {
    throwIfAborted(context.signal);
    if (!path.endsWith('.faultline') || resolve(path) === resolve(own)) continue;
    try {
      const analysis = await analysisOf(path, context);
      if (analysis) known.push({ path, analysis });
      else pass(`${path} is not analysed yet: faultline analyze ${path}`);
    } catch (error) {
      pass(`${path}: ${asFaultlineError(error).message}`);
    }
  }
  return { known, passed };
}

function analysisOf(file: string, context: Context): Promise<AnalysisResult | undefined> {
  return withCase(file, 'read', context, (store) => store.loadAnalysis());
}

function describe({ path, analysis }: KnownCase) {
  const { incident, verdict, ranking } = analysis;
  return {
    path,
    cause: verdict === 'ranked' ? (ranking[0]?.entity.name ?? '') : '',
    incident: { from: formatRfc3339(incident.from), to: formatRfc3339(incident.to) },
  };
}
