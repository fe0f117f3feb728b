/** What grouping needs of an alert. Times in ms. */
export interface AlertPoint {
  readonly fingerprint: string;
  readonly entity: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface GroupingParams {
  /** What one more group costs, in alerts that come again within a group. */
  readonly groupCost: number;
  /** A longer pause always ends a group, seconds. */
  readonly mostS: number;
  /** Alerts of a stretch that came before in it, from which on it may be several troubles. */
  readonly leastRepeats: number;
  /** Share of the repeats that a cut has to explain. */
  readonly explained: number;
}

/**
 * Groups alerts, given in order of time: each connected part of the topology by itself, cut at pauses that are
 * long by that part's own measure, and cut again where most alerts of one side came on the other side
 * before: a trouble that follows on another's heels. A flapping alert repeats on both sides and cuts
 * nothing. Returns the members of each group, by index, groups in order of their first alert.
 */
export function groupByTrouble(
  alerts: readonly AlertPoint[],
  edges: Iterable<{ readonly source: string; readonly target: string }>,
  params: GroupingParams,
): readonly (readonly number[])[] {
  const groups: (readonly number[])[] = [];
  for (const part of partsOf(alerts, edges)) {
    const gap = longPause(alerts, part, params);
    for (const stretch of joined(alerts, stretchesOf(alerts, part, gap), gap, params)) {
      groups.push(...troublesOf(alerts, stretch, params));
    }
  }
  return groups.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** Alerts of each connected part of the topology, in order; what has no place in it stays together. */
function partsOf(
  alerts: readonly AlertPoint[],
  edges: Iterable<{ readonly source: string; readonly target: string }>,
): Iterable<readonly number[]> {
  const parent = new Map<string, string>();
  const rootOf = (id: string): string => {
    let root = id;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root))
      root = up;
    parent.set(id, root);
    return root;
  };
  for (const { source, target } of edges) {
    for (const id of [source, target]) if (!parent.has(id)) parent.set(id, id);
    parent.set(rootOf(source), rootOf(target));
  }
  const parts = new Map<string, number[]>();
  for (const [i, { entity }] of alerts.entries()) {
    const root = parent.has(entity) ? rootOf(entity) : '';
    const part = parts.get(root);
    if (part) part.push(i);
    else parts.set(root, [i]);
  }
  return parts.values();
}

/** From a pause to the next longer one that is tried. */
const STEP = 1.15;

/**
 * The pause, ms, that ends a group in this part: long enough for few groups, short enough that few alerts come
 * again within one (a two-part code in the manner of Rissanen 1978). The longest of those that are as good.
 */
function longPause(
  alerts: readonly AlertPoint[],
  part: readonly number[],
  { groupCost, mostS }: GroupingParams,
): number {
  let best = mostS * 1000;
  let least = Number.POSITIVE_INFINITY;
  for (let pause = best; pause >= 1000; pause /= STEP) {
    let cost = 0;
    for (const stretch of stretchesOf(alerts, part, pause)) {
      const distinct = new Set(stretch.map((i) => alerts[i]?.fingerprint)).size;
      cost += groupCost + stretch.length - distinct;
    }
    if (cost < least) [best, least] = [pause, cost];
  }
  return best;
}

/** Runs without a long pause. An alert that lasts bridges no more than one. */
function* stretchesOf(
  alerts: readonly AlertPoint[],
  part: readonly number[],
  gap: number,
): Generator<readonly number[]> {
  let stretch: number[] = [];
  let reach = Number.NEGATIVE_INFINITY;
  for (const index of part) {
    const { fromMs = 0, toMs = 0 } = alerts[index] ?? {};
    if (stretch.length > 0 && fromMs - reach > gap) {
      yield stretch;
      stretch = [];
    }
    stretch.push(index);
    reach = Math.max(reach, fromMs, Math.min(toMs, fromMs + gap));
  }
  if (stretch.length > 0) yield stretch;
}

/** Pauses this many times as long as what ends a group may still lie inside a trouble that goes on. */
const LULL = 4;
/** Share of the fingerprints of the smaller of two stretches that may come in both of one trouble. */
const SHARED = 0.1;

/** Stretches with what goes on after a lull: hardly anything in it has come before. */
function* joined(
  alerts: readonly AlertPoint[],
  stretches: Iterable<readonly number[]>,
  gap: number,
  { mostS }: GroupingParams,
): Generator<readonly number[]> {
  let group: number[] = [];
  let known = new Set<string>();
  for (const stretch of stretches) {
    const own = new Set(stretch.map((i) => alerts[i]?.fingerprint ?? ''));
    const shared = [...own].filter((fingerprint) => known.has(fingerprint)).length;
    const { fromMs = 0 } = alerts[stretch[0] ?? 0] ?? {};
    const pause = fromMs - (alerts[group.at(-1) ?? 0]?.fromMs ?? 0);
    const goesOn =
      pause <= Math.min(LULL * gap, mostS * 1000) &&
      shared <= SHARED * Math.min(own.size, known.size);
    if (group.length > 0 && !goesOn) {
      yield group;
      [group, known] = [[], new Set()];
    }
    group.push(...stretch);
    for (const fingerprint of own) known.add(fingerprint);
  }
  if (group.length > 0) yield group;
}

/** Of cuts that explain nearly as much, the one with the longest pause; this far from the best one. */
const NEARLY = 0.02;

function troublesOf(
  alerts: readonly AlertPoint[],
  stretch: readonly number[],
  params: GroupingParams,
): readonly (readonly number[])[] {
  const troubles: (readonly number[])[] = [];
  const todo = [stretch];
  for (let members = todo.pop(); members; members = todo.pop()) {
    const cut = cutOf(alerts, members, params);
    if (cut === undefined) troubles.push(members);
    else todo.push(members.slice(0, cut), members.slice(cut));
  }
  return troubles;
}

function cutOf(
  alerts: readonly AlertPoint[],
  members: readonly number[],
  { leastRepeats, explained }: GroupingParams,
): number | undefined {
  const left = repeatsBefore(alerts, members);
  const right = repeatsBefore(alerts, [...members].reverse()).reverse();
  const total = left.at(-1) ?? 0;
  if (total < leastRepeats) return undefined;
  const rest = (cut: number): number => (left[cut] ?? 0) + (right[cut] ?? 0);
  let fewest = total;
  for (let cut = 1; cut < members.length; cut++) fewest = Math.min(fewest, rest(cut));
  if (total - fewest < explained * total) return undefined;
  const limit = fewest + NEARLY * (total - fewest);
  const at = (i: number): number => alerts[members[i] ?? 0]?.fromMs ?? 0;
  let best: number | undefined;
  let pause = -1;
  for (let cut = 1; cut < members.length; cut++) {
    const here = at(cut) - at(cut - 1);
    if (rest(cut) <= limit && here > pause) [best, pause] = [cut, here];
  }
  return best;
}

/** How many of the first k members repeat a fingerprint of an earlier one, for k = 0 … length. */
function repeatsBefore(alerts: readonly AlertPoint[], members: readonly number[]): number[] {
  const seen = new Set<string>();
  const counts = [0];
  for (const [k, index] of members.entries()) {
    const fingerprint = alerts[index]?.fingerprint ?? '';
    counts.push((counts[k] ?? 0) + (seen.has(fingerprint) ? 1 : 0));
    seen.add(fingerprint);
  }
  return counts;
}
