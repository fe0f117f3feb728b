import { FaultlineError, createRng, parseRfc3339, type EpochNs, type TimeWindow } from '../base';
import type { Batch } from '../model';
import { buildWorld } from './build-world';
import { startMemory } from './lifecycle';
import { Scraper } from './metrics';
import { startNoise } from './noise';
import { Rules } from './rules';
import type { Fault, RootCause, Scenario } from './fault';
import { PAIRED, SCENARIOS, scenarioOf } from './scenarios';
import { SHOP } from './system';
import { stateTopology } from './topology';
import { startConsumers, startTraffic } from './traffic';
import type { World } from './world';

/** 'small': about 5,000 spans; 'sample': 60,000; 'large': 150,000; a number multiplies 'sample'. */
export type SimulationSize = 'small' | 'sample' | 'large' | number;

export interface SimulateOptions {
  readonly scenario: string;
  readonly seed: number;
  readonly size?: SimulationSize;
  /** When the telemetry starts. */
  readonly start?: EpochNs;
  readonly durationS?: number;
  /** Share of traces that are kept, instead of what the size says: 1 keeps all. */
  readonly sampling?: number;
}

export interface Truth {
  readonly root_cause: RootCause | undefined;
  /** Where several things broke at once: each of them. */
  readonly root_causes: readonly RootCause[] | undefined;
  readonly injected_at: EpochNs;
  readonly level: 'service' | 'host';
}

/** What an investigator would know. */
export interface SimulationHints {
  readonly window: TimeWindow;
  readonly incident: TimeWindow;
  readonly baseline: TimeWindow | undefined;
  readonly symptom: Readonly<Record<string, string>> | undefined;
}

export interface Simulation {
  readonly options: Required<SimulateOptions>;
  readonly truth: Truth;
  readonly hints: SimulationHints;
  /**
   * Runs the system from the start, each time anew with the same result, and yields its telemetry in
   * order of time, slice by slice: resources and series before what names them, spans when they end.
   */
  batches(): Generator<Batch, void, void>;
}

export const scenarios: readonly Pick<Scenario, 'id' | 'title' | 'description'>[] = SCENARIOS.map(
  ({ id, title, description }) => ({ id, title, description }),
);

export const defaultScenario = {
  scenario: 'slow-query',
  seed: 14,
  size: 'sample',
  start: parseRfc3339('2026-11-21T14:00:00Z') ?? 0n,
} as const satisfies SimulateOptions;

const WARM_UP = 90_000;
const STEP = 15_000;
const PER_SECOND = 20;
/** Share of traces kept in a sample: 30 minutes of 20 requests a second make some 60,000 spans. */
const SAMPLING = 0.11;

/** Two independent faults at once, drawn: the name of a scenario. */
export function pairOf(seed: number): string {
  const rng = createRng(`pair/${seed}`);
  const first = rng.int(PAIRED.length);
  const second = (first + 1 + rng.int(PAIRED.length - 1)) % PAIRED.length;
  return `${PAIRED[first]?.id}+${PAIRED[second]?.id}`;
}

/** Throws 'usage' for an unknown scenario or a size or duration that can't be. */
export function simulate(options: SimulateOptions): Simulation {
  const scenario = scenarioOf(options.scenario);
  if (!scenario) throw new FaultlineError('usage', `No scenario "${options.scenario}".`);
  const plan = planOf(options);
  const { start, durationS } = plan.options;
  const rng = createRng(`${scenario.id}/${options.seed}`);
  const drawn = scenario.draw(rng.fork('fault'));
  const timing = rng.fork('timing');
  const fault = WARM_UP + Math.round(durationS * (600 + 40 * timing.next()));
  const noticed = fault + 20_000 + Math.round(25_000 * timing.next());
  const end = WARM_UP + durationS * 1000;
  const origin = start - BigInt(WARM_UP) * 1_000_000n;
  const at = (ms: number): EpochNs => origin + BigInt(Math.round(ms)) * 1_000_000n;
  return {
    options: plan.options,
    truth: {
      root_cause: drawn.cause,
      root_causes: drawn.causes,
      injected_at: at(fault),
      level: drawn.level,
    },
    hints: {
      window: { from: start, to: at(end) },
      incident: { from: at(noticed), to: at(end) },
      baseline: { from: start, to: at(fault - 60_000) },
      symptom: drawn.symptom ? { ...drawn.symptom } : undefined,
    },
    batches: () =>
      run(
        drawn,
        () =>
          buildWorld({
            def: SHOP,
            rng: createRng(`${scenario.id}/${options.seed}/world`),
            origin,
            from: WARM_UP,
            end,
            perSecond: PER_SECOND * plan.scale,
            sampling: plan.options.sampling,
            scale: plan.scale,
          }),
        fault,
      ),
  };
}

function planOf(options: SimulateOptions): {
  options: Required<SimulateOptions>;
  scale: number;
} {
  const size = options.size ?? 'sample';
  const factor = size === 'small' ? 0.25 : size === 'sample' ? 1 : size === 'large' ? 2.5 : size;
  if (!(factor > 0)) throw new FaultlineError('usage', `Not a size: ${factor}.`);
  const durationS = options.durationS ?? (size === 'small' ? 600 : 1800);
  if (!(durationS >= 120)) {
    throw new FaultlineError('usage', `A simulation takes at least 120 s, not ${durationS}.`);
  }
  // More spans: first keep a larger share of the traces, then make the system itself larger.
  const wanted = options.sampling ?? SAMPLING * factor;
  const sampling = Math.min(1, wanted);
  const scale = options.sampling === undefined ? Math.max(1, wanted) : 1;
  const start = options.start ?? defaultScenario.start;
  const { scenario, seed } = options;
  return { options: { scenario, seed, size, start, durationS, sampling }, scale };
}

/** Rows that gather before a slice is handed out early. */
const SLICE_ROWS = 20_000;

function* run(drawn: Fault, build: () => World, fault: number): Generator<Batch, void, void> {
  const world = build();
  const { kernel, recorder, end } = world;
  startTraffic(world);
  startConsumers(world);
  startMemory(world);
  startNoise(world, { from: WARM_UP, fault, end, victim: drawn.cause?.service });
  kernel.at(fault, () => drawn.inject(world, world.noise.fork('fault')));
  const scraper = new Scraper(world, STEP);
  const rules = new Rules(world, STEP, WARM_UP);
  stateTopology(world);
  for (let at = STEP; at < end; at += STEP) {
    kernel.runUntil(at);
    if (at >= WARM_UP) scraper.scrape();
    rules.evaluate();
    if (recorder.pending >= SLICE_ROWS) yield* recorder.take();
  }
  // The window is half-open.
  kernel.runUntil(end - 0.001);
  rules.finish();
  yield* recorder.take();
}
