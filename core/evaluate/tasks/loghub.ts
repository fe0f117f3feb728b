import { createRng } from '../../base';
import { TemplateMiner } from '../../analysis';
import { parseCsv } from '../csv';
import { bootstrap } from '../intervals';
import { shuffled } from '../shuffle';
import type { CaseResult, SetFolder, SetScore, Task, TaskOptions } from '../task';
import { templateScore } from '../template-score';

/** Log lines with their true templates, a folder a system: `*_structured.csv`, corrected ones beside. */
export const loghub: Task = {
  id: 'log-templates',
  recognise: async (folder) => (await systemsOf(folder)).length > 0,
  run: runLoghub,
};

interface System {
  readonly name: string;
  readonly original: string;
  readonly corrected: string | undefined;
}

interface SystemScore {
  readonly name: string;
  readonly lines: number;
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Of a miner that takes every line as its own template, and of one that takes all for one. */
  readonly nulls: Readonly<Record<string, number>>;
}

async function systemsOf(folder: SetFolder): Promise<readonly System[]> {
  const systems: System[] = [];
  for (const name of await folder.list()) {
    if (name.includes('.')) continue;
    const files = await folder.list(name);
    const original = files.find((file) => /_structured\.csv(\.gz)?$/.test(file));
    const corrected = files.find((file) => /_structured_corrected\.csv(\.gz)?$/.test(file));
    if (original) systems.push({ name, original, corrected });
  }
  return systems;
}

async function runLoghub(folder: SetFolder, options: TaskOptions): Promise<SetScore> {
  const scores: SystemScore[] = [];
  for (const system of await systemsOf(folder)) {
    options.signal?.throwIfAborted();
    if (options.only && options.only !== system.name) continue;
    scores.push(await scoreSystem(folder, system, options));
  }
  const mean = (drawn: readonly SystemScore[], metric: string): number => {
    const known = drawn.flatMap(({ metrics }) => metrics[metric] ?? []);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const rng = createRng('loghub/bootstrap');
  const names = ['ga', 'fga', 'gaCorrected', 'fgaCorrected'];
  const lines = scores.reduce((sum, one) => sum + one.lines, 0);
  const seconds = scores.reduce((sum, one) => sum + one.seconds, 0);
  const nullOf = (name: string): number =>
    scores.reduce((sum, { nulls }) => sum + (nulls[name] ?? 0), 0) / scores.length;
  return {
    set: folder.name,
    task: loghub.id,
    cases: scores.length,
    metrics: {
      ...Object.fromEntries(names.map((name) => [name, mean(scores, name)])),
      linesPerSecond: lines / seconds,
    },
    intervals: Object.fromEntries(
      names.map((name) => [name, bootstrap(scores, (drawn) => mean(drawn, name), rng)]),
    ),
    nulls: { everyLine: nullOf('everyLine'), oneTemplate: nullOf('oneTemplate') },
    groups: scores.map(({ name, metrics }) => ({ by: 'system', name, cases: 1, metrics })),
    results: scores.map(resultOf),
    notes: [
      'Mean over systems, one setting for all; ground truth as first published and corrected.',
    ],
  };
}

async function scoreSystem(
  folder: SetFolder,
  { name, original, corrected }: System,
  { now, scramble }: TaskOptions,
): Promise<SystemScore> {
  const rows = [...parseCsv(await folder.text(`${name}/${original}`))];
  const lines = [...rows.keys()];
  const order = scramble === undefined ? lines : shuffled(lines, createRng(`loghub/${scramble}`));
  const begun = now();
  const miner = new TemplateMiner();
  const patterns = new Map(order.map((i) => [i, miner.add(rows[i]?.['Content'] ?? '')]));
  const found = [...rows.keys()].map((i) => miner.templateOf(patterns.get(i) ?? -1));
  const seconds = (now() - begun) / 1000;
  const truth = rows.map((row) => row['EventId'] ?? '');
  const { ga, fga } = templateScore(found, truth);
  const metrics: Record<string, number> = { ga, fga };
  if (corrected) {
    const better = parseCsv(await folder.text(`${name}/${corrected}`));
    const score = templateScore(
      found,
      better.map((row) => row['EventId'] ?? ''),
    );
    Object.assign(metrics, { gaCorrected: score.ga, fgaCorrected: score.fga });
  }
  const nulls = {
    everyLine: templateScore(
      truth.map((_, i) => String(i)),
      truth,
    ).ga,
    oneTemplate: templateScore(
      truth.map(() => ''),
      truth,
    ).ga,
  };
  return { name, lines: rows.length, seconds, metrics, nulls };
}

function resultOf({ name, metrics, seconds }: SystemScore): CaseResult {
  const top = Object.entries(metrics).map(([metric, value]) => `${metric} ${value.toFixed(3)}`);
  return { id: name, truth: null, rank: null, top, seconds, verdict: 'scored' };
}
