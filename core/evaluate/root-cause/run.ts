import { createRng, throwIfAborted } from '../../base';
import type { AnalysisRequest } from '../../model';
import type { CaseStore } from '../../store';
import type { SetFolder, TaskOptions } from '../task';
import { plantedCases } from '../planted-metrics';
import { sameRanking } from './agreement';
import { outcomeOf, type Question } from './analyse';
import { importTexts, type CaseBed } from './bed';
import { blindCase, metricsOnly } from './blind';
import {
  caseFolders,
  folderCase,
  simulatedCases,
  type LabelledCase,
  type SeedRange,
} from './cases';
import type { Outcome, Silence } from './outcome';
import { quietKinds, quietVariant } from './quiet-variants';
import { scrambleCase } from './scramble';
import { serviceMetrics } from './service-metrics';
import type { Truth } from './truth';
import { withoutSignals } from './without-signal';

export interface RunConfig {
  /** Stretches to cut from each case's baseline and ask about. */
  readonly silences: number;
  /** Parameters of analyses that differ from their defaults. */
  readonly parameters?: AnalysisRequest['parameters'];
  /** Methods to leave out one at a time, by id. */
  readonly ablate?: readonly string[];
  /** Also without each signal that a case has. */
  readonly ablateSignals?: boolean;
  readonly onCase?: (id: string, done: number, total: number) => void;
}

export interface SetRun {
  readonly set: string;
  readonly outcomes: readonly Outcome[];
  /** Cases whose ranking changed with names, order or time; undefined where none was scrambled. */
  readonly differing?: readonly string[];
  /** Cases that allow no blind claim. */
  readonly passedOver: readonly string[];
}

export async function runFolder(
  folder: SetFolder,
  bed: CaseBed,
  options: TaskOptions,
  config: RunConfig,
): Promise<SetRun> {
  const ids = (await caseFolders(folder)).filter((id) => isAsked(id, options));
  const cases: LabelledCase[] = [];
  for (const id of ids) cases.push(await folderCase(folder, id));
  return runCases({ set: folder.name, simulated: false, cases }, bed, options, config);
}

export function runSimulator(
  seeds: SeedRange,
  bed: CaseBed,
  options: TaskOptions,
  config: RunConfig,
): Promise<SetRun> {
  const cases = simulatedCases(seeds, 'small').filter(({ id }) => isAsked(id, options));
  return runCases({ set: 'simulator', simulated: true, cases }, bed, options, config);
}

/** Recordings of metrics alone, of a model that shares nothing with the simulator. */
export function runPlantedMetrics(
  seeds: SeedRange,
  bed: CaseBed,
  options: TaskOptions,
  config: RunConfig,
): Promise<SetRun> {
  const cases = plantedCases(seeds).filter(({ id }) => isAsked(id, options));
  return runCases({ set: 'planted-metrics', simulated: true, cases }, bed, options, config);
}

/** A simulated case is asked about by its whole name, or by parts of it: system, scenario, seed. */
export const isAsked = (id: string, { only }: Pick<TaskOptions, 'only'>): boolean =>
  only === undefined || `/${id}/`.includes(`/${only}/`);

interface Source {
  readonly set: string;
  readonly simulated: boolean;
  readonly cases: readonly LabelledCase[];
}

async function runCases(
  { set, simulated, cases }: Source,
  bed: CaseBed,
  options: TaskOptions,
  config: RunConfig,
): Promise<SetRun> {
  const outcomes: Outcome[] = [];
  const differing: string[] = [];
  const passedOver: string[] = [];
  for (const [i, one] of cases.entries()) {
    throwIfAborted(options.signal);
    config.onCase?.(`${set}/${one.id}`, i, cases.length);
    const { parameters, ablate = [] } = config;
    const { id, system = set } = one;
    const kinds = quietKinds(i, config.silences, simulated);
    const silences = kinds.filter((kind) => kind === 'same recording').length;
    const truth = options.signals ? metricTruth(one.truth, simulated) : one.truth;
    const question = { set, system, simulated, id, truth, silences, parameters, ablate };
    if (options.blind) {
      const outcome = await runBlind(one, question, bed, options);
      if (outcome) outcomes.push(outcome);
      else passedOver.push(id);
      continue;
    }
    const plain = await bed.withCase(
      options.signals ? `${one.key}-${options.signals}` : one.key,
      (store) => fill(store, one, bed, options),
      (store) => outcomeOf(store, question, options),
    );
    if (options.scramble === undefined) {
      const quiet: Silence[] = [];
      for (const kind of kinds) {
        if (kind === 'same recording' || options.signals !== undefined) continue;
        const silence = await quietVariant(one, kind, cases, bed, options);
        if (silence) quiet.push(silence);
      }
      const fewer = config.ablateSignals ? await withoutSignals(one, question, bed, options) : [];
      outcomes.push({
        ...plain,
        silences: [...plain.silences, ...quiet],
        ablations: [...plain.ablations, ...fewer],
      });
      continue;
    }
    const scrambled = await runScrambled(one, question, bed, options, options.scramble);
    const { rename } = scrambled;
    if (!sameRanking(plain.ranking, scrambled.outcome.ranking, rename)) differing.push(id);
    outcomes.push(scrambled.outcome);
  }
  const scrambled = options.scramble === undefined ? undefined : differing;
  return { set, outcomes, differing: scrambled, passedOver };
}

async function fill(
  store: CaseStore,
  one: LabelledCase,
  { formats }: CaseBed,
  { signal, signals }: TaskOptions,
): Promise<void> {
  if (one.fill && signals === undefined) return one.fill(store);
  return importTexts(store, await textsOf(one, signals), formats, signal);
}

/** What of a case is asked about; of a simulated one without its other signals, a row of metrics a service. */
async function textsOf(
  one: LabelledCase,
  signals: TaskOptions['signals'],
): Promise<Map<string, string>> {
  const texts = await one.texts();
  if (signals === undefined) return new Map(texts);
  const kept = new Map(metricsOnly(texts));
  if (one.fill === undefined) return kept;
  for (const [name, text] of kept) {
    if (name.startsWith('metrics.')) kept.set(name, serviceMetrics(text));
  }
  return kept;
}

/** What is withheld can't be named: of a truth without changes and code the rest. */
function metricTruth(truth: Truth, simulated: boolean): Truth {
  return { ...truth, changes: [], region: [], metrics: simulated ? [] : truth.metrics };
}

async function runBlind(
  one: LabelledCase,
  question: Question,
  bed: CaseBed,
  options: TaskOptions,
): Promise<Outcome | undefined> {
  const { simulated, truth } = question;
  // Of a simulated case what is blind is its metrics.
  const texts = await textsOf(one, simulated ? 'metrics' : options.signals);
  const blind = blindCase(texts, createRng(`blind/${one.id}`));
  if (!blind) return undefined;
  return bed.withCase(
    `${one.key}-blind`,
    (store) => importTexts(store, blind.texts, bed.formats, options.signal),
    (store) =>
      outcomeOf(
        store,
        {
          ...question,
          truth: metricTruth(truth, simulated),
          silences: 0,
          ablate: [],
          withheld: blind.incident,
        },
        options,
      ),
  );
}

async function runScrambled(
  one: LabelledCase,
  question: Question,
  bed: CaseBed,
  options: TaskOptions,
  seed: number,
): Promise<{ outcome: Outcome; rename: (name: string) => string }> {
  const { texts, rename } = scrambleCase(await one.texts(), seed);
  const { truth } = question;
  const asked: Question = {
    ...question,
    silences: 0,
    ablate: [],
    truth: {
      ...truth,
      names: truth.names.map(rename.name),
      instances: truth.instances.map(rename.name),
      changes: truth.changes.map((words) => words.map(rename.text)),
      region: truth.region.map(rename.text),
    },
  };
  const outcome = await bed.withCase(
    `${one.key}-scrambled-${seed}`,
    (store) => importTexts(store, texts, bed.formats, options.signal),
    (store) => outcomeOf(store, asked, options),
  );
  return { outcome, rename: rename.name };
}
