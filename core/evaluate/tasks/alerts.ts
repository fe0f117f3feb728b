import { createRng, parseRfc3339 } from '../../base';
import {
  AlertHistory,
  alertGrouping,
  alertTopology,
  groupByTrouble,
  rankByAlerts,
  type FiredAlert,
} from '../../analysis';
import { adjustedRandIndex } from '../grouping-score';
import { wilson } from '../intervals';
import { placingOf } from '../ranking-score';
import { sameRanking } from '../root-cause/agreement';
import type { Candidate } from '../root-cause/fold';
import type { CaseResult, GroupScore, SetFolder, SetScore, Task, TaskOptions } from '../task';
import {
  fixedGap,
  laidOver,
  type Edge,
  type Fault,
  type LabelledAlert,
  type Stream,
} from './alert-streams';
import { scrambleStream } from './scramble-alerts';

/** Alert streams with the fault of every alert: `alerts.jsonl`, `groups.jsonl`, `truth.jsonl`, `topology.json`. */
export const alertStreams: Task = {
  id: 'alerts',
  recognise: async (folder) => (await streamsIn(folder)).length > 0,
  run: runAlerts,
};

/** Seeds of the offsets at which two systems are laid over each other. */
const OFFSETS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

async function streamsIn(folder: SetFolder): Promise<readonly string[]> {
  if (await folder.has('groups.jsonl')) return ['.'];
  const found: string[] = [];
  for (const name of await folder.list()) {
    if (!name.includes('.') && (await folder.has(`${name}/groups.jsonl`))) found.push(name);
  }
  return found;
}

async function runAlerts(folder: SetFolder, options: TaskOptions): Promise<SetScore> {
  const streams: Stream[] = [];
  for (const name of await streamsIn(folder)) {
    if (!options.only || options.only === name) streams.push(await readStream(folder, name));
  }
  const scored = streams.map((plain) => {
    options.signal?.throwIfAborted();
    const { stream, faults, differing } = rankedFaults(plain, options);
    return { stream, faults, differing, grouping: scoreGrouping(stream) };
  });
  const faults = scored.flatMap(({ faults: all }) => all);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const over = overlaid(scored.map(({ stream }) => stream));
  const agreement = agreementOf(
    faults.length,
    scored.map(({ differing }) => differing),
  );
  return {
    set: folder.name,
    task: alertStreams.id,
    cases: faults.length,
    metrics: {
      ...accuracy(faults),
      groupAri: mean(scored.map(({ grouping }) => grouping.groupAri)),
      bestGapAri: mean(scored.map(({ grouping }) => grouping.bestGapAri)),
      ...over,
      ...(agreement && { scrambleAgreement: agreement.same / faults.length }),
    },
    intervals: {
      ac1: wilson(faults.filter(({ rank }) => within(rank, 1)).length, faults.length),
      ac3: wilson(faults.filter(({ rank }) => within(rank, 3)).length, faults.length),
    },
    nulls: {
      prior: mean(streams.map(priorOf)),
      random: mean(streams.map(({ kinds }) => 1 / kinds.size)),
    },
    groups: [
      ...scored.map(({ stream, faults: own, grouping }): GroupScore => ({
        by: 'system',
        name: stream.name,
        cases: own.length,
        metrics: { ...accuracy(own), ...grouping },
      })),
      ...byKind(faults),
    ],
    results: faults,
    notes: [
      'A fault is ranked from its alerts and from those of faults before it; a copy and its original are no history to each other.',
      `Without copies: ${Object.entries(accuracy(faults.filter(({ copy }) => !copy)))
        .map(([name, value]) => `${name} ${value.toFixed(3)}`)
        .join(', ')}.`,
      ...(agreement?.notes ?? []),
    ],
  };
}

interface RankedFaults {
  readonly stream: Stream;
  readonly faults: readonly FaultResult[];
  /** Faults that were ranked differently under other names; undefined where none was scrambled. */
  readonly differing: readonly string[] | undefined;
}

function rankedFaults(plain: Stream, { now, scramble }: TaskOptions): RankedFaults {
  const asIs = rankFaults(plain, now);
  if (scramble === undefined) {
    return { stream: plain, faults: asIs.map(({ result }) => result), differing: undefined };
  }
  const { stream, rename } = scrambleStream(plain, scramble);
  const other = rankFaults(stream, now);
  const differing = asIs.filter(
    ({ ranking }, i) => !sameRanking(ranking, other[i]?.ranking ?? [], rename),
  );
  return {
    stream,
    faults: other.map(({ result }) => result),
    differing: differing.map(({ result }) => result.id),
  };
}

function agreementOf(
  cases: number,
  perStream: readonly (readonly string[] | undefined)[],
): { readonly same: number; readonly notes: readonly string[] } | undefined {
  if (perStream.length === 0 || perStream.includes(undefined)) return undefined;
  const differing = perStream.flatMap((ids) => ids ?? []);
  const text = `Under other names, at another time and in another order ${differing.length} of ${cases} faults are ranked differently`;
  return {
    same: cases - differing.length,
    notes: [differing.length > 0 ? `${text}: ${differing.join(', ')}.` : `${text}.`],
  };
}

interface FaultResult extends CaseResult {
  readonly kind: string;
  readonly copy: boolean;
}

const within = (rank: number | null, k: number): boolean => rank !== null && rank <= k;

function accuracy(faults: readonly FaultResult[]): { ac1: number; ac3: number } {
  const share = (k: number): number =>
    faults.filter(({ rank }) => within(rank, k)).length / faults.length;
  return { ac1: share(1), ac3: share(3) };
}

function byKind(faults: readonly FaultResult[]): readonly GroupScore[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  return kinds.map((name) => {
    const own = faults.filter(({ kind }) => kind === name);
    return { by: 'kind', name, cases: own.length, metrics: accuracy(own) };
  });
}

function rankFaults(
  stream: Stream,
  now: () => number,
): readonly {
  readonly ranking: readonly Pick<Candidate, 'id' | 'score'>[];
  readonly result: FaultResult;
}[] {
  const alertsOf = new Map<string, LabelledAlert[]>();
  for (const alert of stream.alerts) {
    const own = alertsOf.get(alert.fault);
    if (own) own.push(alert);
    else alertsOf.set(alert.fault, [alert]);
  }
  const instances = new Map<string, Set<string>>();
  for (const { source, target, kind } of stream.edges) {
    if (kind !== 'has_instance') continue;
    instances.set(source, (instances.get(source) ?? new Set()).add(target));
  }
  const history = new AlertHistory();
  const topology = alertTopology(stream.kinds, stream.edges);
  return stream.faults.map((fault, i) => {
    const during = alertsOf.get(fault.fault_id) ?? [];
    const except = stream.faults.flatMap((one, k) => (k < i && copies(one, fault) ? [k] : []));
    const begun = now();
    const scores = rankByAlerts(history.surprises(during, except), history, topology);
    history.add(during, topology.kindOf);
    const seconds = (now() - begun) / 1000;
    const ranking = [...scores]
      .map(([id, score]) => ({ id, score }))
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
    const { entity, kind } = fault.root_cause;
    const parts = fault.level === 'service' ? instances.get(entity) : undefined;
    const result: FaultResult = {
      id: `${stream.name}/${fault.fault_id}`,
      truth: entity,
      kind,
      copy: fault.augmented ?? false,
      rank: placingOf(ranking, (id) => id === entity || (parts?.has(id) ?? false)).rank,
      top: ranking.slice(0, 5).map(({ id }) => id),
      seconds,
      verdict: ranking.length > 0 ? 'ranked' : 'insufficient-evidence',
    };
    return { ranking, result };
  });
}

const copies = (a: Fault, b: Fault): boolean =>
  (a.source_fault_id ?? a.fault_id) === (b.source_fault_id ?? b.fault_id);

/** What the most frequent cause as a constant answer scores. */
function priorOf({ faults }: Stream): number {
  const counts = new Map<string, number>();
  for (const { root_cause } of faults) {
    counts.set(root_cause.entity, (counts.get(root_cause.entity) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values()) / Math.max(1, faults.length);
}

type GroupingScore = { readonly groupAri: number; readonly bestGapAri: number };

function scoreGrouping({ alerts, edges }: Pick<Stream, 'alerts' | 'edges'>): GroupingScore {
  const params = alertGrouping.params.parse({}) as Parameters<typeof groupByTrouble>[2];
  const found = new Array<number>(alerts.length).fill(-1);
  for (const [group, { members }] of groupByTrouble(alerts, edges, params).entries()) {
    for (const index of members) found[index] = group;
  }
  const truth = alerts.map(({ system, fault }) => `${system}/${fault}`);
  return { groupAri: adjustedRandIndex(found, truth), bestGapAri: fixedGap(alerts, truth) };
}

/** All systems as one stream, at several offsets: the mean, and how far the worst is above the fixed gap. */
function overlaid(streams: readonly Stream[]): Readonly<Record<string, number>> {
  if (streams.length < 2) return {};
  const edges = streams.flatMap(({ name, edges: own }) =>
    own.map(({ source, target, kind }) => ({
      source: `${name}/${source}`,
      target: `${name}/${target}`,
      kind,
    })),
  );
  const scores = OFFSETS.map((seed) => {
    const rng = createRng(`alerts/overlaid/${seed}`);
    return scoreGrouping({ alerts: laidOver(streams, rng), edges });
  });
  const mean = (of: (score: GroupingScore) => number): number =>
    scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  return {
    overlaidAri: mean(({ groupAri }) => groupAri),
    overlaidBestGapAri: mean(({ bestGapAri }) => bestGapAri),
    overlaidLeastLead: Math.min(...scores.map((one) => one.groupAri - one.bestGapAri)),
  };
}

async function readStream(folder: SetFolder, path: string): Promise<Stream> {
  const name = path === '.' ? folder.name : path;
  const lines = async (file: string): Promise<readonly unknown[]> => {
    const zipped = `${path}/${file}.gz`;
    const text = await folder.text((await folder.has(zipped)) ? zipped : `${path}/${file}`);
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
  };
  const groups = (await lines('groups.jsonl')) as { fault_id: string }[];
  const alerts = (await lines('alerts.jsonl')) as AlertLine[];
  const topology = JSON.parse(await folder.text(`${path}/topology.json`)) as {
    nodes: readonly { id: string; kind: string }[];
    edges: readonly Edge[];
  };
  return {
    name,
    alerts: alerts.map((line, i) => {
      const ms = Number((parseRfc3339(line.ts) ?? 0n) / 1000n) / 1000;
      const fault = groups[i]?.fault_id ?? '';
      return { ...firedOf(line, ms), system: name, fault, fromMs: ms, toMs: ms };
    }),
    edges: topology.edges,
    kinds: new Map(topology.nodes.map(({ id, kind }) => [id, kind])),
    faults: (await lines('truth.jsonl')) as Fault[],
  };
}

interface AlertLine {
  readonly ts: string;
  readonly fingerprint: string;
  readonly name: string;
  readonly entity: string;
  readonly severity?: string;
  readonly labels: Readonly<Record<string, string>>;
}

const ABOUT: Readonly<Record<string, FiredAlert['about']>> = { trace: 'calls', log: 'logs' };

function firedOf(line: AlertLine, atMs: number): FiredAlert {
  const { fingerprint, name, entity, severity = '', labels } = line;
  const about = ABOUT[labels.source ?? ''] ?? 'metrics';
  const { caller = '', direction = '' } = labels;
  return { fingerprint, name, entity, atMs, severity, about, caller, direction };
}
