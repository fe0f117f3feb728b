import type { Frame } from '../../model';
import type { explainAttributes, explainOperations } from '../../model/queries';
import { nameOf } from '../rca/words';
import { FEWEST, noveltyOf, orNull, type Found } from './found';
import { means, shares } from './stats';

type OperationFrame = Frame<(typeof explainOperations)['def']['columns']>;
type AttributeFrame = Frame<(typeof explainAttributes)['def']['columns']>;

interface Sum {
  n: number;
  errors: number;
  own: number;
  ms: number;
  sum: number;
  sq: number;
}

interface Pair {
  readonly service: string;
  readonly name: string;
  readonly peer: string;
  spoke: boolean;
  readonly sides: readonly [Sum, Sum];
}

const none = (): Sum => ({ n: 0, errors: 0, own: 0, ms: 0, sum: 0, sq: 0 });

/** Spread of log time below which two operations are not told apart. */
const LOG_FLOOR = 0.15;

/** Operations by their own time and own failures; calls to others as edges. */
export function operationDifferences(frame: OperationFrame): {
  readonly found: Found[];
  readonly callees: ReadonlyMap<string, ReadonlySet<string>>;
} {
  const operations = new Map<string, Pair>();
  const edges = new Map<string, Pair>();
  const totals = new Map<string, [number, number]>();
  const { col } = frame;
  for (let i = 0; i < frame.rows; i++) {
    const [service, name, peer] = [col.service[i] ?? '', col.name[i] ?? '', col.peer[i] ?? ''];
    const side = col.side[i] === 1 ? 1 : 0;
    const into = peer === '' ? operations : edges;
    const key = peer === '' ? `${service}\u0001${name}` : `${service}\u0001${peer}`;
    const pair = into.get(key) ?? { service, name, peer, spoke: false, sides: [none(), none()] };
    into.set(key, pair);
    pair.spoke ||= col.spoke[i] === 1;
    const sum = pair.sides[side];
    sum.n += col.n[i] ?? 0;
    sum.errors += col.errors[i] ?? 0;
    sum.own += col.own_errors[i] ?? 0;
    sum.ms += col.self_ms[i] ?? 0;
    sum.sum += col.log_self[i] ?? 0;
    sum.sq += col.log_sq[i] ?? 0;
    const total = totals.get(service) ?? [0, 0];
    totals.set(service, total);
    total[side] += col.n[i] ?? 0;
  }
  const found = [...operations.values(), ...edges.values()].flatMap((pair) =>
    ofPair(pair, totals.get(pair.service) ?? [0, 0]),
  );
  const callees = new Map<string, Set<string>>();
  for (const { service, peer } of edges.values()) {
    const known = callees.get(service);
    if (known) known.add(peer);
    else callees.set(service, new Set([peer]));
  }
  return { found, callees };
}

function ofPair(pair: Pair, [all0, all1]: readonly [number, number]): Found[] {
  const { service, name, peer, spoke, sides } = pair;
  const [base, now] = sides;
  const isEdge = peer !== '';
  const common = {
    signal: isEdge ? ('edge' as const) : ('operation' as const),
    // A callee that is silent (a store, an outside party) is what its callers' time belongs to.
    entityId: isEdge && !spoke ? peer : service,
    name: isEdge ? `${nameOf(service)} → ${nameOf(peer)}` : name,
    support: { reference: base.n, selected: now.n },
    ...(isEdge ? { edge: { source: service, target: peer } } : {}),
  };
  const out: Found[] = [];
  if (base.n === 0 || now.n === 0) {
    if (Math.max(base.n, now.n) < FEWEST || all0 === 0 || all1 === 0) return out;
    const contrast = shares({ k: base.n, n: all0 }, { k: now.n, n: all1 });
    const [reference, selected] = [base.n / all0, now.n / all1];
    const novelty = noveltyOf(base.n, now.n);
    out.push({
      ...common,
      measure: 'share',
      novelty,
      reference,
      selected,
      unit: 'ratio',
      ...contrast,
      notable: false,
    });
    return out;
  }
  if (base.n >= FEWEST && now.n >= FEWEST) {
    out.push({
      ...common,
      measure: 'time',
      novelty: 'changed',
      reference: Math.exp(base.sum / base.n) - 0.05,
      selected: Math.exp(now.sum / now.n) - 0.05,
      unit: 'ms',
      ...means(base, now, LOG_FLOOR),
      notable: false,
    });
  }
  const failed = isEdge && !spoke ? 'errors' : 'own';
  const [k0, k1] = [base[failed], now[failed]];
  if (k0 + k1 > 0) {
    out.push({
      ...common,
      measure: 'errors',
      novelty: noveltyOf(k0, k1),
      reference: k0 / base.n,
      selected: k1 / now.n,
      unit: 'ratio',
      ...shares({ k: k0, n: base.n }, { k: k1, n: now.n }),
      notable: k1 / now.n > 0.05,
    });
  }
  return out;
}

/** Values of attributes by their share of the spans of their service that have the key on either side. */
export function attributeDifferences(frame: AttributeFrame): {
  readonly found: Found[];
  readonly tooMany: readonly string[];
} {
  const { col } = frame;
  const groups = new Map<string, number[]>();
  const tooMany: string[] = [];
  for (let i = 0; i < frame.rows; i++) {
    const key = col.key[i] ?? '';
    if (col.value[i] === null) {
      tooMany.push(key);
      continue;
    }
    const id = `${col.service[i]}\u0001${col.of[i]}\u0001${key}`;
    const group = groups.get(id);
    if (group) group.push(i);
    else groups.set(id, [i]);
  }
  const found = [...groups.values()].flatMap((rows) => ofKey(frame, rows));
  return { found, tooMany: [...new Set(tooMany)].sort() };
}

function ofKey({ col }: AttributeFrame, rows: readonly number[]): Found[] {
  const n0 = rows.reduce((sum, i) => sum + (col.n0[i] ?? 0), 0);
  const n1 = rows.reduce((sum, i) => sum + (col.n1[i] ?? 0), 0);
  // A key with one value says nothing beyond that the service was there.
  if (rows.length < 2 && n0 > 0 && n1 > 0) return [];
  if (n0 < FEWEST || n1 < FEWEST) return [];
  return rows.map((i): Found => {
    const [k0, k1] = [col.n0[i] ?? 0, col.n1[i] ?? 0];
    const key = col.key[i] ?? '';
    const value = col.value[i] ?? '';
    return {
      signal: 'attribute',
      measure: 'share',
      novelty: noveltyOf(k0, k1),
      entityId: col.service[i] ?? '',
      name: `${key} = ${value}`,
      reference: orNull(k0 / n0),
      selected: orNull(k1 / n1),
      unit: 'ratio',
      support: { reference: k0, selected: k1 },
      attribute: { key, value },
      ...shares({ k: k0, n: n0 }, { k: k1, n: n1 }),
      notable: false,
    };
  });
}
