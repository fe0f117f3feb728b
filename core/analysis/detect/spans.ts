import { z } from 'zod';
import type { Frame } from '../../model';
import { edgeShift, operationShift } from '../../model/queries';
import type { EdgeShift, EdgeWindow, OperationShift, OperationStats } from '../shifts';
import { defineAnalysis } from '../seam';
import { known, type Sums } from '../stats';
import { NO_EFFECT, beyondDrift, driftOf, effectOf, type Effect } from './drift';
import { entityResolver } from '../topology/names';
import { queryWindows } from '../windows';

const NONE: OperationStats = {
  n: 0,
  errors: 0,
  ownErrors: 0,
  selfMs: 0,
  durationMs: 0,
  p99Ms: 0,
  roots: 0,
  waits: 0,
  logN: 0,
  logSum: 0,
  logSq: 0,
  standsFor: 1,
};

/** Spread of log time is at least this: timers are coarse and caches come and go. */
const params = z.object({ logFloor: z.number().positive().default(0.1) });

export const operations = defineAnalysis({
  id: 'detect.operations',
  kind: 'detect',
  version: 4,
  title: 'Comparing operations',
  cite: "Welch's t on log self time, Welch (Biometrika 1947); drift as a random effect, DerSimonian & Laird (1986)",
  params,
  uses: {},
  inputs: ({ incident, baseline }) => ({
    operations: operationShift(queryWindows(incident, baseline)),
  }),
  run: ({ frames, scope, params: { logFloor } }) => {
    const resolve = entityResolver(scope.entities);
    const pairs = pairOperations(frames.operations, logFloor);
    const drift = driftOf(pairs.filter((op) => !isOnTheWay(op)));
    return pairs.map(({ effect, ...op }) => ({
      ...op,
      peer: op.peer === null ? null : resolve(op.peer),
      z: beyondDrift(effect, drift),
    }));
  },
});

export const edges = defineAnalysis({
  id: 'detect.edges',
  kind: 'detect',
  version: 3,
  title: 'Comparing calls',
  cite: "Welch's t on the log of the time between two spans, Welch (1947); drift as a random effect, DerSimonian & Laird (1986)",
  params,
  uses: { operations },
  inputs: ({ incident, baseline }) => ({ edges: edgeShift(queryWindows(incident, baseline)) }),
  run: ({ frames, given, params: { logFloor } }) => {
    const own = given.operations.filter((op) => !isOnTheWay(op));
    const drift = driftOf(own.map((op) => ({ ...op, effect: effectOfOperation(op, logFloor) })));
    return pairEdges(frames.edges, logFloor).map(({ effect, ...edge }) => ({
      ...edge,
      gapZ: beyondDrift(effect, drift),
    }));
  },
});

type OperationFrame = Frame<(typeof operationShift)['def']['columns']>;
type EdgeFrame = Frame<(typeof edgeShift)['def']['columns']>;

/** Pairs the two windows of every operation. */
function pairOperations(
  frame: OperationFrame,
  logFloor: number,
): readonly (Omit<OperationShift, 'z'> & { readonly effect: Effect })[] {
  const { col } = frame;
  const pairs = new Map<string, { at: number; base: OperationStats; incident: OperationStats }>();
  for (let i = 0; i < frame.rows; i++) {
    const key = [col.service[i], col.name[i], col.kind[i], col.peer[i] ?? ''].join('\u0001');
    const pair = pairs.get(key) ?? { at: i, base: NONE, incident: NONE };
    const stats: OperationStats = {
      n: known(col.n[i]),
      errors: known(col.errors[i]),
      ownErrors: known(col.own_errors[i]),
      selfMs: known(col.self_ms[i]),
      durationMs: known(col.duration_ms[i]),
      p99Ms: known(col.p99_ms[i]),
      roots: known(col.roots[i]),
      waits: known(col.waits[i]),
      logN: known(col.log_n[i]),
      logSum: known(col.log_self[i]),
      logSq: known(col.log_self_sq[i]),
      standsFor: known(col.stands_for[i]),
    };
    if (col.win[i] === 1) pair.incident = stats;
    else pair.base = stats;
    pairs.set(key, pair);
  }
  return [...pairs.values()].map(({ at, base, incident }) => {
    const meanBase = base.n > 0 ? base.selfMs / base.n : 0;
    const meanIncident = incident.n > 0 ? incident.selfMs / incident.n : 0;
    const both = base.n > 0 && incident.n > 0;
    return {
      service: col.service[at] ?? '',
      name: col.name[at] ?? '',
      kind: col.kind[at] ?? 0,
      peer: col.peer[at] ?? null,
      peerSpoke: col.peer_spoke[at] === 1,
      base,
      incident,
      effect: effectOfOperation({ base, incident }, logFloor),
      excessMs: both ? (meanIncident - meanBase) * incident.n : 0,
    };
  });
}

interface Gap {
  readonly n: number;
  readonly mean: number;
  readonly log: number;
  readonly sq: number;
}

function pairEdges(
  frame: EdgeFrame,
  logFloor: number,
): readonly (Omit<EdgeShift, 'gapZ'> & { readonly effect: Effect })[] {
  const { col } = frame;
  const pairs = new Map<
    string,
    { source: string; target: string; w: (EdgeWindow | null)[]; g: Gap[] }
  >();
  for (let i = 0; i < frame.rows; i++) {
    const source = col.source[i] ?? '';
    const target = col.target[i] ?? '';
    const key = `${source}\u0001${target}`;
    const pair = pairs.get(key) ?? { source, target, w: [null, null], g: [] };
    const win = col.win[i] ?? 0;
    pair.w[win] = {
      n: known(col.n[i]),
      errors: known(col.errors[i]),
      p50Ms: known(col.p50_ms[i]),
      p99Ms: known(col.p99_ms[i]),
      standsFor: known(col.stands_for[i]),
    };
    pair.g[win] = {
      n: known(col.log_n[i]),
      mean: col.gap_ms[i] ?? Number.NaN,
      log: col.gap_log[i] ?? Number.NaN,
      sq: col.gap_log_sq[i] ?? Number.NaN,
    };
    pairs.set(key, pair);
  }
  return [...pairs.values()].map(({ source, target, w, g }) => {
    const [base = null, incident = null] = w;
    const [g0, g1] = g;
    const paired = base && incident && g0 && g1 && !Number.isNaN(g0.log) && !Number.isNaN(g1.log);
    const side = ({ n, log, sq }: Gap): Sums => ({ n, sum: log * n, sq: sq * n });
    return {
      source,
      target,
      base,
      incident,
      effect: paired ? effectOf(side(g0), side(g1), logFloor) : NO_EFFECT,
      gapMs: paired ? g1.mean - g0.mean : 0,
    };
  });
}

function effectOfOperation(
  { base, incident }: Pick<OperationShift, 'base' | 'incident'>,
  floor: number,
): Effect {
  if (base.n === 0 || incident.n === 0) return NO_EFFECT;
  const sums = ({ logN, logSum, logSq }: OperationStats): Sums => ({
    n: logN,
    sum: logSum,
    sq: logSq,
  });
  return effectOf(sums(base), sums(incident), floor);
}

/** Time between two spans: one caller may have most of the ways, so that they tell nothing about drift. */
const isOnTheWay = ({ kind, peerSpoke }: Pick<OperationShift, 'kind' | 'peerSpoke'>): boolean =>
  kind === 3 && peerSpoke;
