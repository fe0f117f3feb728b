import { analyze, type FusionView } from '../../analysis';
import type { AnalysisRequest, AnalysisResult, Entity } from '../../model';
import { coveredSeconds } from '../../model/queries';
import { analyzeCase } from '../../session';
import type { CaseStore } from '../../store';
import { createRng, type TimeWindow } from '../../base';
import { placingOf } from '../ranking-score';
import type { TaskOptions } from '../task';
import { foldRanking, nameAtLevel, truthTest, type Folding } from './fold';
import { innerRanks } from './inner';
import { largestZ } from './largest-z';
import type { Ablation, Labelled, Outcome, Silence } from './outcome';
import { quietCuts } from './quiet';
import type { Truth } from './truth';

export interface Question {
  readonly set: string;
  readonly system: string;
  readonly simulated: boolean;
  readonly id: string;
  readonly truth: Truth;
  /** Stretches to cut from the baseline and ask about. */
  readonly silences: number;
  readonly parameters?: AnalysisRequest['parameters'];
  /** Methods to leave out one at a time. */
  readonly ablate: readonly string[];
  /** Length of what the "last seconds" null takes for the incident, ns; where the case is blind. */
  readonly lastNs?: bigint;
}

interface Answer {
  readonly result: AnalysisResult;
  readonly fused: FusionView;
  readonly seconds: number;
}

/** Asks the product about a filled case and holds the answer against the truth. */
export async function outcomeOf(
  store: CaseStore,
  question: Question,
  options: TaskOptions,
): Promise<Outcome> {
  const { request } = await store.facts();
  const asked = { ...request, parameters: question.parameters ?? request.parameters };
  const { result, fused, seconds } = await answer(store, asked, options);
  const { truth } = question;
  const entities = await store.entities();
  const folding = await foldingOf(store, result);
  const ranking = foldRanking(result.ranking, truth, folding);
  const isTrue = truthTest(truth, folding);
  const correct = (entity: Entity): boolean => isTrue(nameAtLevel(entity, truth.level, folding));
  const byId = new Map(entities.map((entity) => [entity.id, entity]));
  const placing = placingOf(ranking, isTrue);
  const nullOf = async (incident: TimeWindow, baseline: TimeWindow | null) =>
    placingOf(
      baseline
        ? foldRanking(await largestZ(store, incident, baseline, entities), truth, folding)
        : [],
      isTrue,
    );
  return {
    ...question,
    kind: truth.kind,
    quiet: truth.names.length === 0,
    abstained: result.verdict !== 'ranked',
    placing,
    truths: truth.names,
    ranking,
    inner: innerRanks(
      result.ranking.map(({ entity, culprits }) => ({ correct: correct(entity), culprits })),
      truth,
    ),
    result: {
      id: question.id,
      truth: truth.names.length > 0 ? truth.names.join(' + ') : null,
      rank: placing.rank,
      top: ranking.slice(0, 5).map(({ id }) => id),
      seconds,
      verdict: result.verdict,
    },
    fused: fused.ranking.slice(0, LABELLED).map((one): Labelled => {
      const entity = byId.get(one.entityId);
      return { ...one, correct: entity !== undefined && correct(entity) };
    }),
    trouble: fused.trouble,
    choices: choicesOf(entities, truth, folding),
    largestZ: await nullOf(result.incident, result.baseline),
    lastN: question.lastNs === undefined ? undefined : await lastOf(store, question.lastNs, nullOf),
    silences: await silencesOf(store, question, asked, result, options),
    ablations: await ablationsOf(store, question, asked, options),
  };
}

/** Candidates of a case that a calibration sees: those further down are all alike. */
const LABELLED = 10;

async function answer(
  store: CaseStore,
  request: AnalysisRequest,
  { signal, now }: TaskOptions,
): Promise<Answer> {
  let fused: FusionView = {
    ranking: [],
    strength: 0,
    trouble: { signs: [], total: 0 },
    enough: false,
  };
  let seconds = 0;
  const timed: typeof analyze = async (fetch, options) => {
    const started = now();
    const found = await analyze(fetch, { ...options, onFused: (view) => (fused = view) });
    seconds = (now() - started) / 1000;
    return found;
  };
  const result = await analyzeCase(store, timed, request, { now: 2n, signal });
  return { result, fused, seconds };
}

async function foldingOf(store: CaseStore, result: AnalysisResult): Promise<Folding> {
  const merges = await store.merges();
  const aliases = merges.filter(({ state }) => state === 'accepted');
  return {
    edges: result.topology.edges,
    aliases: new Map(aliases.map(({ from, into }) => [from.name, into.name])),
  };
}

/** How many names chance chooses from. */
function choicesOf(entities: readonly Entity[], truth: Truth, folding: Folding): number {
  const kinds = entities.filter(({ kind }) => {
    if (truth.level === 'host') return kind === 'host';
    if (truth.level === 'instance') return kind === 'service_instance';
    return kind !== 'host' && kind !== 'client';
  });
  return new Set(kinds.map((entity) => nameAtLevel(entity, truth.level, folding))).size;
}

async function lastOf<T>(
  store: CaseStore,
  lengthNs: bigint,
  nullOf: (incident: TimeWindow, baseline: TimeWindow) => Promise<T>,
): Promise<T | undefined> {
  const { range } = await store.facts();
  if (!range) return undefined;
  const from = range.to - lengthNs;
  return from > range.from
    ? nullOf({ from, to: range.to }, { from: range.from, to: from })
    : undefined;
}

async function ablationsOf(
  store: CaseStore,
  { truth, ablate }: Question,
  request: AnalysisRequest,
  options: TaskOptions,
): Promise<readonly Ablation[]> {
  const found: Ablation[] = [];
  for (const without of ablate) {
    const parameters = { ...request.parameters, [without]: { weight: 0 } };
    const { result } = await answer(store, { ...request, parameters }, options);
    const folding = await foldingOf(store, result);
    const ranking = foldRanking(result.ranking, truth, folding);
    const placing = placingOf(ranking, truthTest(truth, folding));
    found.push({ without, placing, abstained: result.verdict !== 'ranked' });
  }
  return found;
}

/** Cuts from the baseline, asked about without a symptom: nobody noticed anything. */
async function silencesOf(
  store: CaseStore,
  { id, silences }: Question,
  request: AnalysisRequest,
  { incident, baseline }: AnalysisResult,
  options: TaskOptions,
): Promise<readonly Silence[]> {
  const given = request.baselines?.[0];
  if (silences === 0 || !given || !baseline) return [];
  const cuts = quietCuts(given, incident.to - incident.from, silences, createRng(`quiet/${id}`));
  const found: Silence[] = [];
  for (const [i, cut] of cuts.entries()) {
    if (!(await isCovered(store, cut))) continue;
    const asked = { ...request, ...CALM, incident: cut.incident, baselines: [cut.baseline] };
    const { result, fused } = await answer(store, asked, options);
    const top = result.ranking[0];
    found.push({
      id: `${id}/quiet-${i + 1}`,
      silent: result.verdict !== 'ranked',
      top: top?.entity.name ?? null,
      confidence: top?.confidence ?? null,
      features: fused.ranking[0]?.features ?? [],
      trouble: fused.trouble,
    });
  }
  return found;
}

const CALM = { symptom: undefined, symptomMetric: undefined } as const;

/** Both stretches hold every signal that either holds: silence for want of rows proves nothing. */
async function isCovered(
  store: CaseStore,
  cut: { readonly incident: TimeWindow; readonly baseline: TimeWindow },
): Promise<boolean> {
  const { rows, col } = await store.run(
    coveredSeconds({
      baseFrom: cut.baseline.from,
      baseTo: cut.baseline.to,
      from: cut.incident.from,
      to: cut.incident.to,
    }),
  );
  const seen = [new Set<string>(), new Set<string>()];
  for (let i = 0; i < rows; i++) {
    if ((col.rows[i] ?? 0) > 0) seen[col.win[i] ?? 0]?.add(col.signal[i] ?? '');
  }
  const [before, now] = seen;
  return before !== undefined && now !== undefined && before.size > 0 && before.size === now.size;
}
