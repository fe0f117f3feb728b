import {
  anomalyDefaults,
  findLogAnomalies,
  TemplateMiner,
  type AnomalyParams,
} from '../../analysis';
import type { PlantKind, PlantedLog, Planting } from './planting';

/** What was said, and what of it was right. */
export interface Verdicts {
  /** Plantings found, and all there were, by kind. */
  readonly found: Readonly<Record<PlantKind, number>>;
  readonly planted: Readonly<Record<PlantKind, number>>;
  /** Anomalies that were no planting, by kind. */
  readonly false: Readonly<Record<PlantKind, number>>;
}

/** Something that was said of a template, by its text and entity. */
interface Said {
  readonly kind: PlantKind;
  readonly keys: readonly string[];
  readonly byChance?: number;
}

const KIND = {
  new: 'new',
  more: 'more',
  fewer: 'stopped',
  stopped: 'stopped',
  order: 'order',
} as const;

const keyOf = (entity: string, template: string): string => `${entity}\u0001${template}`;

/** Templates of the lines of a planted log, by the miner alone: the same lines, the same templates. */
export function keysOfLines({ lines }: PlantedLog): readonly string[] {
  const miner = new TemplateMiner();
  const patterns = lines.map(({ body }) => miner.add(body.slice(0, MOST)));
  return lines.map(({ service }, i) => keyOf(service, miner.templateOf(patterns[i] ?? 0)));
}

/** Characters of a line that the product's query asks for. */
const MOST = 400;

/** Runs the product's detector on a planted log. */
export function detect(log: PlantedLog, params: AnomalyParams = anomalyDefaults): readonly Said[] {
  const lines = log.lines.map((line) => ({ ...line, body: line.body.slice(0, MOST) }));
  const found = findLogAnomalies(lines, log.share, params);
  return found.map(({ kind, entityId, template, after, byChance }) => ({
    byChance,
    kind: KIND[kind],
    keys: [template, ...(after === undefined ? [] : [after])].map((one) => keyOf(entityId, one)),
  }));
}

/** What detectors without insight say: every new template, and every count three deviations off. */
export function naive(
  { lines, share }: PlantedLog,
  keys: readonly string[],
): { readonly everyNew: readonly Said[]; readonly poisson: readonly Said[] } {
  const counts = new Map<string, [number, number]>();
  for (const [i, key] of keys.entries()) {
    const pair = counts.get(key) ?? [0, 0];
    pair[lines[i]?.inWindow ? 1 : 0]++;
    counts.set(key, pair);
  }
  const all = [...counts];
  const everyNew = all.filter(([, [base]]) => base === 0);
  const poisson = all.flatMap(([key, [base, now]]): Said[] => {
    const z = 2 * (Math.sqrt(now + 0.375) - Math.sqrt(base * share + 0.375));
    if (Math.abs(z) < 3) return [];
    return [{ kind: z < 0 ? 'stopped' : base === 0 ? 'new' : 'more', keys: [key] }];
  });
  return { everyNew: everyNew.map(([key]) => ({ kind: 'new', keys: [key] })), poisson };
}

/**
 * A planting is found by something of its kind said of one of its templates (of 'order': of two of them),
 * and counts once; what is no planting of its kind is false.
 */
export function verdicts(
  log: PlantedLog,
  keys: readonly string[],
  said: readonly Said[],
): Verdicts {
  const [found, planted, wrong] = [zeros(), zeros(), zeros()];
  const touched = log.plantings.map((planting) => keysOfPlanting(log, planting, keys));
  const right = new Set<Said>();
  for (const [i, { kind }] of log.plantings.entries()) {
    planted[kind]++;
    const own = touched[i] ?? new Set();
    const hits = said.filter((one) => one.kind === kind && one.keys.every((key) => own.has(key)));
    if (hits.length > 0) found[kind]++;
    for (const hit of hits) right.add(hit);
  }
  for (const one of said) if (!right.has(one)) wrong[one.kind]++;
  return { found, planted, false: wrong };
}

const zeros = (): Record<PlantKind, number> => ({ new: 0, more: 0, stopped: 0, order: 0 });

/** Templates of what was planted; of lines out of order also those right before and after them. */
function keysOfPlanting(
  { lines }: PlantedLog,
  planting: Planting,
  keys: readonly string[],
): ReadonlySet<string> {
  const own = new Set(planting.lines.map((i) => keys[i] ?? ''));
  if (planting.kind !== 'order') return own;
  const moved = new Set(planting.lines);
  const sessions = new Map<string, number[]>();
  for (const [i, { session, service, inWindow }] of lines.entries()) {
    if (session === '' || !inWindow) continue;
    const key = `${service} ${session}`;
    const of = sessions.get(key);
    if (of) of.push(i);
    else sessions.set(key, [i]);
  }
  for (const of of sessions.values()) {
    for (const [at, i] of of.entries()) {
      if (!moved.has(i)) continue;
      for (const beside of [of[at - 1], of[at + 1]]) {
        if (beside !== undefined) own.add(keys[beside] ?? '');
      }
    }
  }
  return own;
}
