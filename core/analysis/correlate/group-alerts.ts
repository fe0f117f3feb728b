import { alertParts, partWith, type AlertPart, type AlertPoint } from './alert-parts';
import { clockPeriods } from './clockwork';

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

/** Alerts that belong together, and what made them so. Times in ms. */
export interface Trouble {
  /** Which of the alerts given, in order of time. */
  readonly members: Int32Array;
  /** False where the entities have no place in the topology: time alone holds them together. */
  readonly placed: boolean;
  /** The pause that ends a group in its part of the topology. */
  readonly gapMs: number;
  /** What sets it apart from the one before: a pause, or the same alerts that came again. */
  readonly begins: 'pause' | 'repeats';
  /** The longest pause after which it went on, with alerts that had not fired yet; 0 without any. */
  readonly lullMs: number;
  /** The period of alerts that fire by a clock, unrelated to any trouble; 0 of others. */
  readonly everyMs: number;
}

/**
 * Groups alerts, given in order of time: each connected part of the topology by itself, cut at pauses that are
 * long by that part's own measure, and cut again where most alerts of one side came on the other side
 * before: a trouble that follows on another's heels. A flapping alert repeats on both sides and cuts
 * nothing; one that fires by a clock of its own bridges nothing and stands by itself. Groups are in order of
 * their first alert. Time is linear in the alerts, times the pauses tried; no pair is looked at.
 */
export function groupByTrouble(
  alerts: readonly AlertPoint[],
  edges: Iterable<{ readonly source: string; readonly target: string }>,
  params: GroupingParams,
): readonly Trouble[] {
  return alertParts(alerts, edges)
    .flatMap((part) => groupsOfPart(part, params))
    .sort((a, b) => (a.members[0] ?? 0) - (b.members[0] ?? 0));
}

/** From … to, of the alerts of a part; the end is not in it. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly lullMs: number;
  readonly begins: Trouble['begins'];
}

function groupsOfPart(part: AlertPart, params: GroupingParams): readonly Trouble[] {
  const { placed } = part;
  const periods = clockPeriods(part);
  const clocks = periods.some((period) => period > 0);
  const rest = clocks ? partWith(part, (id) => periods[id] === 0) : part;
  const repeats = repeatsOf(rest);
  const gapMs = longPause(rest, repeats, params);
  const ranges = joined(rest, stretchesOf(rest, gapMs), gapMs, params).flatMap((stretch) =>
    troublesOf(rest, repeats, stretch, params),
  );
  const groups = ranges.map(({ from, to, lullMs, begins }): Trouble => ({
    members: rest.index.slice(from, to),
    placed,
    gapMs,
    begins,
    lullMs,
    everyMs: 0,
  }));
  return clocks ? withClocks(part, periods, rest, ranges, groups) : groups;
}

/** Where each alert's fingerprint fired before and after it, in the part: −1 and length where it did not. */
interface Repeats {
  readonly before: Int32Array;
  readonly after: Int32Array;
}

function repeatsOf({ id, ids }: AlertPart): Repeats {
  const before = new Int32Array(id.length);
  const after = new Int32Array(id.length);
  const seen = new Int32Array(ids).fill(-1);
  for (let i = 0; i < id.length; i++) {
    before[i] = seen[id[i] ?? 0] ?? -1;
    seen[id[i] ?? 0] = i;
  }
  seen.fill(id.length);
  for (let i = id.length - 1; i >= 0; i--) {
    after[i] = seen[id[i] ?? 0] ?? id.length;
    seen[id[i] ?? 0] = i;
  }
  return { before, after };
}

/** From a pause to the next longer one that is tried. */
const STEP = 1.15;

/**
 * The pause, ms, that ends a group in this part: long enough for few groups, short enough that few alerts come
 * again within one (a two-part code in the manner of Rissanen 1978). The longest of those that are as good.
 */
function longPause(
  { from, to }: AlertPart,
  { before }: Repeats,
  { groupCost, mostS }: GroupingParams,
): number {
  let best = mostS * 1000;
  let least = Number.POSITIVE_INFINITY;
  for (let pause = best; pause >= 1000; pause /= STEP) {
    let cost = 0;
    let begin = 0;
    let reach = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < from.length; i++) {
      const at = from[i] ?? 0;
      if (at - reach > pause) {
        begin = i;
        cost += groupCost;
      }
      if ((before[i] ?? -1) >= begin) cost++;
      reach = reached(reach, at, to[i] ?? 0, pause);
    }
    if (cost < least) [best, least] = [pause, cost];
  }
  return best;
}

/** An alert that lasts bridges no more than one pause. */
const reached = (reach: number, from: number, to: number, pause: number): number =>
  Math.max(reach, from, Math.min(to, from + pause));

/** Where runs without a long pause begin, and the end of the last. */
function stretchesOf({ from, to }: AlertPart, gap: number): readonly number[] {
  const begins: number[] = [];
  let reach = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < from.length; i++) {
    const at = from[i] ?? 0;
    if (at - reach > gap) begins.push(i);
    reach = reached(reach, at, to[i] ?? 0, gap);
  }
  return [...begins, from.length];
}

/** Pauses this many times as long as what ends a group may still lie inside a trouble that goes on. */
const LULL = 4;
/** Share of the fingerprints of the smaller of two stretches that may come in both of one trouble. */
const SHARED = 0.1;

/** Stretches with what goes on after a lull: hardly anything in it has come before. */
function joined(
  { from, id, ids }: AlertPart,
  begins: readonly number[],
  gap: number,
  { mostS }: GroupingParams,
): readonly Range[] {
  const ranges: Range[] = [];
  const inGroup = new Int32Array(ids).fill(-1);
  const inStretch = new Int32Array(ids).fill(-1);
  let group = { from: 0, lullMs: 0, known: 0 };
  for (let s = 0; s + 1 < begins.length; s++) {
    const [begin = 0, end = 0] = [begins[s], begins[s + 1]];
    let own = 0;
    let shared = 0;
    for (let i = begin; i < end; i++) {
      const one = id[i] ?? 0;
      if (inStretch[one] === s) continue;
      inStretch[one] = s;
      own++;
      if (inGroup[one] === ranges.length) shared++;
    }
    const pause = (from[begin] ?? 0) - (from[begin - 1] ?? 0);
    const goesOn =
      pause <= Math.min(LULL * gap, mostS * 1000) && shared <= SHARED * Math.min(own, group.known);
    if (begin > 0 && !goesOn) {
      ranges.push({ from: group.from, to: begin, lullMs: group.lullMs, begins: 'pause' });
      group = { from: begin, lullMs: 0, known: own };
    } else {
      group.lullMs = begin > 0 ? Math.max(group.lullMs, pause) : 0;
      group.known += own - shared;
    }
    for (let i = begin; i < end; i++) inGroup[id[i] ?? 0] = ranges.length;
  }
  const to = from.length;
  if (to > 0) ranges.push({ from: group.from, to, lullMs: group.lullMs, begins: 'pause' });
  return ranges;
}

/** Of cuts that explain nearly as much, the one with the longest pause; this far from the best one. */
const NEARLY = 0.02;

function troublesOf(
  part: AlertPart,
  repeats: Repeats,
  stretch: Range,
  params: GroupingParams,
): readonly Range[] {
  const troubles: Range[] = [];
  const todo = [stretch];
  for (let range = todo.pop(); range; range = todo.pop()) {
    const cut = cutOf(part, repeats, range, params);
    if (cut === undefined) troubles.push(range);
    else todo.push({ ...range, from: cut, begins: 'repeats' }, { ...range, to: cut });
  }
  return troubles;
}

/** Each cut explains a share of the repeats, so that cuts are few, whatever the alerts. */
function cutOf(
  { from }: AlertPart,
  { before, after }: Repeats,
  range: Range,
  { leastRepeats, explained }: GroupingParams,
): number | undefined {
  const { from: low, to: high } = range;
  const rest = new Int32Array(high - low + 1);
  let total = 0;
  for (let i = low; i < high; i++) {
    if ((before[i] ?? -1) >= low) total++;
    rest[i - low + 1] = total;
  }
  if (total < leastRepeats) return undefined;
  let fewest = total;
  let right = 0;
  for (let i = high - 1; i > low; i--) {
    if ((after[i] ?? high) < high) right++;
    const left = (rest[i - low] ?? 0) + right;
    rest[i - low] = left;
    fewest = Math.min(fewest, left);
  }
  if (total - fewest < explained * total) return undefined;
  const limit = fewest + NEARLY * (total - fewest);
  let best: number | undefined;
  let longest = -1;
  for (let cut = low + 1; cut < high; cut++) {
    const pause = (from[cut] ?? 0) - (from[cut - 1] ?? 0);
    if ((rest[cut - low] ?? 0) <= limit && pause > longest) [best, longest] = [cut, pause];
  }
  return best;
}

/** Periods this much longer than the shortest are one clock's. */
const SAME_PERIOD = 1.1;

/**
 * Groups with what fires by a clock: into the one trouble that it began in, where it came near no other, else
 * by itself, with others of its period.
 */
function withClocks(
  part: AlertPart,
  periods: Float64Array,
  rest: AlertPart,
  ranges: readonly Range[],
  groups: readonly Trouble[],
): readonly Trouble[] {
  const gapMs = groups[0]?.gapMs ?? 0;
  const homes = ranges.map((): number[] => []);
  const clocks: { readonly everyMs: number; readonly ids: number[] }[] = [];
  const numbers = [...periods.keys()].filter((id) => (periods[id] ?? 0) > 0);
  for (const id of numbers.sort((a, b) => (periods[a] ?? 0) - (periods[b] ?? 0))) {
    const home = homeOf(
      part.from.filter((_, i) => part.id[i] === id),
      rest,
      ranges,
      gapMs,
    );
    const last = clocks.at(-1);
    const everyMs = periods[id] ?? 0;
    if (home >= 0) homes[home]?.push(id);
    else if (last && everyMs <= SAME_PERIOD * last.everyMs) last.ids.push(id);
    else clocks.push({ everyMs, ids: [id] });
  }
  const firing = (ids: readonly number[]): Int32Array =>
    part.index.filter((_, i) => ids.includes(part.id[i] ?? -1));
  const own = clocks.map(({ everyMs, ids }): Trouble => {
    const members = firing(ids);
    return { members, placed: part.placed, gapMs, begins: 'pause', lullMs: 0, everyMs };
  });
  const joined = groups.map((group, i) => {
    const ids = homes[i] ?? [];
    if (ids.length === 0) return group;
    return { ...group, members: Int32Array.of(...group.members, ...firing(ids)).sort() };
  });
  return [...joined, ...own];
}

/** The only trouble that it fired near, if it did not fire before; −1 without one. */
function homeOf(
  times: Float64Array,
  { from }: AlertPart,
  ranges: readonly Range[],
  gapMs: number,
): number {
  let home = -1;
  for (const [i, range] of ranges.entries()) {
    const [begin, end] = [(from[range.from] ?? 0) - gapMs, (from[range.to - 1] ?? 0) + gapMs];
    if (!times.some((time) => time >= begin && time <= end)) continue;
    if (home >= 0 || (times[0] ?? 0) < begin) return -1;
    home = i;
  }
  return home;
}
