import { FaultlineError, createRng, parseRfc3339, type EpochNs, type TimeWindow } from '../base';
import type { Batch } from '../model';
import { buildWorld } from './build-world';
import { startMemory } from './lifecycle';
import { Scraper } from './metrics';
import { startNoise } from './noise';
import { Rules } from './rules';
import type { Fault, RootCause, Scenario } from './fault';
import { PAIRED, SCENARIOS, scenarioOf } from './scenarios';
import { SYSTEMS, defaultSystem, systemOf } from './systems';
import type { SystemDef } from './system-types';
import { stateTopology } from './topology';
import { startConsumers, startTraffic } from './traffic';
import type { World } from './world';

/** 'small': about 5,000 spans; 'sample': 60,000; 'large': 150,000; a number multiplies 'sample'. */
export type SimulationSize = 'small' | 'sample' | 'large' | number;

export interface SimulateOptions {
  readonly scenario: string;
  /** Which system it happens in; the shop where it is not given. */
  readonly system?: string;
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
   * order of time, slice by slice: resources and series before what names them, spans when they end. A slice
   * has so many rows, about.
   */
  batches(sliceRows?: number): Generator<Batch, void, void>;
}

export const scenarios: readonly Pick<Scenario, 'id' | 'title' | 'description'>[] = SCENARIOS.map(
  ({ id, title, description }) => ({ id, title, description }),
);

export const systems: readonly Pick<SystemDef, 'id' | 'title'>[] = SYSTEMS.map(({ id, title }) => ({
  id,
  title,
}));

export const defaultScenario = {
  scenario: 'slow-query',
  seed: 14,
  size: 'sample',
  start: parseRfc3339('2026-11-21T14:00:00Z') ?? 0n,
} as const satisfies SimulateOptions;

const WARM_UP = 90_000;
/** Two independent faults at once that a system can have, drawn: the name of a scenario. */
export function pairOf(seed: number, system: string = defaultSystem): string {
  const def = systemOf(system);
  const rng = createRng(`pair/${seed}`);
  const able = PAIRED.filter((one) => !def || (one.fits?.(def) ?? true));
  const first = rng.int(able.length);
  const second = (first + 1 + rng.int(able.length - 1)) % able.length;
  return `${able[first]?.id}+${able[second]?.id}`;
}

/** Ids of the systems in which a scenario can happen. */
export function systemsOf(scenario: string): readonly string[] {
  const found = scenarioOf(scenario);
  return found ? SYSTEMS.filter((def) => found.fits?.(def) ?? true).map(({ id }) => id) : [];
}

/** Throws 'usage' for an unknown scenario or a size or duration that can't be. */
export function simulate(options: SimulateOptions): Simulation {
  const { scenario, def } = placeOf(options);
  const plan = planOf(options, def);
  const { start, durationS } = plan.options;
  const name = `${def.id === defaultSystem ? '' : `${def.id}/`}${scenario.id}/${options.seed}`;
  const rng = createRng(name);
  const drawn = scenario.draw(rng.fork('fault'), def);
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
    batches: (sliceRows = SLICE_ROWS) =>
      run(
        drawn,
        () =>
          buildWorld({
            def,
            rng: createRng(`${name}/world`),
            origin,
            from: WARM_UP,
            end,
            perSecond: def.telemetry.perSecond * plan.scale,
            sampling: plan.options.sampling,
            scale: plan.scale,
          }),
        fault,
        sliceRows,
      ),
  };
}

/** The scenario and the system of these options. Throws 'usage'. */
function placeOf(options: SimulateOptions): { scenario: Scenario; def: SystemDef } {
  const scenario = scenarioOf(options.scenario);
  if (!scenario) throw new FaultlineError('usage', `No scenario "${options.scenario}".`);
  const system = options.system ?? defaultSystem;
  const def = systemOf(system);
  if (!def) throw new FaultlineError('usage', `No system "${system}".`);
  if (scenario.fits?.(def) === false) {
    throw new FaultlineError('usage', `Nothing in "${system}" can break like "${scenario.id}".`);
  }
  return { scenario, def };
}

function planOf(
  options: SimulateOptions,
  def: SystemDef,
): {
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
  const wanted = options.sampling ?? def.telemetry.sampling * factor;
  const sampling = Math.min(1, wanted);
  const scale = options.sampling === undefined ? Math.max(1, wanted) : 1;
  const start = options.start ?? defaultScenario.start;
  const { scenario, seed } = options;
  const system = def.id;
  return { options: { scenario, system, seed, size, start, durationS, sampling }, scale };
}

/** Rows that gather before a slice is handed out early. */
const SLICE_ROWS = 20_000;

function* run(
  drawn: Fault,
  build: () => World,
  fault: number,
  sliceRows: number,
): Generator<Batch, void, void> {
  const world = build();
  const { kernel, recorder, end } = world;
  startTraffic(world);
  startConsumers(world);
  startMemory(world);
  startNoise(world, { from: WARM_UP, fault, end, victim: drawn.cause?.service });
  const lead = Math.min(drawn.leadMs ?? 0, (fault - WARM_UP) / 2);
  kernel.at(fault - lead, () => drawn.inject(world, world.noise.fork('fault'), fault));
  const { stepMs } = world.def.telemetry;
  const scraper = new Scraper(world, stepMs);
  const rules = new Rules(world, stepMs, WARM_UP);
  stateTopology(world);
  for (let at = stepMs; at < end; at += stepMs) {
    kernel.runUntil(at);
    if (at >= WARM_UP) scraper.scrape();
    rules.evaluate();
    if (recorder.pending >= sliceRows) yield* recorder.take();
  }
  // The window is half-open.
  kernel.runUntil(end - 0.001);
  rules.finish();
  yield* recorder.take();
}
