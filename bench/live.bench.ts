import { openNativeEngine } from '../app/node';
import { analyze, type FetchFrames } from '../core/analysis';
import { findQuery, renderSql, type AnalysisRequest, type Batch } from '../core/model';
import { byMinute, simulate } from '../core/simulate';
import { openCaseStore, type CaseStore, type Engine, type SourceWriter } from '../core/store';

const MINUTE = 60_000_000_000n;
/** A simulated incident of so many minutes with what was before it, and as many of quiet after it as asked for. */
const EVENTFUL = 20;
const QUIET_AFTER = [2, 20, 60, 180] as const;
/** Minutes of an incident that goes on when it is measured, after 30 minutes before it. */
const GOING_ON = [5, 18] as const;

interface LiveStep {
  readonly incident: 'is over' | 'goes on';
  readonly minutes: number;
  readonly rows: number;
  /** Showing one more minute, and analysing it: processor time of all threads. */
  readonly 'show cpu ms': number;
  readonly 'minute cpu ms': number;
  /** An analysis of the same rows from scratch. */
  readonly 'whole cpu ms': number;
  readonly 'minute / whole': number;
  /** Questions of the minute's analysis, and those that were answered from memory. */
  readonly asked: number;
  readonly kept: number;
}

/**
 * A case that receives for hours: what one more minute costs, from its commit to what is found, beside an analysis
 * from scratch of the same rows in the same run. Of an incident that is over while the case grows on, and of one
 * that goes on, whose window grows with it.
 */
export async function liveBench(options: { readonly full: boolean }): Promise<readonly LiveStep[]> {
  return [
    ...(await afterwards(options.full ? QUIET_AFTER : QUIET_AFTER.slice(0, 3))),
    ...(await meanwhile(GOING_ON)),
  ];
}

const SIMULATED = { scenario: 'slow-query', seed: 14, sampling: 0.03 } as const;

async function afterwards(lengths: readonly number[]): Promise<readonly LiveStep[]> {
  const eventful = simulate({ ...SIMULATED, durationS: 60 * EVENTFUL });
  const { incident, baseline, window } = eventful.hints;
  const durationS = 60 * ((lengths.at(-1) ?? 0) + 2);
  const quiet = simulate({ ...SIMULATED, scenario: 'quiet', start: window.to, durationS });
  const request = { incident, baselines: baseline ? [baseline] : [] };
  const batches = function* (): Generator<Batch> {
    yield* eventful.batches(SLICE);
    yield* quiet.batches(SLICE);
  };
  const minutes = lengths.map((length) => EVENTFUL + length);
  return grown(batches(), minutes, () => ({ incident: 'is over', request }));
}

async function meanwhile(lengths: readonly number[]): Promise<readonly LiveStep[]> {
  const simulation = simulate({ ...SIMULATED, durationS: 60 * 50 });
  const { incident, baseline, window } = simulation.hints;
  const begun = Number((incident.from - window.from) / MINUTE);
  const minutes = lengths.map((length) => begun + length);
  return grown(simulation.batches(SLICE), minutes, (minute) => ({
    incident: 'goes on',
    request: {
      incident: { from: incident.from, to: window.from + BigInt(minute) * MINUTE },
      baselines: baseline ? [baseline] : [],
    },
  }));
}

/** Rows of a batch, about: some seconds. */
const SLICE = 2000;

interface Asked {
  readonly incident: LiveStep['incident'];
  readonly request: AnalysisRequest;
}

/** A case to which minute after minute comes; measured is the minute after each of those given. */
async function grown(
  batches: Iterable<Batch>,
  measuredAfter: readonly number[],
  asked: (minute: number) => Asked,
): Promise<readonly LiveStep[]> {
  const engine = await openNativeEngine({});
  const store = await openCaseStore(engine, { now: 1n, create: { name: 'live' } });
  const identity = { connector: 'simulator', name: 'live', endpoint: '', query: '', window: null };
  const writer = await store.beginSource(identity, 1n);
  const steps: LiveStep[] = [];
  let minute = 0;
  for (const piece of byMinute(batches)) {
    for (const batch of piece) writer.add(batch);
    await writer.commit('');
    minute++;
    if (measuredAfter.includes(minute)) {
      await writer.show();
      await analysed(store, engine, asked(minute).request, true);
    }
    if (!measuredAfter.includes(minute - 1)) continue;
    steps.push(await measured({ store, engine, writer }, minute, asked(minute)));
  }
  await store.close();
  return steps;
}

interface Case {
  readonly store: CaseStore;
  readonly engine: Engine;
  readonly writer: SourceWriter;
}

async function measured(
  { store, engine, writer }: Case,
  minutes: number,
  { incident, request }: Asked,
): Promise<LiveStep> {
  const started = cpuMs();
  await writer.show();
  const { counts } = await store.facts();
  const show = cpuMs() - started;
  const minute = await analysed(store, engine, request, true);
  const whole = await analysed(store, engine, request, false);
  return {
    incident,
    minutes,
    rows: counts.reduce((sum, { rows }) => sum + rows, 0),
    'show cpu ms': show,
    'minute cpu ms': show + minute.cpuMs,
    'whole cpu ms': whole.cpuMs,
    'minute / whole': (show + minute.cpuMs) / whole.cpuMs,
    asked: minute.asked,
    kept: minute.kept,
  };
}

interface Analysed {
  readonly cpuMs: number;
  readonly asked: number;
  readonly kept: number;
}

/** Stamps of the answers that were there after the last analysis. */
let stamps: ReadonlySet<number> = new Set();

/** One analysis; by the store, or past what it keeps. */
async function analysed(
  store: CaseStore,
  engine: Engine,
  request: AnalysisRequest,
  keeping: boolean,
): Promise<Analysed> {
  const entities = await store.entities();
  const seen = new Set<number>();
  let [asked, kept] = [0, 0];
  const fetch: FetchFrames = async (call) => {
    const spec = findQuery(call.query).columns as NonNullable<typeof call.__columns>;
    if (!keeping) return engine.query(renderSql(call), spec);
    const frame = await store.run(call);
    asked++;
    if (frame.stamp !== undefined) {
      if (stamps.has(frame.stamp)) kept++;
      seen.add(frame.stamp);
    }
    return frame;
  };
  const started = cpuMs();
  await analyze(fetch, { request, entities });
  stamps = seen;
  return { cpuMs: cpuMs() - started, asked, kept };
}

/** Of all threads of this process: others on the machine make it no longer. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
