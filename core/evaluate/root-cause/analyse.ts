import type { FusionView } from '../../analysis';
import type { AnalysisRequest, AnalysisResult, Entity } from '../../model';
import type { CaseStore } from '../../store';
import { createRng, type TimeWindow } from '../../base';
import { placingOf, type Placing } from '../ranking-score';
import type { TaskOptions } from '../task';
import { answer } from './answer';
import { foldRanking, nameAtLevel, truthTest, type Candidate, type Folding } from './fold';
import { innerRanks } from './inner';
import { largestZ } from './largest-z';
import { missOf } from './miss';
import type { Ablation, Labelled, Outcome, Silence } from './outcome';
import { gapBetween, quietCut, type QuietCut } from './quiet';
import { silenceOf } from './silence';
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
  /** When things were bad, where the case is blind. */
  readonly withheld?: TimeWindow;
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
  const { truth, withheld } = question;
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
  const { set, system, simulated, id } = question;
  return {
    set,
    system,
    simulated,
    kind: truth.kind,
    quiet: truth.names.length === 0,
    abstained: result.verdict !== 'ranked',
    placing,
    each: placingOfEach(ranking, truth, folding),
    truths: truth.names,
    ranking,
    inner: innerRanks(
      result.ranking.map(({ entity, culprits }) => ({ correct: correct(entity), culprits })),
      truth,
    ),
    result: {
      id,
      truth: truth.names.length > 0 ? truth.names.join(' + ') : null,
      rank: placing.rank,
      top: ranking.slice(0, 5).map(({ id }) => id),
      seconds,
      verdict: result.verdict,
    },
    fused: labelledOf(fused.ranking, (id) => {
      const entity = byId.get(id);
      return entity !== undefined && correct(entity);
    }),
    trouble: fused.trouble,
    choices: choicesOf(entities, truth, folding),
    largestZ: await nullOf(result.incident, result.baseline),
    lastN: withheld && (await lastOf(store, withheld.to - withheld.from, nullOf)),
    miss: missOf({ ranking, placing, result, real: withheld ?? result.incident }),
    silences: await silencesOf(store, question, asked, result, options),
    ablations: await ablationsOf(store, question, asked, options),
  };
}

/** The place of each thing that broke by itself. */
const placingOfEach = (ranking: readonly Candidate[], truth: Truth, folding: Folding): Placing[] =>
  truth.names.map((name) => placingOf(ranking, truthTest({ ...truth, names: [name] }, folding)));

/** Candidates of a case that a calibration sees: those further down are all alike. */
const LABELLED = 10;

/** The first candidates, and the first of every method wherever it stands. */
function labelledOf(
  ranking: FusionView['ranking'],
  isCorrect: (entityId: string) => boolean,
): readonly Labelled[] {
  const firsts = new Map<string, { readonly at: number; readonly rank: number }>();
  for (const [at, { methods }] of ranking.entries()) {
    for (const { id, rank } of methods) {
      if (rank < (firsts.get(id)?.rank ?? Infinity)) firsts.set(id, { at, rank });
    }
  }
  const shown = new Set([...firsts.values()].map(({ at }) => at));
  return ranking.flatMap(({ entityId, confidence, features, methods }, at) =>
    at < LABELLED || shown.has(at)
      ? [{ place: at + 1, correct: isCorrect(entityId), confidence, features, methods }]
      : [],
  );
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

/** Cuts from the baseline, asked about without a symptom. */
async function silencesOf(
  store: CaseStore,
  { id, silences }: Question,
  request: AnalysisRequest,
  { incident, baseline }: AnalysisResult,
  options: TaskOptions,
): Promise<readonly Silence[]> {
  const given = request.baselines?.[0];
  if (silences === 0 || !given || !baseline) return [];
  const rng = createRng(`quiet/${id}`);
  const size = { lengthNs: incident.to - incident.from, gapNs: gapBetween(incident, given) };
  const found: Silence[] = [];
  for (let i = 0; i < silences; i++) {
    const draw = (): QuietCut | undefined => quietCut(given, size, rng);
    const name = `${id}/quiet-${i + 1}`;
    const one = await silenceOf(
      store,
      { id: name, kind: 'same recording', request, draw },
      options,
    );
    if (one) found.push(one);
  }
  return found;
}
