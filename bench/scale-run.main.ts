import { readFileSync } from 'node:fs';
import { openNativeEngine } from '../app/node';
import { analyze, type FetchFrames } from '../core/analysis';
import { isCancelled } from '../core/base';
import { openCaseStore, type CaseStore } from '../core/store';
import { stageOf, type ScaleRun, type Stage, type Stretch } from './scale-run';

/**
 * node dist/bench/scale-run.mjs CASE CANCELS: one analysis of a case on the native engine in a process of its own,
 * then CANCELS more that are cancelled at as many points of it. Prints a ScaleRun as JSON.
 */
const [path = '', cancels = '0'] = process.argv.slice(2);
const store = await openCaseStore(await openNativeEngine({ path, readOnly: true }), { now: 1n });
const run = await measured(store);
console.log(JSON.stringify({ ...run, cancelMs: await cancelled(store, run.ms, Number(cancels)) }));
await store.close();

async function measured(of: CaseStore): Promise<Omit<ScaleRun, 'cancelMs'>> {
  const { request } = await of.facts();
  const entities = await of.entities();
  const stages: Record<Stage, number> = { spans: 0, logs: 0, samples: 0, evidence: 0 };
  const beats = heartbeat();
  let [heard, silence] = [performance.now(), 0];
  const fetch: FetchFrames = async (call) => {
    beats.label = call.query;
    const started = performance.now();
    const frame = await of.run(call);
    stages[stageOf(call.query)] += performance.now() - started;
    return frame;
  };
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const { verdict, ranking } = await analyze(fetch, {
    request,
    entities,
    onProgress: ({ id }) => {
      beats.label = id;
      silence = Math.max(silence, performance.now() - heard);
      heard = performance.now();
    },
  });
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return {
    verdict,
    first: ranking[0]?.entity.name ?? '',
    ms,
    cpuMs: (user + system) / 1000,
    stages,
    peakMb: process.resourceUsage().maxRSS / 1000,
    longest: beats.longest,
    silenceMs: silence,
  };
}

interface Beat {
  label: string;
  readonly longest: Stretch;
}

/** The longest stretch of work between two turns of the event loop, and what had begun last before it. */
function heartbeat(): Beat {
  const longest = { ms: 0, cpuMs: 0, at: '' };
  const beat = { label: '', longest };
  let [last, lastCpu] = [performance.now(), threadMs()];
  setInterval(() => {
    const [now, cpu] = [performance.now(), threadMs()];
    longest.ms = Math.max(longest.ms, now - last);
    if (cpu - lastCpu > longest.cpuMs) {
      [longest.cpuMs, longest.at] = [cpu - lastCpu, beat.label];
      if (process.env['SCALE_DEBUG'] && cpu - lastCpu > 30)
        console.error(cpu - lastCpu, beat.label);
    }
    [last, lastCpu] = [now, cpu];
  }, 2).unref();
  return beat;
}

/** Processor time of this thread, ms: a busy machine makes it no longer. NaN where the system does not tell. */
function threadMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

/** From the wish to the end of the run, ms, for each of `points` moments spread over it. */
async function cancelled(of: CaseStore, ms: number, points: number): Promise<readonly number[]> {
  const { request } = await of.facts();
  const entities = await of.entities();
  const waits: number[] = [];
  for (let point = 1; point <= points; point++) {
    const controller = new AbortController();
    const { signal } = controller;
    let wished = Number.NaN;
    const timer = setTimeout(
      () => {
        wished = performance.now();
        controller.abort();
      },
      (ms * point) / (points + 1),
    );
    try {
      await analyze((call) => of.run(call, { signal }), { request, entities, signal });
    } catch (error) {
      if (!isCancelled(error)) throw error;
      waits.push(performance.now() - wished);
    }
    clearTimeout(timer);
  }
  return waits;
}
