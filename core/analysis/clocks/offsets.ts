import { z } from 'zod';
import {
  CLOCK_ANCHOR_KINDS,
  CLOCK_ANCHOR_WORDS,
  type ClockAnchorKind,
  type ClockOffsets,
  type ClockPair,
  type Frame,
  type Notice,
  type QueryCall,
} from '../../model';
import { clockAnchors, clockSources } from '../../model/queries';
import { defineAnalysis } from '../seam';
import type { Anchors } from './drift';
import { placeClocks } from './graph';
import { estimateOf } from './judge';
import { pairOffset, type KindAnchors } from './pair';

type SourceRows = Frame<(typeof clockSources)['def']['columns']>;
type AnchorRows = Frame<(typeof clockAnchors)['def']['columns']>;

interface Sources {
  readonly ids: readonly number[];
  /** Those with samples, as a metric server keeps one clock for all that it scrapes; those with spans. */
  readonly metrics: ReadonlySet<number>;
  readonly traced: ReadonlySet<number>;
  /** Kinds of anchors that there can be any of. */
  readonly kinds: readonly ClockAnchorKind[];
}

/** Which signals have rows in more than one source: only there is anything to be joined. */
export const clockSignals = defineAnalysis({
  id: 'correlate.clock-sources',
  kind: 'correlate',
  version: 1,
  title: 'Looking for sources whose clocks can be compared',
  cite: 'counts',
  params: z.object({}),
  uses: {},
  inputs: () => ({ rows: clockSources({}) }),
  run: ({ frames }): Sources => sourcesOf(frames.rows),
});

function sourcesOf({ rows, col }: SourceRows): Sources {
  const having = (counts: Float64Array): readonly number[] =>
    Array.from(col.source_id).filter((_, i) => (counts[i] ?? 0) > 0);
  const [spans, logs, alerts] = [having(col.spans), having(col.logs), having(col.alerts)];
  const both = spans.length > 0 && logs.length > 0 && new Set([...spans, ...logs]).size > 1;
  const can: Readonly<Record<ClockAnchorKind, boolean>> = {
    call: spans.length > 1,
    'span-log': both,
    'log-line': logs.length > 1,
    'log-text': logs.length > 1,
    alert: alerts.length > 1,
  };
  return {
    ids: Array.from(col.source_id.subarray(0, rows)).sort((a, b) => a - b),
    metrics: new Set(having(col.samples)),
    traced: new Set(spans),
    kinds: CLOCK_ANCHOR_KINDS.filter((kind) => can[kind]),
  };
}

export const clockOffsets = defineAnalysis({
  id: 'correlate.clocks',
  kind: 'correlate',
  version: 1,
  title: 'Comparing the clocks of the sources',
  cite: 'Cristian (Distributed Computing 1989); Marzullo 1984 and RFC 5905 §11.2.1; Duda et al. (ICDCS 1987); Theil 1950, Sen 1968',
  params: z.object({
    /** Anchors of a kind and pair that are looked at. */
    most: z.number().int().min(10).default(4000),
    fewest: z.number().int().min(2).default(5),
    /** ns; smaller offsets are taken for none. */
    least: z.number().nonnegative().default(1e6),
    logSlack: z.number().nonnegative().default(1e7),
  }),
  uses: { sources: clockSignals },
  inputs: (_, { sources }, { most }) =>
    Object.fromEntries(
      sources.kinds.map((kind): [ClockAnchorKind, QueryCall<AnchorSpec>] => [
        kind,
        clockAnchors({ kind, most }),
      ]),
    ),
  *run({ frames, given, params, notice }): Generator<number, ClockOffsets, void> {
    const { ids, metrics, traced } = given.sources;
    const found = pairsOf(frames, ids, notice);
    const pairs: ClockPair[] = [];
    let done = 0;
    for (const { a, b, byKind } of found) {
      yield done++ / found.length;
      const pair = pairOffset(a, b, byKind, params);
      if (pair) pairs.push(pair);
    }
    const anchorsOf = (id: number): number =>
      pairs.reduce((sum, { a, b, agreeing }) => sum + (a === id || b === id ? agreeing : 0), 0);
    // Of sources that disagree one by one: lines of logs are what is most often read in a wrong zone.
    const liking = (id: number): number => (metrics.has(id) ? 2e9 : traced.has(id) ? 1e9 : 0);
    const graph = placeClocks(ids, pairs, (id) => liking(id) + anchorsOf(id));
    const few = new Map<number, number>();
    for (const { a, b, byKind } of found)
      for (const id of [a, b]) few.set(id, Math.max(few.get(id) ?? 0, countOf(byKind)));
    return {
      sources: ids.map((id) => estimateOf(id, graph, { ...params, few: few.get(id) ?? 0 })),
      pairs: graph.pairs,
      fewest: params.fewest,
    };
  },
});

type AnchorSpec = (typeof clockAnchors)['def']['columns'];

interface FoundPair {
  readonly a: number;
  readonly b: number;
  readonly byKind: KindAnchors;
}

const countOf = (byKind: KindAnchors): number =>
  Object.values(byKind).reduce((sum, { at }) => sum + at.length, 0);

/** Anchors by pair and kind, the source with the lower id first, in order of time. */
function pairsOf(
  frames: Readonly<Partial<Record<string, AnchorRows>>>,
  ids: readonly number[],
  notice: (notice: Notice) => void,
): readonly FoundPair[] {
  const pairs = new Map<string, { a: number; b: number; byKind: Record<string, Anchors> }>();
  for (const kind of CLOCK_ANCHOR_KINDS) {
    const frame = frames[kind];
    if (!frame) continue;
    noticeSampled(kind, frame, notice);
    for (const [key, rows] of rowsByPair(frame, ids)) {
      const [a = 0, b = 0] = key.split(' ').map(Number);
      const pair = pairs.get(key) ?? { a, b, byKind: {} };
      pair.byKind[kind] = anchorsOf(frame, rows, a);
      pairs.set(key, pair);
    }
  }
  return [...pairs.values()].sort((x, y) => x.a - y.a || x.b - y.b);
}

function rowsByPair({ rows, col }: AnchorRows, ids: readonly number[]): Map<string, number[]> {
  const byPair = new Map<string, number[]>();
  const known = new Set(ids);
  for (let i = 0; i < rows; i++) {
    const [a, b] = [col.source_a[i] ?? 0, col.source_b[i] ?? 0];
    const usable = a !== b && (col.lower[i] ?? Number.NaN) <= (col.upper[i] ?? Number.NaN);
    if (!usable || !known.has(a) || !known.has(b)) continue;
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const of = byPair.get(key);
    if (of) of.push(i);
    else byPair.set(key, [i]);
  }
  return byPair;
}

/** With `a` first: seen from the other side, bounds change their places and signs. */
function anchorsOf({ col }: AnchorRows, rows: number[], a: number): Anchors {
  const start = rows.reduce(
    (least, i) => ((col.at[i] ?? 0n) < least ? (col.at[i] ?? 0n) : least),
    col.at[rows[0] ?? 0] ?? 0n,
  );
  const each = rows.map((i) => {
    const [lower, upper] = [col.lower[i] ?? 0, col.upper[i] ?? 0];
    const [lo, hi] = col.source_a[i] === a ? [lower, upper] : [-upper, -lower];
    return { at: Number((col.at[i] ?? 0n) - start), lo, hi };
  });
  each.sort((x, y) => x.at - y.at || x.lo - y.lo || x.hi - y.hi);
  return {
    at: Float64Array.from(each, ({ at }) => at),
    lo: Float64Array.from(each, ({ lo }) => lo),
    hi: Float64Array.from(each, ({ hi }) => hi),
  };
}

function noticeSampled(
  kind: ClockAnchorKind,
  { rows, col }: AnchorRows,
  notice: (notice: Notice) => void,
): void {
  const totals = new Map<string, number>();
  for (let i = 0; i < rows; i++)
    totals.set(`${col.source_a[i]} ${col.source_b[i]}`, col.total[i] ?? 0);
  const all = [...totals.values()].reduce((sum, n) => sum + n, 0);
  if (all <= rows) return;
  notice({
    code: 'clock-anchors-sampled',
    severity: 'info',
    count: all - rows,
    message: `Of ${all} ${CLOCK_ANCHOR_WORDS[kind][1]} ${rows} were compared, evenly over time, to find the offsets between clocks.`,
  });
}
