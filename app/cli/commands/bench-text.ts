import type { SetScore } from '../../../core/evaluate';
import { table } from '../output';

const percent = (value: number): string => (Number.isNaN(value) ? '' : value.toFixed(3));

/** Figures, intervals and nulls of every set, then its cases. */
export function benchText(scores: readonly SetScore[]): string {
  return scores.map(setText).join('\n\n');
}

function setText(score: SetScore): string {
  const { set, task, cases, metrics, intervals, nulls, results, groups = [], notes = [] } = score;
  const rows = Object.entries(metrics).map(([name, value]) => {
    const interval = intervals[name];
    return [
      name,
      percent(value),
      interval ? `${percent(interval[0])} to ${percent(interval[1])}` : '',
    ];
  });
  const blocks = [
    `${set}: ${task}, ${cases} cases`,
    table(['metric', 'value', '95 % interval'], rows),
  ];
  const beside = Object.entries(nulls).map(([name, value]) => `${name} ${percent(value)}`);
  if (beside.length > 0) blocks.push(`without insight: ${beside.join(', ')}`);
  if (groups.length > 1) blocks.push(groupTable(groups));
  if (results.length > 0) blocks.push(caseTable(results));
  return [...blocks, ...notes].join('\n');
}

function groupTable(groups: NonNullable<SetScore['groups']>): string {
  const names = [...new Set(groups.flatMap(({ metrics }) => Object.keys(metrics)))];
  const rows = groups.map(({ by, name, cases, metrics }) => [
    `${by} ${name}`,
    String(cases),
    ...names.map((metric) => percent(metrics[metric] ?? Number.NaN)),
  ]);
  return table(['part', 'cases', ...names], rows);
}

function caseTable(results: SetScore['results']): string {
  const rows = results.map(({ id, truth, rank, top, seconds, verdict }) => [
    id,
    truth ?? '',
    rank === null ? '' : String(rank),
    seconds.toFixed(3),
    verdict,
    top.slice(0, 3).join(', '),
  ]);
  return table(['case', 'truth', 'rank', 'seconds', 'verdict', 'answer'], rows);
}
