/** What grouping needs of an alert. Times in ms. */
export interface AlertPoint {
  readonly fingerprint: string;
  readonly entity: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Alerts of one connected part of the topology, column by column, in order of time. */
export interface AlertPart {
  /** False of the alerts whose entities have no place in the topology. */
  readonly placed: boolean;
  /** Place among all alerts. */
  readonly index: Int32Array;
  /** ms. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** Number of the fingerprint, dense from 0 in this part. */
  readonly id: Int32Array;
  readonly ids: number;
}

/** Alerts of each connected part of the topology, in order; what has no place in it stays together. */
export function alertParts(
  alerts: readonly AlertPoint[],
  edges: Iterable<{ readonly source: string; readonly target: string }>,
): readonly AlertPart[] {
  const rootOf = connected(edges);
  const partOf = new Map<number, number>();
  const byEntity = new Map<string, number>();
  const sizes: number[] = [];
  const roots: number[] = [];
  const parts = new Int32Array(alerts.length);
  let i = 0;
  for (const { entity } of alerts) {
    let part = byEntity.get(entity);
    if (part === undefined) {
      const root = rootOf(entity);
      part = partOf.get(root) ?? sizes.length;
      if (part === sizes.length) {
        partOf.set(root, part);
        sizes.push(0);
        roots.push(root);
      }
      byEntity.set(entity, part);
    }
    sizes[part] = (sizes[part] ?? 0) + 1;
    parts[i++] = part;
  }
  const members = sizes.map((size) => new Int32Array(size));
  const filled = new Int32Array(sizes.length);
  for (i = 0; i < parts.length; i++) {
    const part = parts[i] ?? 0;
    const at = filled[part] ?? 0;
    (members[part] ?? parts)[at] = i;
    filled[part] = at + 1;
  }
  return members.map((index, part) => columnsOf(alerts, index, (roots[part] ?? -1) >= 0));
}

function columnsOf(alerts: readonly AlertPoint[], index: Int32Array, placed: boolean): AlertPart {
  const numbers = new Map<string, number>();
  const from = new Float64Array(index.length);
  const to = new Float64Array(index.length);
  const id = new Int32Array(index.length);
  for (let i = 0; i < index.length; i++) {
    const { fingerprint = '', fromMs = 0, toMs = 0 } = alerts[index[i] ?? 0] ?? {};
    from[i] = fromMs;
    to[i] = toMs;
    const number = numbers.get(fingerprint) ?? numbers.size;
    if (number === numbers.size) numbers.set(fingerprint, number);
    id[i] = number;
  }
  return { placed, index, from, to, id, ids: numbers.size };
}

/** The alerts of a part that are kept. */
export function partWith(part: AlertPart, keeps: (id: number) => boolean): AlertPart {
  const { placed, ids } = part;
  const kept = part.index.map((_, i) => i).filter((i) => keeps(part.id[i] ?? 0));
  const [index, id] = [new Int32Array(kept.length), new Int32Array(kept.length)];
  const [from, to] = [new Float64Array(kept.length), new Float64Array(kept.length)];
  for (let k = 0; k < kept.length; k++) {
    const i = kept[k] ?? 0;
    index[k] = part.index[i] ?? 0;
    id[k] = part.id[i] ?? 0;
    from[k] = part.from[i] ?? 0;
    to[k] = part.to[i] ?? 0;
  }
  return { placed, index, from, to, id, ids };
}

/** Entity → number of its connected part, −1 of one that no edge names; union-find. */
function connected(
  edges: Iterable<{ readonly source: string; readonly target: string }>,
): (entity: string) => number {
  const numbers = new Map<string, number>();
  const parent: number[] = [];
  const numberOf = (id: string): number => {
    const known = numbers.get(id) ?? parent.length;
    if (known === parent.length) {
      numbers.set(id, known);
      parent.push(known);
    }
    return known;
  };
  const root = (number: number): number => {
    let at = number;
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) {
      parent[at] = parent[up] ?? up;
      at = up;
    }
    return at;
  };
  for (const { source, target } of edges) parent[root(numberOf(source))] = root(numberOf(target));
  return (entity) => {
    const number = numbers.get(entity);
    return number === undefined ? -1 : root(number);
  };
}
