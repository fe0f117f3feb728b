import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { analyses } from '../../../core/analysis';
import { FaultlineError, throwIfAborted } from '../../../core/base';
import {
  FILE_TASKS,
  benchDocument,
  benchMarkdown,
  caseFolders,
  crossValidated,
  featureLines,
  fitCalibration,
  fitModule,
  hitRates,
  hitRatesModule,
  overallScores,
  quietLogs,
  runFolder,
  runPlantedLogs,
  runSimulator,
  scoreRun,
  simulatorSeeds,
  type Outcome,
  type QuietLog,
  type RunConfig,
  type SetFolder,
  type SetScore,
  type Task,
  type TaskOptions,
} from '../../../core/evaluate';
import type { Context } from '../context';
import { cachedBed, memoryBed } from './bench-bed';
import { foldersIn, setFolder } from './bench-folder';
import { benchText } from './bench-text';

export interface BenchFlags {
  readonly scramble?: string;
  readonly blind?: boolean;
  readonly signals?: string;
  readonly only?: string;
  readonly cuts?: string;
  readonly cache?: string;
  readonly fit?: string;
  readonly ablate?: boolean;
  readonly markdown?: string;
  readonly hitRates?: string;
  readonly features?: string;
}

/** Scores the analyses on labelled sets. Errors: 'usage', 'not-found' where no set lies there, 'cancelled'. */
export async function benchCommand(
  places: readonly string[],
  flags: BenchFlags,
  context: Context,
): Promise<void> {
  const bench = new Bench(flags, context);
  for (const place of places) await bench.add(place);
  const scores = [
    ...bench.finish(),
    ...(flags.fit === undefined ? [] : crossValidated(bench.outcomes)),
  ];
  if (flags.fit !== undefined) {
    await writeFile(flags.fit, fitModule(fitCalibration(bench.outcomes), places.map(lastPart)));
  }
  if (flags.features !== undefined) await writeFile(flags.features, featureLines(bench.outcomes));
  if (flags.hitRates !== undefined) {
    await writeFile(flags.hitRates, hitRatesModule(hitRates(bench.outcomes)));
  }
  if (flags.markdown !== undefined) {
    const command = `faultline bench ${places.map(lastPart).join(' ')} --markdown`;
    const reasons = await reasonsBeside(flags.markdown);
    const { outcomes } = bench;
    await writeFile(flags.markdown, benchMarkdown({ scores, outcomes, reasons, command }));
  }
  context.out.result(benchDocument(scores), () => benchText(scores));
}

const reasonsFile = z.record(z.string(), z.string());

/** Words on single cases that a person keeps beside the report. */
async function reasonsBeside(path: string): Promise<Readonly<Record<string, string>>> {
  const beside = join(dirname(path), 'benchmark-reasons.json');
  return existsSync(beside) ? reasonsFile.parse(JSON.parse(await readFile(beside, 'utf8'))) : {};
}

/** Where a set lies on this machine is nobody's business. */
const lastPart = (place: string): string => basename(place);

class Bench {
  private readonly scores: SetScore[] = [];
  readonly outcomes: Outcome[] = [];
  private readonly options: TaskOptions;
  private readonly config: RunConfig;
  private readonly bed;

  constructor(
    flags: BenchFlags,
    private readonly context: Context,
  ) {
    this.options = {
      scramble: flags.scramble === undefined ? undefined : whole(flags.scramble, '--scramble'),
      blind: flags.blind,
      signals: signalsOf(flags.signals),
      only: flags.only,
      signal: context.signal,
      now: () => performance.now(),
    };
    this.config = {
      silences: whole(flags.cuts ?? '1', '--cuts'),
      ablate: flags.ablate ? METHODS : [],
      onCase: (id, done, total) => context.out.progress(`${id} (${done + 1} of ${total})`),
    };
    this.bed = flags.cache === undefined ? memoryBed : cachedBed(flags.cache);
  }

  async add(place: string): Promise<void> {
    const seeds = simulatorSeeds(place);
    if (seeds !== undefined) {
      this.scored(await runSimulator(seeds, this.bed, this.options, this.config));
      return;
    }
    if (place.startsWith(PLANTED)) {
      const logs = await quietLogsIn(place.slice(PLANTED.length), DEEPEST);
      this.context.out.note(`planted-logs: ${logs.length} quiet logs`);
      this.scores.push(runPlantedLogs(logs, this.options));
      return;
    }
    if (!(await this.within(place, DEEPEST))) {
      throw new FaultlineError('not-found', `There is no labelled set in ${place}.`);
    }
  }

  /** The set in a folder, else the sets in its folders. */
  private async within(path: string, deeper: number): Promise<boolean> {
    throwIfAborted(this.options.signal);
    const folder = await setFolder(path);
    if (await this.scoreSet(folder)) return true;
    if (deeper === 0) return false;
    let found = false;
    for (const inside of await foldersIn(path)) {
      if (await this.within(inside, deeper - 1)) found = true;
    }
    return found;
  }

  private async scoreSet(folder: SetFolder): Promise<boolean> {
    if ((await caseFolders(folder)).length > 0) {
      this.scored(await runFolder(folder, this.bed, this.options, this.config));
      return true;
    }
    const task = await taskOf(folder);
    if (!task) return false;
    this.context.out.note(`${folder.name}: ${task.id}`);
    const score = await task.run(folder, this.options);
    if (score.cases > 0) this.scores.push(score);
    return true;
  }

  private scored(run: Awaited<ReturnType<typeof runFolder>>): void {
    this.context.out.note(`${run.set}: ${run.outcomes.length} cases`);
    if (run.outcomes.length === 0 && run.passedOver.length === 0) return;
    this.scores.push(scoreRun(run));
    this.outcomes.push(...run.outcomes);
  }

  finish(): readonly SetScore[] {
    const { only } = this.options;
    if (this.scores.length === 0 && only !== undefined) {
      throw new FaultlineError('usage', `No set has a case "${only}".`);
    }
    return [...this.scores, ...overallScores(this.outcomes)];
  }
}

const weighted = z.looseObject({ weight: z.number() });

/** Ranking methods, which have a weight in the fused ranking. */
const METHODS = analyses
  .all()
  .filter(({ kind, params }) => kind === 'rca' && weighted.safeParse(params.parse({})).success)
  .map(({ id }) => id);

/** How many folders down a set is looked for. */
const DEEPEST = 3;

/** `planted-logs:FOLDER`: anomalies are planted into the quiet logs of the sets there. */
const PLANTED = 'planted-logs:';

async function quietLogsIn(path: string, deeper: number): Promise<readonly QuietLog[]> {
  const logs = [...(await quietLogs(await setFolder(path)))];
  if (logs.length > 0 || deeper === 0) return logs;
  for (const inside of await foldersIn(path)) logs.push(...(await quietLogsIn(inside, deeper - 1)));
  return logs;
}

async function taskOf(folder: SetFolder): Promise<Task | undefined> {
  for (const task of FILE_TASKS) if (await task.recognise(folder)) return task;
  return undefined;
}

function signalsOf(word: string | undefined): TaskOptions['signals'] {
  if (word === undefined || word === 'metrics') return word;
  throw new FaultlineError('usage', `--signals takes "metrics", not "${word}".`);
}

function whole(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new FaultlineError('usage', `${option} takes a whole number, not "${text}".`);
  }
  return Number(text);
}
