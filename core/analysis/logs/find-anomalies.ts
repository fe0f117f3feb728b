import type { LogAnomalyKind } from '../../model';
import { median } from '../stats';
import { byChance } from './by-chance';
import { Followers, type BrokenOrder } from './order';
import { commonFactor, countSurprise, spreadOf } from './rates';
import { PARTS, STRIDE, type MinedLines } from './tally';

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

export const anomalyDefaults: AnomalyParams = { alarms: 0.03, ratio: 2 };

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
  const counts = new Counts(mined.counts, params.ratio);
  const window: Stretch = { skipped: NOBODY, share: share * counts.common(NOBODY, share) };
  const stretches = stretchesLike(mined.lines);
  const candidates = new Candidates();
  const nulls: Judged[] = [];
  const severe = (i: number): boolean => (mined.templates[i]?.severity ?? 0) >= ERROR;
  for (let i = 0; i < mined.templates.length; i++) {
    const judged = counts.judge(i, window, severe(i));
    if (judged) candidates.add({ ...judged, template: i, observed: counts.now(i, window) });
  }
  for (const stretch of stretches) {
    const factor = counts.common(stretch.skipped, stretch.share);
    const own = { ...stretch, share: stretch.share * factor, as: window.share };
    for (let i = 0; i < mined.templates.length; i++) {
      const judged = counts.judge(i, own, severe(i));
      if (judged) nulls.push(judged);
    }
  }
  candidates.weigh(nulls, stretches.length);
  const counted = candidates.taken(params.alarms);
  const ordered = new Candidates();
  for (const one of brokenOrder(mined, counts, counted)) ordered.add(one);
  ordered.weigh(brokenByChance(mined, counts, stretches), stretches.length);
  return [...counted, ...ordered.taken(params.alarms)];
}

/** What is out of order in the window and not for another reason that was found. */
function brokenOrder(
  mined: MinedLines,
  counts: Counts,
  found: readonly FoundAnomaly[],
): readonly Candidate[] {
  const followers = new Followers(mined.pairs);
  const usual = followers.usual();
  const known = (template: number): boolean => counts.base(template, { skipped: NOBODY }) > 0;
  const frequent = new Set<number>();
  const gone: number[] = [];
  for (const { kind, template } of found) {
    if (kind === 'more' || kind === 'new') frequent.add(template);
    else gone.push(template);
  }
  // Who follows what is more frequent, or follows in place of what is gone, is not out of order.
  const ignored = (first: number, next: number): boolean =>
    frequent.has(first) ||
    frequent.has(next) ||
    gone.some((one) => usual.has(`${first} ${one}`) && usual.has(`${one} ${next}`));
  return followers.broken(NOBODY, known, ignored).map(candidateOf);
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
  private readonly usual: number;

  constructor(
    private readonly counts: Float64Array,
    private readonly ratio: number,
  ) {
    const spreads: number[] = [];
    for (let at = 0; at < counts.length; at += STRIDE) {
      if (sum(counts, at, 0, PARTS) >= 8) spreads.push(spreadOf(counts, at, PARTS, NOBODY, 1, 0));
    }
    this.usual = spreads.length < 3 ? 1.5 : median(spreads);
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
    }));
    return commonFactor(pairs, share);
  }

  judge(template: number, stretch: Stretch, severe: boolean): Judged | undefined {
    const [base, now] = [this.base(template, stretch), this.now(template, stretch)];
    if (base === 0 && now === 0) return undefined;
    const expected = base * stretch.share;
    const at = template * STRIDE;
    const spread = spreadOf(this.counts, at, PARTS, stretch.skipped, this.usual, WORTH);
    if (this.seenBefore(template, stretch, now, expected)) return undefined;
    const share = stretch.as ?? stretch.share;
    const pair = { base: expected / share, now, spread };
    if (now > expected) {
      if (base > 0 && now < this.ratio * expected) return undefined;
      const score = countSurprise(pair, share, true);
      const kind = base === 0 ? 'new' : 'more';
      return { kind, among: kind === 'new' && severe ? 'new error' : kind, score, expected };
    }
    if (now * this.ratio > expected) return undefined;
    const score = countSurprise(pair, share, false);
    const kind = now === 0 ? 'stopped' : 'fewer';
    return { kind, among: kind, score, expected };
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
    return this.weighed
      .filter((one) => one.byChance <= alarms)
      .sort((a, b) => a.byChance - b.byChance || b.score - a.score || a.template - b.template);
  }
}
