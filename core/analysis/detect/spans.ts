import { z } from 'zod';
import type { Frame } from '../../model';
import { edgeShift, operationShift } from '../../model/queries';
import type { EdgeShift, EdgeWindow, OperationShift, OperationStats } from '../shifts';
import { defineAnalysis } from '../seam';
import { known, median, welch, type Sums } from '../stats';
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
  logSum: 0,
  logSq: 0,
};

/** Spread of log time is at least this: timers are coarse and caches come and go. */
const params = z.object({ logFloor: z.number().positive().default(0.1) });

export const operations = defineAnalysis({
  id: 'detect.operations',
  kind: 'detect',
  version: 2,
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
    const drift = driftOf(pairs);
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
  version: 2,
  title: 'Comparing calls',
  cite: "Welch's t on the log of the time between two spans, Welch (1947); drift as a random effect, DerSimonian & Laird (1986)",
  params,
  uses: { operations },
  inputs: ({ incident, baseline }) => ({ edges: edgeShift(queryWindows(incident, baseline)) }),
  run: ({ frames, given, params: { logFloor } }) => {
    const drift = driftOf(
      given.operations.map((op) => ({ ...op, effect: effectOfOperation(op, logFloor) })),
    );
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
      logSum: known(col.log_self[i]),
      logSq: known(col.log_self_sq[i]),
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
    };
    pair.g[win] = {
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
    const side = (window: EdgeWindow, gap: Gap) => ({
      n: window.n,
      sum: gap.log * window.n,
      sq: gap.sq * window.n,
    });
    return {
      source,
      target,
      base,
      incident,
      effect: paired ? effectOf(side(base, g0), side(incident, g1), logFloor) : NO_EFFECT,
      gapMs: paired ? g1.mean - g0.mean : 0,
    };
  });
}

/** Shift of a mean log time, and its standard error. */
interface Effect {
  readonly shift: number;
  readonly error: number;
}

const NO_EFFECT: Effect = { shift: 0, error: Number.POSITIVE_INFINITY };

function effectOf(base: Sums, incident: Sums, floor: number): Effect {
  const shift = incident.sum / incident.n - base.sum / base.n;
  const z = welch(base, incident, floor);
  return z === 0 ? NO_EFFECT : { shift, error: Math.abs(shift / z) };
}

function effectOfOperation(
  { base, incident }: Pick<OperationShift, 'base' | 'incident'>,
  floor: number,
): Effect {
  if (base.n === 0 || incident.n === 0) return NO_EFFECT;
  const sums = ({ n, logSum, logSq }: OperationStats): Sums => ({ n, sum: logSum, sq: logSq });
  return effectOf(sums(base), sums(incident), floor);
}

/** Services below which nothing is said of what is usual between two stretches. */
const LEAST_SERVICES = 5;

/**
 * How far times drift between two stretches with nothing wrong (a new pod, another mix, another hour): the
 * middle service's middle shift beyond what its own sampling brings. However many spans there are, a shift
 * of that size is no news. Time on the way is left out: one caller may have most of the edges.
 */
function driftOf(
  operations: readonly (Pick<OperationShift, 'service' | 'kind' | 'peerSpoke'> & {
    readonly effect: Effect;
  })[],
): number {
  const services = new Map<string, Effect[]>();
  for (const { service, kind, peerSpoke, effect } of operations) {
    if ((kind === 3 && peerSpoke) || !Number.isFinite(effect.error)) continue;
    const list = services.get(service);
    if (list) list.push(effect);
    else services.set(service, [effect]);
  }
  if (services.size < LEAST_SERVICES) return 0;
  const middle = (value: (effect: Effect) => number): number =>
    median([...services.values()].map((effects) => median(effects.map(value))));
  const all = middle(({ shift }) => Math.abs(shift)) / 0.6745;
  const sampling = middle(({ error }) => error);
  return Math.sqrt(Math.max(0, all * all - sampling * sampling));
}

function beyondDrift({ shift, error }: Effect, drift: number): number {
  return Number.isFinite(error) ? shift / Math.sqrt(error * error + drift * drift) : 0;
}
