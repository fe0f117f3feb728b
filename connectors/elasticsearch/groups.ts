/** One index as the cluster lists it. */
export interface IndexInfo {
  readonly name: string;
  readonly open: boolean;
  readonly hidden: boolean;
  /** The data stream that it backs. */
  readonly dataStream?: string;
}

/** Indices that are one thing to people: a data stream, or an index with its days or rollovers. */
export interface Group {
  /** `shop-logs-*`, the name of a data stream, or of a single index. */
  readonly id: string;
  /** What to ask the cluster for. */
  readonly expression: string;
  readonly members: readonly string[];
}

const DATED =
  /^(.+?[-_.])(?:\d{4}[-._]\d{2}(?:[-._]\d{2}(?:[-._]\d{2})?)?|\d{4}[-._]?w\d{2}|\d{8}|\d{10})(?:-\d{6})?$/;
const ROLLED = /^(.+?[-_.])\d{6}$/;
/** Addresses over 4 KiB are refused by default. */
const MAX_EXPRESSION = 2500;

/** `shop-logs-2026.11.25` → `shop-logs-*`; a name without a date or number stays. */
export function patternOf(index: string): string {
  const prefix = (DATED.exec(index) ?? ROLLED.exec(index))?.[1];
  return prefix === undefined ? index : `${prefix}*`;
}

/** Groups open indices and data streams, sorted by id. */
export function groupsOf(
  indices: readonly IndexInfo[],
  dataStreams: readonly string[],
): readonly Group[] {
  const groups = new Map<string, string[]>();
  for (const stream of dataStreams) groups.set(stream, [stream]);
  for (const { name, open, dataStream } of indices) {
    if (!open || dataStream !== undefined) continue;
    const id = patternOf(name);
    groups.set(id, [...(groups.get(id) ?? []), name]);
  }
  const open = indices.filter((index) => index.open).map(({ name }) => name);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([id, members]) => ({ id, members, expression: expressionOf(id, members, open) }));
}

/** The pattern where it matches the group and nothing else, else its members, else exclusions. */
function expressionOf(id: string, members: readonly string[], open: readonly string[]): string {
  if (!id.endsWith('*')) return id;
  const mine = new Set(members);
  const prefix = id.slice(0, -1);
  const others = open.filter((name) => name.startsWith(prefix) && !mine.has(name));
  if (others.length === 0) return id;
  const list = [...members].sort().join(',');
  if (list.length <= MAX_EXPRESSION) return list;
  return [id, ...new Set(others.map((name) => `-${patternOf(name)}`))].join(',');
}
