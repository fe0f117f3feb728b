import {
  CLOCK_ANCHOR_KINDS,
  CLOCK_ANCHOR_WORDS,
  anchorsText,
  type ClockConfidence,
  type ClockEstimate,
  type ClockPair,
} from '../../model';
import type { Graph } from './graph';

export interface JudgeParams {
  readonly fewest: number;
  /** ns; smaller offsets are taken for none. */
  readonly least: number;
  /** Most anchors that the source has with any other, also where they do not suffice. */
  readonly few: number;
}

/** A high confidence takes so many anchors and such a share that agrees. */
const ENOUGH = 10;
const AGREE = 0.8;
/** It is known to this share of itself, or to this, ns; and that it is in step, to this. */
const SHARP = 0.2;
const FINE = 20e6;
const STEP = 100e6;

const HALF_HOUR = 1800e9;
/** Clocks of wrong zones also go wrong: by up to so much, ns, an offset is still that of a zone. */
const ZONE_OFF = 60e9;

/** What is said of one clock: where it stands, how sure that is, and why. */
export function estimateOf(sourceId: number, graph: Graph, params: JudgeParams): ClockEstimate {
  const pairs = graph.pairs.filter(({ a, b }) => a === sourceId || b === sourceId);
  const clock = graph.clocks.get(sourceId);
  const anchors = pairs.reduce((sum, { agreeing }) => sum + agreeing, 0);
  const alone = pairs.every(({ contradicted, residual }) => contradicted && residual !== 0);
  const base = { sourceId, anchors, kinds: kindsOf(pairs) };
  if (!clock || pairs.length === 0 || (alone && clock.reference === sourceId)) {
    return {
      ...base,
      anchors: params.few,
      state: 'unknown',
      reference: sourceId,
      offset: 0,
      lower: 0,
      upper: 0,
      confidence: 'none',
      driftPpm: 0,
      zoneHours: 0,
      why: missing(params, pairs),
    };
  }
  const { reference, offset, lower, upper } = clock;
  const away = (lower > 0 || upper < 0) && Math.abs(offset) >= params.least;
  const state = sourceId === reference ? 'reference' : away ? 'offset' : 'in-step';
  const driftPpm = driftOf(pairs, sourceId, reference);
  const confidence = confidenceOf(pairs, state === 'offset' ? offset : 0, (upper - lower) / 2);
  return {
    ...base,
    state,
    reference,
    offset,
    lower,
    upper,
    driftPpm,
    confidence,
    zoneHours: away ? zoneHoursOf(offset) : 0,
    why: reasons(pairs, params),
  };
}

function confidenceOf(pairs: readonly ClockPair[], offset: number, half: number): ClockConfidence {
  const sum = (of: (pair: ClockPair) => number): number => pairs.reduce((n, p) => n + of(p), 0);
  const agreeing = sum((pair) => pair.agreeing);
  const sharp = offset === 0 ? STEP : Math.max(FINE, SHARP * Math.abs(offset));
  const high =
    agreeing >= ENOUGH &&
    agreeing >= AGREE * sum((pair) => pair.anchors) &&
    half <= sharp &&
    pairs.every(({ contradicted }) => !contradicted);
  return high ? 'high' : 'low';
}

/** How much faster it goes than the reference, where the two were compared directly. */
function driftOf(pairs: readonly ClockPair[], sourceId: number, reference: number): number {
  if (sourceId === reference) return 0;
  const pair = pairs.find(({ a, b }) => a === reference || b === reference);
  if (!pair) return 0;
  return pair.b === sourceId ? pair.driftPpm : -pair.driftPpm;
}

/** 2 or −5.5 where the offset is that of a time zone within a minute, else 0. */
function zoneHoursOf(offset: number): number {
  const halves = Math.round(offset / HALF_HOUR);
  return Math.abs(offset - halves * HALF_HOUR) <= ZONE_OFF ? halves / 2 : 0;
}

function kindsOf(pairs: readonly ClockPair[]): ClockPair['kinds'] {
  return CLOCK_ANCHOR_KINDS.flatMap((kind) => {
    const anchors = pairs
      .flatMap(({ kinds }) => kinds)
      .reduce((sum, each) => sum + (each.kind === kind ? each.anchors : 0), 0);
    return anchors > 0 ? [{ kind, anchors }] : [];
  });
}

function reasons(pairs: readonly ClockPair[], { fewest }: JudgeParams): string {
  const of = pairs.reduce((sum, { anchors }) => sum + anchors, 0);
  const agree = pairs.reduce((sum, { agreeing }) => sum + agreeing, 0);
  const kinds = kindsOf(pairs).map(
    ({ kind, anchors }) => `${anchors} ${CLOCK_ANCHOR_WORDS[kind][anchors === 1 ? 0 : 1]}`,
  );
  const drifts = pairs.some(({ driftPpm }) => driftPpm !== 0);
  return [
    `${agree} of ${anchorsText(of)} agree: ${kinds.join(', ')}.`,
    ...(pairs.some(({ contradicted }) => contradicted) ? ['Some contradict the others.'] : []),
    ...(drifts ? ['The offset changes with time; one figure holds for the middle of it.'] : []),
    ...(of < 2 * fewest ? ['Few anchors.'] : []),
  ].join(' ');
}

function missing({ few, fewest }: JudgeParams, pairs: readonly ClockPair[]): string {
  if (pairs.length > 0) return 'What it shares with other sources contradicts them.';
  if (few === 0) return 'No other source tells of a moment that this one tells of.';
  if (few >= fewest) return `${anchorsText(few)}, which do not agree with each other.`;
  return `${anchorsText(few)} with another source; ${fewest} are needed.`;
}
