import { CLOCK_ANCHOR_KINDS, type ClockAnchorKind, type ClockPair } from '../../model';
import { fitOffset, type Anchors, type Fit } from './drift';
import { middle, vote } from './vote';

export type KindAnchors = Readonly<Partial<Record<ClockAnchorKind, Anchors>>>;

export interface PairParams {
  /** Fewest anchors of a kind that narrow an offset, and of all kinds that say anything. */
  readonly fewest: number;
  /** A log line may be written that long before or after the span that it belongs to, ns. */
  readonly logSlack: number;
}

/** Kinds of which less than this share agree say nothing about the clocks. */
const AGREE = 0.6;

/**
 * The offset between two clocks, by anchors of all kinds; the residual is left to who has all pairs. A call
 * bounds it (Cristian 1989: the server's part lies within the client's), and so does a log line within its span;
 * what both stamp is a point. Undefined where there is too little.
 */
export function pairOffset(
  a: number,
  b: number,
  byKind: KindAnchors,
  params: PairParams,
): ClockPair | undefined {
  const fits = CLOCK_ANCHOR_KINDS.flatMap((kind) => {
    const anchors = byKind[kind];
    if (!anchors || anchors.at.length === 0) return [];
    const fit = fitOf(kind, anchors, params);
    return [{ kind, n: anchors.at.length, ...fit }];
  });
  const sound = fits.filter(({ n, agreeing }) => agreeing >= AGREE * n);
  const anchors = sound.reduce((sum, { n }) => sum + n, 0);
  if (anchors < params.fewest) return undefined;
  const strong = sound.filter(({ n }) => n >= params.fewest);
  const [first] = strong;
  const region = first ? intersection(strong) : hull(sound);
  const weighty = strong.length > 0 ? strong : sound;
  const outside = weighty.some(({ lower, upper }) => upper < region.lower || lower > region.upper);
  return {
    a,
    b,
    anchors,
    residual: 0,
    offset: (region.lower + region.upper) / 2,
    lower: region.lower,
    upper: region.upper,
    agreeing: sound.reduce((sum, { agreeing }) => sum + agreeing, 0),
    kinds: sound.map(({ kind, n }) => ({ kind, anchors: n })),
    driftPpm: (strong.find(({ slope }) => slope !== 0)?.slope ?? 0) * 1e6,
    contradicted: outside,
  };
}

function fitOf(kind: ClockAnchorKind, anchors: Anchors, { logSlack }: PairParams): Fit {
  if (kind === 'call') return fitOffset(anchors, vote, true);
  if (kind !== 'span-log') return fitOffset(anchors, middle, false);
  const { at, lo, hi } = anchors;
  const loose = { at, lo: lo.map((x) => x - logSlack), hi: hi.map((x) => x + logSlack) };
  return fitOffset(loose, vote, true);
}

type Span = Pick<Fit, 'lower' | 'upper'>;

/** What all say, those that say something else than the ones before them left out. */
function intersection(fits: readonly Span[]): Span {
  return fits.reduce((all, { lower, upper }) => {
    const both = { lower: Math.max(all.lower, lower), upper: Math.min(all.upper, upper) };
    return both.lower <= both.upper ? both : all;
  });
}

function hull(fits: readonly Span[]): Span {
  return {
    lower: Math.min(...fits.map(({ lower }) => lower)),
    upper: Math.max(...fits.map(({ upper }) => upper)),
  };
}
