import type { AlertPart } from './alert-parts';

/** Fewer firings than this show no clock, and to fewer other alerts nothing is unrelated. */
const LEAST = 8;
/** Share of the pauses that are a whole number of periods, to this share of a period; so many at most. */
const REGULAR = 0.8;
const TOLERANCE = 0.1;
const MISSED = 3;
/** A clock goes for this share of the time of its part, at least; what flaps in a trouble goes for less. */
const LIFE = 0.5;
/** Standard errors by which firings near other alerts must outnumber those away from them to be related. */
const RELATED = 2;

/**
 * Period, ms, of each fingerprint that fires by a clock of its own, 0 of the others: its pauses are alike, and
 * other alerts come no more often near its firings than midway between two (sign test).
 */
export function clockPeriods(part: AlertPart): Float64Array {
  const periods = new Float64Array(part.ids);
  const firings = firingsOf(part);
  const whole = (part.from.at(-1) ?? 0) - (part.from[0] ?? 0);
  for (const [id, times] of firings.entries()) periods[id] = periodOf(times, whole);
  if (periods.every((period) => period === 0)) return periods;
  const others = part.from.filter((_, i) => periods[part.id[i] ?? 0] === 0);
  for (const [id, times] of firings.entries()) {
    const period = periods[id] ?? 0;
    if (period > 0 && (others.length < LEAST || related(times, period, others))) periods[id] = 0;
  }
  return periods;
}

function firingsOf({ id, ids, from }: AlertPart): readonly Float64Array[] {
  const sizes = new Int32Array(ids);
  for (const one of id) sizes[one] = (sizes[one] ?? 0) + 1;
  const firings = Array.from(sizes, (size) => new Float64Array(size));
  const filled = new Int32Array(ids);
  for (let i = 0; i < id.length; i++) {
    const one = id[i] ?? 0;
    const at = filled[one] ?? 0;
    const times = firings[one];
    if (times) times[at] = from[i] ?? 0;
    filled[one] = at + 1;
  }
  return firings;
}

function periodOf(times: Float64Array, wholeMs: number): number {
  const last = times.length - 1;
  if (times.length < LEAST || (times[last] ?? 0) - (times[0] ?? 0) < LIFE * wholeMs) return 0;
  const pauses = times.slice(1);
  for (let i = 0; i < last; i++) pauses[i] = (pauses[i] ?? 0) - (times[i] ?? 0);
  const period = pauses.slice().sort()[last >> 1] ?? 0;
  if (period <= 0) return 0;
  let alike = 0;
  for (const pause of pauses) {
    const times = pause / period;
    const whole = Math.round(times);
    if (whole >= 1 && whole <= MISSED && Math.abs(times - whole) <= TOLERANCE) alike++;
  }
  return alike >= REGULAR * last ? period : 0;
}

/** Whether other alerts keep to its firings rather than to the middles between them. */
function related(times: Float64Array, period: number, others: Float64Array): boolean {
  let near = 0;
  let away = 0;
  for (const time of times) {
    const here = anyWithin(others, time, period / 4);
    const between = anyWithin(others, time + period / 2, period / 4);
    if (here && !between) near++;
    if (between && !here) away++;
  }
  return near - away > RELATED * Math.sqrt(near + away);
}

function anyWithin(sorted: Float64Array, middle: number, reach: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const at = (low + high) >> 1;
    if ((sorted[at] ?? 0) < middle - reach) low = at + 1;
    else high = at;
  }
  return (sorted[low] ?? Infinity) <= middle + reach;
}
