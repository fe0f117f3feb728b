import { createRng, type Rng } from '../../base';
import { anomalyDefaults } from '../../analysis';
import { bootstrap } from '../intervals';
import type { CaseResult, SetScore, TaskOptions } from '../task';
import { detect, keysOfLines, naive, verdicts, type Verdicts } from './detect';
import { plant, type PlantKind } from './planting';
import type { QuietLog } from './quiet-log';

/** Logs planted per quiet log, and quiet ones looked at. */
const SEEDS = 20;
const QUIET = 10;
/** False alarms a window that are tried where one is to be chosen on the other systems. */
const ALARMS = [0.003, 0.01, 0.02, 0.05, 0.1, 0.2] as const;
const KINDS: readonly PlantKind[] = ['new', 'more', 'stopped', 'order'];

interface Trial {
  readonly system: string;
  readonly seconds: number;
  readonly lines: number;
  readonly dealt: Verdicts;
  readonly byAlarms: readonly Verdicts[];
  readonly recorded: Verdicts;
  readonly everyNew: Verdicts;
  readonly poisson: Verdicts;
}

/** Plants anomalies into quiet logs, and scores what the product says of them. */
export function runPlantedLogs(
  logs: readonly QuietLog[],
  { only, signal, now, scramble }: TaskOptions,
): SetScore {
  const trials: Trial[] = [];
  const quiet: number[] = [];
  for (const log of logs) {
    if (only !== undefined && only !== log.name && only !== log.system) continue;
    const others = logs.filter(({ system }) => system !== log.system);
    for (let seed = 0; seed < SEEDS; seed++) {
      signal?.throwIfAborted();
      const rng = createRng(`planted/${scramble ?? 0}/${log.name}/${seed}`);
      trials.push(trial(log, others, rng, now));
      if (seed < QUIET) quiet.push(falseIn(log, others, rng.fork('quiet')));
    }
  }
  return scoreOf(trials, quiet);
}

function trial(
  log: QuietLog,
  others: readonly QuietLog[],
  rng: Rng,
  now: TaskOptions['now'],
): Trial {
  const planted = plant(log, others, rng.fork('dealt'), { recorded: false, quiet: false });
  const keys = keysOfLines(planted);
  const begun = now();
  const said = detect(planted);
  const seconds = (now() - begun) / 1000;
  const { everyNew, poisson } = naive(planted, keys);
  const recorded = plant(log, others, rng.fork('recorded'), { recorded: true, quiet: false });
  return {
    system: log.system,
    seconds,
    lines: planted.lines.length,
    dealt: verdicts(planted, keys, said),
    byAlarms: ALARMS.map((alarms) =>
      verdicts(planted, keys, detect(planted, { ...anomalyDefaults, alarms })),
    ),
    recorded: verdicts(recorded, keysOfLines(recorded), detect(recorded)),
    everyNew: verdicts(planted, keys, everyNew),
    poisson: verdicts(planted, keys, poisson),
  };
}

function falseIn(log: QuietLog, others: readonly QuietLog[], rng: Rng): number {
  return detect(plant(log, others, rng, { recorded: false, quiet: true })).length;
}

type Of = (trial: Trial) => Verdicts;

const total = (counts: Verdicts['found'], kinds: readonly PlantKind[]): number =>
  kinds.reduce((sum, kind) => sum + counts[kind], 0);

const sumOf = (
  trials: readonly Trial[],
  of: Of,
  part: keyof Verdicts,
  kinds: readonly PlantKind[],
): number => trials.reduce((sum, one) => sum + total(of(one)[part], kinds), 0);

function precision(trials: readonly Trial[], of: Of, kinds = KINDS): number {
  const found = sumOf(trials, of, 'found', kinds);
  return found / (found + sumOf(trials, of, 'false', kinds));
}

function recall(trials: readonly Trial[], of: Of, kinds = KINDS): number {
  return sumOf(trials, of, 'found', kinds) / sumOf(trials, of, 'planted', kinds);
}

const dealt: Of = (one) => one.dealt;
const recorded: Of = (one) => one.recorded;

function figures(trials: readonly Trial[]): Record<string, number> {
  return {
    logPrecision: precision(trials, dealt),
    logRecall: recall(trials, dealt),
    ...Object.fromEntries(
      KINDS.flatMap((kind) => [
        [`${kind}Precision`, precision(trials, dealt, [kind])],
        [`${kind}Recall`, recall(trials, dealt, [kind])],
      ]),
    ),
    recordedPrecision: precision(trials, recorded),
    recordedRecall: recall(trials, recorded),
  };
}

function scoreOf(trials: readonly Trial[], quiet: readonly number[]): SetScore {
  const systems = [...new Set(trials.map(({ system }) => system))];
  const rng = createRng('planted-logs/bootstrap');
  const of = (system: string): readonly Trial[] => trials.filter((one) => one.system === system);
  const left = leftOut(systems, of);
  const main = figures(trials);
  const overSystems = (metric: (drawn: readonly Trial[]) => number): readonly [number, number] =>
    bootstrap(systems, (drawn) => metric(drawn.flatMap(of)), rng, 400);
  return {
    set: 'planted-logs',
    task: 'log-anomalies',
    cases: trials.length,
    metrics: {
      ...main,
      leftOutPrecision: precision(left.trials, left.of),
      leftOutRecall: recall(left.trials, left.of),
      quietAlarms: quiet.reduce((sum, n) => sum + n, 0) / Math.max(1, quiet.length),
      linesPerSecond: ratio(trials),
    },
    intervals: {
      logPrecision: overSystems((drawn) => precision(drawn, dealt)),
      logRecall: overSystems((drawn) => recall(drawn, dealt)),
    },
    nulls: {
      everyNewPrecision: precision(trials, (one) => one.everyNew),
      everyNewRecall: recall(trials, (one) => one.everyNew),
      poissonPrecision: precision(trials, (one) => one.poisson),
      poissonRecall: recall(trials, (one) => one.poisson),
    },
    groups: systems.map((name) => ({
      by: 'system',
      name,
      cases: of(name).length,
      metrics: figures(of(name)),
    })),
    results: systems.map((name) => resultOf(name, of(name))),
    notes: notesOf(quiet),
  };
}

function ratio(trials: readonly Trial[]): number {
  const lines = trials.reduce((sum, one) => sum + one.lines, 0);
  return lines / trials.reduce((sum, one) => sum + one.seconds, 0);
}

/** Each system by the number of false alarms that is best on the others: most found at nine of ten right. */
function leftOut(systems: readonly string[], of: (system: string) => readonly Trial[]) {
  const chosen = new Map<Trial, number>();
  for (const system of systems) {
    const rest = systems.filter((one) => one !== system).flatMap(of);
    let [best, most] = [0, -1];
    for (const i of ALARMS.keys()) {
      const at: Of = (one) => one.byAlarms[i] ?? one.dealt;
      const found = precision(rest, at) >= 0.9 ? recall(rest, at) : 0;
      if (found > most) [best, most] = [i, found];
    }
    for (const one of of(system)) chosen.set(one, best);
  }

  const choice: Of = (one) => one.byAlarms[chosen.get(one) ?? 0] ?? one.dealt;
  return { trials: [...chosen.keys()], of: choice };
}

function resultOf(id: string, trials: readonly Trial[]): CaseResult {
  const top = [
    `precision ${precision(trials, dealt).toFixed(3)}`,
    `recall ${recall(trials, dealt).toFixed(3)}`,
  ];
  const seconds = trials.reduce((sum, one) => sum + one.seconds, 0) / trials.length;
  return { id, truth: null, rank: null, top, seconds, verdict: 'scored' };
}

function notesOf(quiet: readonly number[]): readonly string[] {
  const silent = quiet.filter((n) => n === 0).length;
  return [
    `Lines of quiet logs, four kinds of anomaly planted by seed into a fifth of them; a planting counts once and only by its own kind.`,
    `Blocks of lines (traces, where there are) are dealt to baseline and window at random; "recorded" leaves the order of the recording, whose own changes then count as false.`,
    `Nothing was said of ${silent} of ${quiet.length} windows without a planting.`,
  ];
}
