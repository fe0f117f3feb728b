import type { Rng } from '../../base';
import { shuffled } from '../shuffle';
import type { QuietLine, QuietLog } from './quiet-log';

export type PlantKind = 'new' | 'more' | 'stopped' | 'order';

export interface PlantedLine extends QuietLine {
  readonly inWindow: boolean;
}

/** One thing that was put into, or taken out of, the window; lines by their index in the planted log. */
export interface Planting {
  readonly kind: PlantKind;
  /** Lines that it added or moved; of 'stopped': the lines of the same event that the baseline has. */
  readonly lines: readonly number[];
}

export interface PlantedLog {
  readonly lines: readonly PlantedLine[];
  readonly plantings: readonly Planting[];
  /** Lines of the window over lines of the baseline, before anything was planted. */
  readonly share: number;
}

export interface PlantOptions {
  /** Lines in recorded order, or units dealt to baseline and window at random. */
  readonly recorded: boolean;
  /** Nothing is planted. */
  readonly quiet: boolean;
}

/** Part of the lines that is the window. */
const WINDOW = 0.2;
const LINES_NEW = [3, 50] as const;
const TIMES_MORE = [3, 12] as const;
/** Lines that a quiet window must have of what is to come more often, and of what is to stop. */
const LEAST_MORE = 3;
const LEAST_STOPPED = 10;
/** Times that one line must follow the other in the window to be swapped, and the share of them that is. */
const LEAST_ORDER = 5;
const SWAPPED = [0.3, 1] as const;

/**
 * Plants anomalies into a quiet log: errors of another system, a known event more often, one that stops,
 * two lines of a session that change places. Sizes are drawn on a logarithmic scale; how anything is
 * detected plays no part in it.
 */
export function plant(
  log: QuietLog,
  others: readonly QuietLog[],
  rng: Rng,
  { recorded, quiet }: PlantOptions,
): PlantedLog {
  const { baseline, window } = recorded ? cut(log, rng) : deal(log, rng);
  const share = window.length / baseline.length;
  const before = baseline.map((line): Entry => ({ line, by: undefined }));
  let now = window.map((line): Entry => ({ line, by: undefined }));
  const kinds: PlantKind[] = quiet ? [] : ['new', 'more', 'stopped', 'order'];
  const made: Made[] = [];
  for (const kind of kinds) {
    const times = 1 + rng.int(2);
    for (let i = 0; i < times; i++) {
      const done = PLANTERS[kind]({ now, baseline, others, made, rng, id: made.length });
      if (!done) continue;
      now = done.now;
      made.push({ kind, event: done.event });
    }
  }
  return numbered(before, now, made, share);
}

interface Entry {
  readonly line: QuietLine;
  /** Which planting put it there. */
  readonly by: number | undefined;
}

interface Made {
  readonly kind: PlantKind;
  readonly event: string;
}

interface Bed {
  readonly now: readonly Entry[];
  readonly baseline: readonly QuietLine[];
  readonly others: readonly QuietLog[];
  readonly made: readonly Made[];
  readonly rng: Rng;
  readonly id: number;
}

type Planter = (bed: Bed) => { readonly now: Entry[]; readonly event: string } | undefined;

const logUniform = ([low, high]: readonly [number, number], rng: Rng): number =>
  low * (high / low) ** rng.next();

const ERROR = /error|fail|exception|refused|denied|timed? ?out|unable|cannot|invalid/i;

/** Lines of one error of another system, of one service, at random places of the window. */
const plantNew: Planter = ({ now, others, made, rng, id }) => {
  const from = others[rng.int(others.length)];
  if (!from) return undefined;
  const errors = from.lines.filter(({ body, severity }) => severity >= 17 || ERROR.test(body));
  const event = pick(unique(errors), made, rng);
  if (event === undefined) return undefined;
  const lines = errors.filter((line) => line.event === event);
  const service = now[rng.int(now.length)]?.line.service ?? '';
  // A level in a log without any would give it away.
  const levelled = now.some(({ line }) => line.severity > 0);
  const out = [...now];
  const count = Math.round(logUniform(LINES_NEW, rng));
  for (let i = 0; i < count; i++) {
    const line = lines[rng.int(lines.length)];
    if (!line) continue;
    const severity = levelled ? line.severity || 17 : 0;
    const planted = { ...line, severity, service, session: '', unit: '' };
    out.splice(rng.int(out.length + 1), 0, { line: planted, by: id });
  }
  return { now: out, event };
};

/** A known event, some times as often as it was: each again right after itself, as who tries again does. */
const plantMore: Planter = ({ now, baseline, made, rng, id }) => {
  const counts = countsOf(now, baseline, (n, before) => n >= LEAST_MORE && before > 0);
  const event = pick(counts, made, rng);
  if (event === undefined) return undefined;
  const places = [...now.keys()].filter((i) => now[i]?.line.event === event);
  const copies = new Map<number, number>();
  const count = Math.round((logUniform(TIMES_MORE, rng) - 1) * places.length);
  for (let i = 0; i < count; i++) {
    const place = places[rng.int(places.length)] ?? 0;
    copies.set(place, (copies.get(place) ?? 0) + 1);
  }
  const copied = ({ line }: Entry, i: number): Entry[] =>
    Array.from({ length: copies.get(i) ?? 0 }, () => ({ line, by: id }));
  return { now: now.flatMap((entry, i) => [entry, ...copied(entry, i)]), event };
};

const plantStopped: Planter = ({ now, baseline, made, rng }) => {
  const counts = countsOf(now, baseline, (n, before) => n >= LEAST_STOPPED && before > 0);
  const event = pick(counts, made, rng);
  if (event === undefined) return undefined;
  return { now: now.filter(({ line }) => line.event !== event), event };
};

/** Two lines of which one follows the other in many sessions change places in part of them. */
const plantOrder: Planter = ({ now, made, rng, id }) => {
  const followers = follows(now);
  const able = [...followers].filter(([, places]) => places.length >= LEAST_ORDER);
  const key = pick(
    able.map(([name]) => name),
    made,
    rng,
  );
  if (key === undefined) return undefined;
  const share = logUniform(SWAPPED, rng);
  const out = [...now];
  let swapped = 0;
  for (const [a, b] of followers.get(key) ?? []) {
    const [one, other] = [out[a], out[b]];
    if (!one || !other || one.by !== undefined || other.by !== undefined) continue;
    if (rng.next() >= share) continue;
    out[a] = { line: other.line, by: id };
    out[b] = { line: one.line, by: id };
    swapped++;
  }
  return swapped < LEAST_ORDER ? undefined : { now: out, event: key };
};

const PLANTERS: Readonly<Record<PlantKind, Planter>> = {
  new: plantNew,
  more: plantMore,
  stopped: plantStopped,
  order: plantOrder,
};

/** Pairs of places at which an event follows another one within a session, by both, none in two pairs. */
function follows(now: readonly Entry[]): ReadonlyMap<string, (readonly [number, number])[]> {
  const last = new Map<string, number>();
  const out = new Map<string, (readonly [number, number])[]>();
  for (const [i, { line }] of now.entries()) {
    if (line.session === '') continue;
    const session = `${line.service} ${line.session}`;
    const before = last.get(session);
    last.set(session, i);
    const first = before === undefined ? undefined : now[before]?.line;
    if (before === undefined || !first || first.event === line.event) continue;
    const key = `${first.event} > ${line.event}`;
    const places = out.get(key);
    if (!places) out.set(key, [[before, i]]);
    else if (places.at(-1)?.[1] !== before) places.push([before, i]);
  }
  return out;
}

const unique = (lines: readonly QuietLine[]): string[] => [
  ...new Set(lines.map(({ event }) => event)),
];

/** One that no planting has touched yet. */
function pick(events: readonly string[], made: readonly Made[], rng: Rng): string | undefined {
  const touched = made.flatMap(({ event }) => event.split(' > '));
  const free = events.filter((event) => !event.split(' > ').some((one) => touched.includes(one)));
  return free[rng.int(Math.max(1, free.length))];
}

function countsOf(
  now: readonly Entry[],
  baseline: readonly QuietLine[],
  wanted: (now: number, before: number) => boolean,
): string[] {
  const count = (events: readonly string[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1);
    return counts;
  };
  const before = count(baseline.map(({ event }) => event));
  const after = count(now.map(({ line }) => line.event));
  return [...after].filter(([e, n]) => wanted(n, before.get(e) ?? 0)).map(([event]) => event);
}

interface Halves {
  readonly baseline: readonly QuietLine[];
  readonly window: readonly QuietLine[];
}

/** Units in random order, the last of them the window: what is quiet in one is quiet in the other. */
function deal({ lines }: QuietLog, rng: Rng): Halves {
  const units = new Map<string, QuietLine[]>();
  for (const line of lines) {
    const unit = units.get(line.unit);
    if (unit) unit.push(line);
    else units.set(line.unit, [line]);
  }
  const dealt = shuffled([...units.values()], rng).flat();
  const from = Math.round(dealt.length * (1 - WINDOW));
  return { baseline: dealt.slice(0, from), window: dealt.slice(from) };
}

/** Lines as they were recorded: the window, somewhere in the last two fifths, and all before it. */
function cut({ lines }: QuietLog, rng: Rng): Halves {
  const length = Math.round(lines.length * WINDOW);
  const from = Math.round(lines.length * (0.6 + rng.next() * (0.4 - WINDOW)));
  return { baseline: lines.slice(0, from), window: lines.slice(from, from + length) };
}

function numbered(
  before: readonly Entry[],
  now: readonly Entry[],
  made: readonly Made[],
  share: number,
): PlantedLog {
  const entries = [...before, ...now];
  const lines = entries.map(({ line }, i) => ({ ...line, inWindow: i >= before.length }));
  const plantings = made.map(({ kind, event }, id): Planting => {
    const is = ({ line, by }: Entry): boolean =>
      kind === 'stopped' ? line.event === event : by === id;
    return { kind, lines: [...entries.keys()].filter((i) => is(entries[i] ?? never())) };
  });
  return { lines, plantings, share };
}

function never(): never {
  throw new RangeError('No such line.');
}
