import type { LogAnomalyKind } from '../../model';
import { median } from '../stats';
import { byChance } from './by-chance';
import { independentLines, occasionsOf } from './occasions';
import { Followers, type BrokenOrder } from './order';
import { commonFactor, countSurprise, spreadOf } from './rates';
import { PARTS, SLOTS, STRIDE, type MinedLines } from './tally';

/** A template (by its index) that does in the window what the baseline does not lead to expect. */
export interface FoundAnomaly {
  readonly kind: LogAnomalyKind;
  readonly template: number;
  /** Of kind 'order': after which template it comes now, and what came after that before. */
  readonly after?: number;
  readonly instead?: number;
  /** Lines in the window; of kind 'order': how often it comes after `after`. */
  readonly observed: number;
  /** The same, as the baseline leads to expect. */
  readonly expected: number;
  /** -log10 of the tail probability. */
  readonly score: number;
  /** How many of its kind at least as extreme a quiet window would bring. */
  readonly byChance: number;
}

export interface AnomalyParams {
  /** False alarms of each kind that a quiet window may bring, on average. */
  readonly alarms: number;
  /** A count must change by this factor. */
  readonly ratio: number;
}

export const anomalyDefaults: AnomalyParams = { alarms: 0.02, ratio: 2 };

/** Baseline buckets that the usual spread counts for. */
const WORTH = 4;
const NOBODY = [0, 0] as const;
/** Mean excess of -log10 p where nothing is wrong. */
const IN_THEORY = Math.LOG10E;

interface Judged {
  readonly kind: LogAnomalyKind;
  /** Among which the same is to be expected: its kind, errors apart where they are new. */
  readonly among: string;
  readonly score: number;
  readonly expected: number;
}

/** The window, or a stretch of the baseline that stands in for it. */
interface Stretch {
  /** Parts that are not baseline. */
  readonly skipped: readonly [number, number];
  /** Exposure over that of the rest of the baseline. */
  readonly share: number;
  /** Share at which the same expectation is judged, so that equal counts are equal surprises. */
  readonly as?: number;
}

/**
 * Templates that are new, come more or less often or not at all, or out of order in the window, against
 * the baseline. What is unusual is measured: every stretch of the baseline as long as the window stands in
 * for it once, and what it would have brought against the rest is what is to be expected by chance.
 * `share` is the window's exposure over the baseline's.
 */
export function findAnomalies(
  mined: MinedLines,
  share: number,
  params: AnomalyParams = anomalyDefaults,
): readonly FoundAnomaly[] {
  if (mined.lines[0] === 0 || share <= 0) return [];
  const counts = new Counts(mined, params.ratio);
  const window: Stretch = { skipped: NOBODY, share: share * counts.common(NOBODY, share) };
  const stretches = stretchesLike(mined.lines);
  const candidates = new Candidates();
  const nulls: Judged[] = [];
  const severe = (i: number): boolean => (mined.templates[i]?.severity ?? 0) >= ERROR;
  for (let i = 0; i < mined.templates.length; i++) {
    for (const judged of counts.judge(i, window, severe(i)))
      candidates.add({ ...judged, template: i, observed: counts.now(i, window) });
  }
  for (const stretch of stretches) {
    const factor = counts.common(stretch.skipped, stretch.share);
    const own = { ...stretch, share: stretch.share * factor, as: window.share };
    for (let i = 0; i < mined.templates.length; i++) {
      nulls.push(...counts.judge(i, own, severe(i)));
    }
  }
  candidates.weigh(nulls, stretches.length);
  const counted = candidates.taken(params.alarms);
  const ordered = new Candidates();
  for (const one of brokenOrder(mined, counts, counted, window)) ordered.add(one);
  ordered.weigh(brokenByChance(mined, counts, stretches), stretches.length);
  return [...counted, ...ordered.taken(params.alarms)];
}

/** What is out of order in the window and not for another reason that was found. */
function brokenOrder(
  mined: MinedLines,
  counts: Counts,
  found: readonly FoundAnomaly[],
  window: Stretch,
): readonly Candidate[] {
  const followers = new Followers(mined.pairs);
  const known = (template: number): boolean => counts.base(template, { skipped: NOBODY }) > 0;
  // Who follows what is more frequent is not out of order.
  const frequent = new Set(
    found.flatMap(({ kind, template }) => (kind === 'more' || kind === 'new' ? template : [])),
  );
  const ignored = (first: number, next: number): boolean =>
    frequent.has(first) || frequent.has(next);
  const said = new Set(found.map(({ template }) => template));
  return followers.broken(NOBODY, known, ignored).flatMap((one) => {
    const between = followers
      .between(one.first, one.next)
      .filter((t) => counts.fell(t, window))
      .reduce<number | undefined>((most, t) => counts.larger(most, t), undefined);
    if (between === undefined) return candidateOf(one);
    // It follows in place of what was between: that is what is gone, said once.
    if (said.has(between)) return [];
    said.add(between);
    const observed = counts.now(between, window);
    const expected = counts.base(between, window) * window.share;
    const kind = observed === 0 ? 'stopped' : 'fewer';
    return { kind, among: 'order', template: between, observed, expected, score: one.score };
  });
}

function candidateOf({ first, next, instead, observed, score }: BrokenOrder): Candidate {
  const order = { after: first, ...(instead < 0 ? {} : { instead }) };
  return { kind: 'order', among: 'order', template: next, ...order, observed, expected: 0, score };
}

/** Breaks of the order that stretches of the baseline would have shown. */
function brokenByChance(
  mined: MinedLines,
  counts: Counts,
  stretches: readonly Stretch[],
): readonly Judged[] {
  const followers = new Followers(mined.pairs);
  return stretches.flatMap(({ skipped }) =>
    followers
      .broken(
        skipped,
        (template) => counts.base(template, { skipped }) > 0,
        () => false,
      )
      .map(({ score }) => ({ kind: 'order', among: 'order', score, expected: 0 })),
  );
}

/** From this OpenTelemetry severity number on a line is an error. */
const ERROR = 17;

/** Stretches of parts as long as the window, each half over the one before. */
function stretchesLike([before, now]: readonly [number, number]): readonly Stretch[] {
  const length = Math.max(1, Math.min(PARTS / 2, Math.round((PARTS * now) / before)));
  const step = Math.max(1, length >> 1);
  const out: Stretch[] = [];
  for (let from = 0; from + length <= PARTS; from += step) {
    out.push({ skipped: [from, from + length], share: length / (PARTS - length) });
  }
  return out;
}

/** Counts by template and part, and what is usual for them. */
class Counts {
  private readonly counts: Float64Array;
  private readonly occasions: Float64Array;
  private readonly repeats: Float64Array;
  private readonly usual: number;
  private readonly usualOccasions: number;
  /** Slots of the window. */
  private readonly slots: number;

  constructor(
    mined: MinedLines,
    private readonly ratio: number,
  ) {
    this.counts = mined.counts;
    this.repeats = mined.repeats;
    this.occasions = occasionsOf(mined.slots);
    this.usual = usualSpread(this.counts);
    this.usualOccasions = usualSpread(this.occasions);
    const [before, now] = mined.lines;
    this.slots = Math.min(2 * PARTS * SLOTS, (PARTS * SLOTS * now) / before);
  }

  /** Lines that come each for itself, of the rest of the baseline and of the stretch. */
  private independent(template: number, stretch: Stretch): readonly [number, number] {
    const [from, to] = stretch.skipped;
    const at = template * STRIDE;
    const all = sum(this.occasions, at, 0, PARTS);
    const within = sum(this.occasions, at, from, to);
    const now = to > from ? within : (this.occasions[at + PARTS] ?? 0);
    const slots = to > from ? (to - from) * SLOTS : this.slots;
    return [
      independentLines(all - within, (PARTS - (to - from)) * SLOTS, this.base(template, stretch)),
      independentLines(now, slots, this.now(template, stretch)),
    ];
  }

  now(template: number, { skipped: [from, to] }: Stretch): number {
    const at = template * STRIDE;
    return to > from ? sum(this.counts, at, from, to) : (this.counts[at + PARTS] ?? 0);
  }

  base(template: number, { skipped: [from, to] }: Pick<Stretch, 'skipped'>): number {
    const at = template * STRIDE;
    return sum(this.counts, at, 0, PARTS) - sum(this.counts, at, from, to);
  }

  common(skipped: readonly [number, number], share: number): number {
    const stretch = { skipped, share };
    const pairs = Array.from({ length: this.counts.length / STRIDE }, (_, i) => ({
      base: this.base(i, stretch),
      now: this.now(i, stretch),
      independent: this.independent(i, stretch),
    }));
    return commonFactor(pairs, share);
  }

  judge(template: number, stretch: Stretch, severe: boolean): readonly Judged[] {
    const [base, now] = [this.base(template, stretch), this.now(template, stretch)];
    if (base === 0 && now === 0) return [];
    const expected = base * stretch.share;
    if (this.seenBefore(template, stretch, now, expected)) return [];
    if (now > expected) {
      if (base > 0 && now < this.ratio * expected) return [];
      const score = this.surprise(template, stretch, true);
      if (base === 0) {
        return [{ kind: 'new', among: severe ? 'new error' : 'new', score, expected }];
      }
      const again = this.repeatSurprise(template, stretch);
      return [
        { kind: 'more', among: 'more', score, expected },
        { kind: 'more', among: 'again', score: again, expected },
      ];
    }
    if (now * this.ratio > expected) return [];
    const kind = now === 0 ? 'stopped' : 'fewer';
    return [{ kind, among: kind, score: this.surprise(template, stretch, false), expected }];
  }

  /** Of as many lines, and of as many occasions: the smaller one, as lines that come together are one surprise. */
  private surprise(template: number, stretch: Stretch, more: boolean): number {
    const { skipped, share, as = share } = stretch;
    const at = template * STRIDE;
    const [base, now] = [this.base(template, stretch), this.now(template, stretch)];
    const [before, after] = this.independent(template, stretch);
    const spread = spreadOf(this.occasions, at, PARTS, skipped, this.usualOccasions, WORTH);
    const scale = share / as;
    const score = countSurprise({ base: before * scale, now: after, spread }, as, more);
    // Of a new one nothing else is known.
    if (base === 0) return score;
    const lineSpread = spreadOf(this.counts, at, PARTS, skipped, this.usual, WORTH);
    const lines = { base: base * scale, now, spread: Math.max(lineSpread, base / before) };
    return Math.min(score, countSurprise(lines, as, more));
  }

  /** Of more lines right after one of their own than its runs led to expect. */
  private repeatSurprise(template: number, stretch: Stretch): number {
    const at = template * STRIDE;
    const [from, to] = stretch.skipped;
    const within = to > from ? sum(this.repeats, at, from, to) : (this.repeats[at + PARTS] ?? 0);
    const before = sum(this.repeats, at, 0, PARTS) - (to > from ? within : 0);
    const runsBefore = this.base(template, stretch) - before;
    const runs = this.now(template, stretch) - within;
    if (runs <= 0 || runsBefore <= 0) return 0;
    const spread = this.repeatSpread(at, stretch.skipped, before / runsBefore);
    return countSurprise({ base: before, now: within, spread }, runs / runsBefore, true);
  }

  /** Variance of the repeats in a part over that of a Poisson count with as many runs. */
  private repeatSpread(at: number, [from, to]: readonly [number, number], rate: number): number {
    let [n, squares] = [0, 0];
    for (let i = 0; i < PARTS; i++) {
      const lines = this.counts[at + i] ?? 0;
      if ((i >= from && i < to) || lines === 0) continue;
      const repeats = this.repeats[at + i] ?? 0;
      const wanted = (lines - repeats) * rate;
      n++;
      if (wanted > 0) squares += (repeats - wanted) ** 2 / wanted;
    }
    return Math.max(1, (squares + (1 + rate) * WORTH) / (Math.max(1, n) - 1 + WORTH));
  }

  /** Whether there is less of it, by the factor that a count must change. */
  fell(template: number, stretch: Stretch): boolean {
    const expected = this.base(template, stretch) * stretch.share;
    return this.now(template, stretch) * this.ratio <= expected;
  }

  /** Which of two the baseline has more of. */
  larger(one: number | undefined, other: number): number {
    const whole = { skipped: NOBODY };
    return one !== undefined && this.base(one, whole) >= this.base(other, whole) ? one : other;
  }

  /** Whether some other stretch of the baseline, as long, had as many, or as few. */
  private seenBefore(template: number, stretch: Stretch, now: number, expected: number): boolean {
    const at = template * STRIDE;
    const [from, to] = stretch.skipped;
    const { length, step, scale } = this.like(stretch);
    for (let other = 0; other + length <= PARTS; other += step) {
      if (to > from && other < to && other + length > from) continue;
      const count = scale * sum(this.counts, at, other, other + length);
      if (now > expected ? count >= now : count <= now) return true;
    }
    return false;
  }

  /** Stretches of the baseline as long as this one; counts of the baseline are scaled to its exposure. */
  private like({ skipped: [from, to], share }: Stretch) {
    const parts = PARTS - (to - from);
    const length =
      to > from ? to - from : Math.max(1, Math.min(PARTS / 2, Math.round(PARTS * share)));
    return { length, step: Math.max(1, length >> 1), scale: (share * parts) / length };
  }
}

function usualSpread(counts: Float64Array): number {
  const spreads: number[] = [];
  for (let at = 0; at < counts.length; at += STRIDE) {
    if (sum(counts, at, 0, PARTS) >= 8) spreads.push(spreadOf(counts, at, PARTS, NOBODY, 1, 0));
  }
  return spreads.length < 3 ? 1.5 : median(spreads);
}

function sum(counts: Float64Array, at: number, from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += counts[at + i] ?? 0;
  return total;
}

type Candidate = Omit<FoundAnomaly, 'byChance'> & Pick<Judged, 'among'>;

class Candidates {
  private readonly all: Candidate[] = [];
  private readonly weighed: FoundAnomaly[] = [];

  add(candidate: Candidate): void {
    this.all.push(candidate);
  }

  weigh(nulls: readonly Judged[], stretches: number): void {
    for (const among of new Set(this.all.map((one) => one.among))) {
      const scores = nulls.flatMap((one) => (one.among === among ? one.score : []));
      const expected = byChance(scores, stretches, IN_THEORY);
      for (const { among: own, ...one } of this.all) {
        if (own === among) this.weighed.push({ ...one, byChance: expected(one.score) });
      }
    }
  }

  taken(alarms: number): readonly FoundAnomaly[] {
    const seen = new Set<number>();
    return this.weighed
      .filter((one) => one.byChance <= alarms)
      .sort((a, b) => a.byChance - b.byChance || b.score - a.score || a.template - b.template)
      .filter(({ kind, template }) => {
        if (kind === 'order') return true;
        const first = !seen.has(template);
        seen.add(template);
        return first;
      });
  }
}
