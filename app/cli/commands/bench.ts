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
  hitRatesModule,
  keptScores,
  mergedRuns,
  overallScores,
  quietLogs,
  readFeatureLines,
  runFolder,
  runPlantedLogs,
  runPlantedMetrics,
  runSimulator,
  seedsOf,
  type FitCase,
  type KeptSet,
  type Outcome,
  type QuietLog,
  type RunConfig,
  type SetFolder,
  type SetRun,
  type SetScore,
  type Task,
  type TaskOptions,
} from '../../../core/evaluate';
import type { Context } from '../context';
import { cachedBed, memoryBed } from './bench-bed';
import { foldersIn, setFolder } from './bench-folder';
import { keepIn, keptIn, textOf } from './bench-keep';
import { benchText } from './bench-text';

export interface BenchFlags {
  readonly scramble?: string;
  readonly blind?: boolean;
  readonly signals?: string;
  readonly only?: string;
  readonly cuts?: string;
  readonly cache?: string;
  readonly keep?: string;
  readonly fit?: string;
  readonly ablate?: boolean;
  readonly ablateSignals?: boolean;
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
  const outcomes = bench.outcomes();
  const cases = [...bench.features, ...outcomes];
  const scores = bench.finish(outcomes);
  const leftOut = flags.fit !== undefined || bench.features.length > 0 ? crossValidated(cases) : [];
  const from = places.map(lastPart);
  if (flags.fit !== undefined) await writeFile(flags.fit, fitModule(fitCalibration(cases), from));
  if (flags.features !== undefined) await writeFile(flags.features, featureLines(cases));
  if (flags.hitRates !== undefined) await writeFile(flags.hitRates, hitRatesModule(cases, from));
  if (flags.markdown !== undefined) {
    const command = `faultline bench ${from.join(' ')} --markdown`;
    const reasons = await reasonsBeside(flags.markdown);
    await writeFile(flags.markdown, benchMarkdown({ scores, outcomes, reasons, command }));
  }
  const all = [...scores, ...leftOut];
  context.out.result(benchDocument(all), () => benchText(all));
}

const reasonsFile = z.record(z.string(), z.string());

/** Words on single cases that a person keeps beside the report. */
async function reasonsBeside(path: string): Promise<Readonly<Record<string, string>>> {
  const beside = join(dirname(path), 'benchmark-reasons.json');
  return existsSync(beside) ? reasonsFile.parse(JSON.parse(await readFile(beside, 'utf8'))) : {};
}

/** Where a set lies on this machine is nobody's business. */
const lastPart = (place: string): string => {
  const [, word = '', path = place] = /^([a-z-]+:)?(.*)$/.exec(place) ?? [];
  return `${word}${basename(path)}`;
};

class Bench {
  private readonly kept: KeptSet[] = [];
  /** Cases that only a fit is made from. */
  readonly features: FitCase[] = [];
  private readonly options: TaskOptions;
  private readonly config: RunConfig;
  private readonly variant: string;
  private readonly bed;

  constructor(
    private readonly flags: BenchFlags,
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
    this.variant = variantOf(this.options);
    this.config = {
      silences: whole(flags.cuts ?? '1', '--cuts'),
      ablate: flags.ablate ? METHODS : [],
      ablateSignals: flags.ablateSignals,
      onCase: (id, done, total) => context.out.progress(`${id} (${done + 1} of ${total})`),
    };
    this.bed = flags.cache === undefined ? memoryBed : cachedBed(flags.cache);
  }

  async add(place: string): Promise<void> {
    for (const [made, run] of MADE) {
      const seeds = seedsOf(place, made);
      if (seeds === undefined) continue;
      return this.ran(await run(seeds, this.bed, this.options, this.config), place);
    }
    if (place.startsWith(PLANTED)) {
      const logs = await quietLogsIn(place.slice(PLANTED.length), DEEPEST);
      this.context.out.note(`planted-logs: ${logs.length} quiet logs`);
      return this.scored(runPlantedLogs(logs, this.options));
    }
    if (place.startsWith(KEPT)) {
      this.kept.push(...(await keptIn(place.slice(KEPT.length))));
      return;
    }
    if (place.startsWith(FEATURES)) {
      const path = place.slice(FEATURES.length);
      this.features.push(...readFeatureLines(await textOf(path), path));
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
      await this.ran(await runFolder(folder, this.bed, this.options, this.config), folder.name);
      return true;
    }
    const task = await taskOf(folder);
    if (!task) return false;
    this.context.out.note(`${folder.name}: ${task.id}`);
    await this.scored(await task.run(folder, this.options));
    return true;
  }

  private async ran(run: SetRun, name: string): Promise<void> {
    this.context.out.note(`${run.set}: ${run.outcomes.length} cases`);
    if (run.outcomes.length === 0 && run.passedOver.length === 0) return;
    await this.keep({ variant: this.variant, run }, name);
  }

  private async scored(score: SetScore): Promise<void> {
    if (score.cases > 0) await this.keep({ variant: this.variant, score }, score.set);
  }

  private async keep(one: KeptSet, name: string): Promise<void> {
    this.kept.push(one);
    if (this.flags.keep !== undefined) await keepIn(this.flags.keep, name, one);
  }

  /** All root-cause cases as they are, or as this run changed them. */
  outcomes(): readonly Outcome[] {
    const own = this.kept.filter(({ variant }) => variant === this.variant);
    return mergedRuns(own.flatMap(({ run }) => run ?? [])).flatMap(({ outcomes }) => outcomes);
  }

  finish(outcomes: readonly Outcome[]): readonly SetScore[] {
    const { only } = this.options;
    if (this.kept.length === 0 && only !== undefined) {
      throw new FaultlineError('usage', `No set has a case "${only}".`);
    }
    // A run of one kind alone needs no name for it.
    const own = this.kept.map((one) =>
      one.variant === this.variant ? { ...one, variant: '' } : one,
    );
    return [...keptScores(own), ...overallScores(outcomes)];
  }
}

/** What is made rather than read, with so many seeds: `simulator:20`. */
const MADE = [
  ['simulator', runSimulator],
  ['planted-metrics', runPlantedMetrics],
] as const;

const weighted = z.looseObject({ weight: z.number() });

/** Ranking methods, which have a weight in the fused ranking. */
const METHODS = analyses
  .all()
  .filter(({ kind, params }) => kind === 'rca' && weighted.safeParse(params.parse({})).success)
  .map(({ id }) => id);

/** How many folders down a set is looked for. */
const DEEPEST = 3;

/** `kept:DIR`: what `--keep DIR` wrote; `features:FILE`: what `--features FILE` wrote. */
const KEPT = 'kept:';
const FEATURES = 'features:';

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

/** How a run differs from a plain one, in words. */
function variantOf({ scramble, blind, signals }: TaskOptions): string {
  const words = [
    ...(scramble === undefined ? [] : [`scramble ${scramble}`]),
    ...(blind ? ['blind'] : []),
    ...(signals === undefined ? [] : [`${signals} alone`]),
  ];
  return words.join(', ');
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
