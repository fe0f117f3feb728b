import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNativeEngine } from '../app/node';
import { analyze, type FetchFrames } from '../core/analysis';
import {
  emptyFrame,
  findQuery,
  type AnalysisRequest,
  type Frame,
  type FrameSpec,
  type QueryCall,
} from '../core/model';
import { scenarios, simulate } from '../core/simulate';
import { openCaseStore, type CaseStore } from '../core/store';

/**
 * node dist/bench/rca-metrics.mjs [--blind] [--no-graph] [--quiet] KEPT_CASES_FOLDER SETS_FOLDER [NAME_PART]
 * Root cause from metrics alone: analyses of kept cases (faultline bench --cache) with every answer about spans, logs,
 * alerts and changes withheld. With --quiet the windows lie in the fault-free part of each recording.
 */
const flags = new Set(process.argv.slice(2).filter((arg) => arg.startsWith('--')));
const [cache = '', sets = '', part = ''] = process.argv.slice(2).filter((a) => !a.startsWith('--'));

const KEPT =
  /^(analysis\.(metric|stated|case-range|covered|series-courses)|edge-shift|model\.)|^analysis\.metric/;

/** Answers of metric queries only; the call graph stays, as relations that are stated. */
async function withheld(store: CaseStore): Promise<FetchFrames> {
  const relations = flags.has('--no-graph') ? [] : await callGraph(store);
  return async <S extends FrameSpec>(call: QueryCall<S>): Promise<Frame<S>> => {
    if (!KEPT.test(call.query)) return emptyFrame(findQuery(call.query).columns) as Frame<S>;
    const frame = await store.run(call);
    if (call.query !== 'analysis.stated-relations') return frame;
    const own = flags.has('--no-graph') ? [] : rowsOf(frame);
    const rows = [...own, ...relations];
    const of = (i: number): string[] => rows.map((row) => row[i] ?? '');
    const col = { source: of(0), target: of(1), kind: of(2) };
    return { rows: rows.length, col } as unknown as Frame<S>;
  };
}

function rowsOf({ rows, col }: Frame): string[][] {
  const { source, target, kind } = col as unknown as Record<string, string[]>;
  return Array.from({ length: rows }, (_, i) => [
    source?.[i] ?? '',
    target?.[i] ?? '',
    kind?.[i] ?? '',
  ]);
}

async function callGraph(store: CaseStore): Promise<string[][]> {
  const { request } = await store.facts();
  const whole = await analyze((call) => store.run(call), {
    request,
    entities: await store.entities(),
  });
  return whole.topology.edges
    .filter(({ kind }) => kind === 'calls')
    .map(({ source, target }) => [source, target, 'calls']);
}

interface Outcome {
  readonly id: string;
  readonly truth: string | null;
  readonly rank: number;
  readonly line: string;
}

async function outcome(
  id: string,
  truth: string | null,
  path: string,
): Promise<Outcome | undefined> {
  const store = await openCaseStore(await openNativeEngine({ path }), { now: 1n });
  try {
    const { request } = await store.facts();
    const quiet = flags.has('--quiet');
    const asked = quiet ? quietOf(request) : flags.has('--blind') ? {} : request;
    // No fault-free part: not counted.
    if (asked === undefined) return undefined;
    const started = performance.now();
    const fetch = await withheld(store);
    const result = await analyze(fetch, { request: asked, entities: await store.entities() });
    const at = result.ranking.findIndex(
      ({ entity }) => entity.name === truth || truth?.startsWith(`${entity.name}_`),
    );
    const none = truth === null || quiet;
    const silent = result.verdict === 'insufficient-evidence' ? 1 : Infinity;
    const rank = none ? silent : at < 0 ? Infinity : at + 1;
    const top = result.ranking.slice(0, 4).map((c) => `${c.entity.name} ${c.score.toFixed(2)}`);
    const when = flags.has('--blind') ? ` ${windowWords(result.incident, request.incident)}` : '';
    const ms = (performance.now() - started).toFixed(0);
    const line = `${id}  ${truth}  ${rank}  ${result.verdict}${when}  ${ms} ms  ${top.join(' | ')}`;
    return { id, truth: quiet ? null : truth, rank, line };
  } finally {
    await store.close();
  }
}

/** The last stretch of the baseline, as long as the incident where that leaves two thirds before it. */
function quietOf({ incident, baselines }: AnalysisRequest): AnalysisRequest | undefined {
  const [base] = baselines ?? [];
  if (!base || !incident) return undefined;
  const third = (base.to - base.from) / 3n;
  const length = incident.to - incident.from < third ? incident.to - incident.from : third;
  const from = base.to - length;
  return { incident: { from, to: base.to }, baselines: [{ from: base.from, to: from }] };
}

function windowWords(found: { from: bigint; to: bigint }, given = found): string {
  const off = (a: bigint, b: bigint): string => `${((Number(a - b) / 1e9) | 0).toString()}s`;
  return `onset ${off(found.from, given.from)} end ${off(found.to, given.to)}`;
}

function truthOf(name: string): string | null {
  const simulated = /^(.*)-(\d+)-([\d.]+)$/.exec(name);
  if (simulated && scenarios.some(({ id }) => id === simulated[1])) {
    const [, scenario = '', seed, size] = simulated;
    const { truth } = simulate({ scenario, seed: Number(seed), size: Number(size) });
    return truth.root_cause?.service ?? null;
  }
  for (const set of readdirSync(sets)) {
    const path = join(sets, set, name.slice(set.length + 1), 'truth.json');
    if (!name.startsWith(`${set}-`) || !existsSync(path)) continue;
    const { root_cause } = JSON.parse(readFileSync(path, 'utf8')) as {
      root_cause: { service: string };
    };
    return root_cause.service;
  }
  throw new Error(`no truth for ${name}`);
}

const all: Outcome[] = [];
for (const file of readdirSync(cache).sort()) {
  if (!file.endsWith('.faultline') || !file.includes(part)) continue;
  const name = file.slice(0, -'.faultline'.length);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-rca-'));
  try {
    const path = join(folder, 'case.faultline');
    copyFileSync(join(cache, file), path);
    const done = await outcome(name, truthOf(name), path);
    if (done) {
      console.log(done.line);
      all.push(done);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const bySet = new Map<string, Outcome[]>();
for (const one of all) {
  const set = /^(nezha-[a-z]+|petshop)/.exec(one.id)?.[1] ?? 'simulated';
  bySet.set(set, [...(bySet.get(set) ?? []), one]);
}
for (const [set, cases] of bySet) {
  const real = cases.filter(({ truth }) => truth !== null);
  const calm = cases.filter(({ truth }) => truth === null);
  const share = (k: number): number => real.filter(({ rank }) => rank <= k).length / real.length;
  const avg5 = [1, 2, 3, 4, 5].reduce((sum, k) => sum + share(k), 0) / 5;
  const silent = `${calm.filter(({ rank }) => rank === 1).length} of ${calm.length}`;
  console.log(
    JSON.stringify({ set, n: real.length, top1: share(1), top3: share(3), avg5, silent }),
  );
}
