/** One index as the cluster lists it. */
export interface IndexInfo {
  readonly name: string;
  readonly open: boolean;
  readonly hidden: boolean;
  readonly frozen: boolean;
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

/** Something that is read under a name of its own: a data stream, an alias. */
export interface Named {
  readonly name: string;
  /** Indices behind it. */
  readonly members: readonly string[];
}

/** Groups open indices, and what has a name of its own, sorted by id. */
export function groupsOf(indices: readonly IndexInfo[], named: readonly Named[]): readonly Group[] {
  const groups = new Map<string, string[]>();
  for (const { name, open, dataStream } of indices) {
    if (!open || dataStream !== undefined) continue;
    const id = patternOf(name);
    groups.set(id, [...(groups.get(id) ?? []), name]);
  }
  const open = indices.filter((index) => index.open).map(({ name }) => name);
  const grouped = [...groups].map(([id, members]): Group => {
    return { id, members, expression: expressionOf(id, members, open) };
  });
  const own = named.map(({ name: id, members }): Group => ({ id, members, expression: id }));
  return [...grouped, ...own].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
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
