import { z } from 'zod';
import { moreZ, mostTimes, slowerZ, worstSeries } from '../detect/beyond-quiet';
import { badness } from '../detect/metrics';
import { isFelt, stretches as stretchesOf, type Stretches } from '../detect/stretches';
import { facts as factsOf, type Facts } from '../facts';
import { defineAnalysis } from '../seam';
import type { OrderShift } from '../shifts';
import { betaBinomialTail, ramp } from '../stats';
import type { MethodResult } from './method';
import { METHODS } from './methods';

export type SignKind =
  'requests' | 'order' | 'metrics' | 'symptom' | 'alerts' | 'logs' | 'messages';

/** One kind of sign that something is wrong. */
export interface Sign {
  readonly kind: SignKind;
  /** 0: as in quiet stretches; 1: far beyond them. */
  readonly beyond: number;
  readonly entityId: string;
}

export interface Trouble {
  readonly signs: readonly Sign[];
  /** The signs together; about half is where quiet windows end. */
  readonly total: number;
}

const params = z.object({
  /** z of slower requests, of more slow ones and of more errors: where quiet ends, and where doubt does. */
  slower: z.tuple([z.number(), z.number()]).default([3.5, 5.5]),
  tail: z.tuple([z.number(), z.number()]).default([3, 5]),
  errors: z.tuple([z.number(), z.number()]).default([1, 3]),
  /** -log10 of the probability of so many traces with a new order of lines or calls. */
  order: z.tuple([z.number(), z.number()]).default([3.5, 5.5]),
  /** -log10 of the probability of so many messages that nobody took, and their share. */
  left: z.tuple([z.number(), z.number()]).default([3.5, 5.5]),
  leftShare: z.tuple([z.number(), z.number()]).default([0.2, 0.6]),
  /** Robust deviations that a metric is away at least, however quiet the baseline was. */
  away: z.number().positive().default(16),
  /** The same where there are metrics alone: their series are compared with their own quiet stretches. */
  awayAlone: z.number().positive().default(6),
  /** Standard deviations, beyond what comes with the requests, from which on a busy machine counts there. */
  busy: z.number().positive().default(5),
  /** Strength of the strongest method, where somebody named a symptom. */
  noticed: z.tuple([z.number(), z.number()]).default([0.2, 0.6]),
  /** -log10 of the probability of so many alerts that did not fire before. */
  alerts: z.tuple([z.number(), z.number()]).default([1, 3]),
  /** Stretches of the baseline below which its metrics don't tell what is usual. */
  leastStretches: z.number().int().min(2).default(5),
});

type Params = z.output<typeof params>;

/**
 * Is anything wrong at all? Signs that somebody would feel, each held against what quiet stretches of the
 * same baseline show. A change, a busy machine or a chatty log is no trouble as long as nobody feels it.
 */
export const trouble = defineAnalysis({
  id: 'rca.trouble',
  kind: 'rca',
  version: 3,
  title: 'Weighing whether anything is wrong',
  cite: 'maximum statistic over quiet stretches: Westfall & Young, Resampling-Based Multiple Testing (1993)',
  params,
  uses: { facts: factsOf, stretches: stretchesOf, methods: METHODS },
  inputs: () => ({}),
  run: ({ given, params: limits }): Trouble => {
    const { facts, stretches } = given;
    const signs = [
      requestSign(stretches, limits),
      orderSign(facts, limits),
      messageSign(facts, limits),
      metricSign(stretches, limits),
      symptomSign(facts, given.methods, limits),
      alertSign(facts, stretches, limits),
      logSign(facts, stretches),
    ].filter(({ beyond }) => beyond > 0);
    return { signs, total: signs.reduce((sum, { beyond }) => sum + beyond, 0) };
  },
});

const none = (kind: SignKind): Sign => ({ kind, beyond: 0, entityId: '' });

function requestSign({ requests }: Stretches, limits: Params): Sign {
  let worst = none('requests');
  for (const [entityId, own] of requests) {
    const beyond = Math.max(
      ramp(slowerZ(own), ...limits.slower),
      ramp(moreZ(own, 'slow', 'timed'), ...limits.tail),
      ramp(moreZ(own, 'errors', 'n'), ...limits.errors),
    );
    if (beyond > worst.beyond) worst = { kind: 'requests', beyond, entityId };
  }
  return worst;
}

function orderSign({ lineOrder, callOrder }: Facts, limits: Params): Sign {
  let worst = none('order');
  for (const shift of [...lineOrder, ...callOrder]) {
    const beyond = ramp(traceSurprise(shift), ...limits.order);
    if (beyond > worst.beyond) worst = { kind: 'order', beyond, entityId: shift.service };
  }
  return worst;
}

/** Messages that were taken always, and are no more. */
function messageSign({ messages }: Facts, limits: Params): Sign {
  let worst = none('messages');
  for (const { consumer, sent1, taken1, surprise } of messages) {
    const left = sent1 > 0 ? 1 - taken1 / sent1 : 0;
    const beyond = ramp(surprise, ...limits.left) * ramp(left, ...limits.leftShare);
    if (beyond > worst.beyond) worst = { kind: 'messages', beyond, entityId: consumer };
  }
  return worst;
}

const MOST = 200;

/**
 * -log10 of the probability that as many traces have a new successor, where the baseline's traces had as many
 * that no other of them has (Good, Biometrika 1953): steps of one trace come and go together.
 */
export function traceSurprise({ traces }: OrderShift): number {
  const { n0, n1, fresh, singles } = traces;
  if (fresh < 2 || n0 === 0) return 0;
  const n = Math.min(MOST, n1);
  const k = Math.round((fresh * n) / n1);
  const tail = betaBinomialTail(k, n, 0.5 + singles, Math.min(MOST, n0) + 0.5);
  return -Math.log10(Math.max(1e-12, tail));
}

/** A metric that is further away than any was in a quiet stretch, twice as far without doubt. */
function metricSign(stretches: Stretches, limits: Params): Sign {
  if (stretches.alone) return aloneSign(stretches, limits);
  const { series } = stretches;
  const worst = worstSeries(series);
  if (!worst) return none('metrics');
  const { entityId, away, quiet } = worst;
  // From so few stretches nobody knows what is usual: a metric alone proves nothing.
  const most = worst.stretches < limits.leastStretches ? 0.25 : 1;
  return {
    kind: 'metrics',
    beyond: most * doublings(away, Math.max(limits.away, quiet)),
    entityId,
  };
}

/** Where nothing tells of requests, what is busy or full beyond them is trouble, too. */
function aloneSign({ series }: Stretches, limits: Params): Sign {
  const found = mostTimes(
    series.filter(({ shift }) => isFelt(shift) || badness(shift) >= limits.busy),
    limits.awayAlone,
  );
  if (!found) return none('metrics');
  const most = found.stretches < limits.leastStretches ? 0.25 : 1;
  return {
    kind: 'metrics',
    beyond: most * doublings(found.times, 1),
    entityId: found.entityId,
  };
}

/** Somebody noticed something, so something is wrong; what is asked is whether its cause can be seen. */
function symptomSign(
  { symptom }: Facts,
  methods: ReadonlyMap<string, MethodResult>,
  limits: Params,
): Sign {
  if (symptom === undefined) return none('symptom');
  const strongest = Math.max(0, ...[...methods.values()].map(({ strength }) => strength));
  return { kind: 'symptom', beyond: ramp(strongest, ...limits.noticed), entityId: symptom };
}

const doublings = (value: number, over: number): number =>
  value <= 0 ? 0 : ramp(Math.log2(value / over), 0, 1);

/** Alerts that did not fire before: more of them than new ones came in the baseline. */
function alertSign(facts: Facts, { requests, series }: Stretches, limits: Params): Sign {
  const { incident, baseline, alerts } = facts;
  const within = (from: bigint, window: { readonly from: bigint; readonly to: bigint }): boolean =>
    from >= window.from && from < window.to;
  const before = new Map<string, number>();
  const now = new Map<string, string>();
  for (const { from, fingerprint, entityId } of alerts) {
    if (within(from, incident)) now.set(fingerprint, entityId);
    else if (from < incident.from || within(from, baseline)) {
      before.set(fingerprint, (before.get(fingerprint) ?? 0) + 1);
    }
  }
  const fresh = [...now].filter(([fingerprint]) => !before.has(fingerprint));
  const entityId = fresh[0]?.[1] ?? '';
  // Where there is nothing but alerts, they are the symptom.
  if (requests.size === 0 && series.length === 0) {
    return { kind: 'alerts', beyond: ramp(now.size, 0, 2), entityId };
  }
  const singles = [...before.values()].filter((n) => n === 1).length;
  const ratio =
    Number(baseline.to - baseline.from) / Math.max(1, Number(incident.to - incident.from));
  const tail = countTail(fresh.length, 0.5 + singles, ratio);
  return { kind: 'alerts', beyond: ramp(-Math.log10(tail), ...limits.alerts), entityId };
}

/** P(at least k) of a Poisson count whose rate has a Gamma(a) posterior over `ratio` such stretches. */
function countTail(k: number, a: number, ratio: number): number {
  const stay = ratio / (ratio + 1);
  let term = stay ** a;
  let below = 0;
  for (let i = 0; i < k; i++) {
    below += term;
    term *= ((a + i) / (i + 1)) * (1 - stay);
  }
  return Math.max(1e-12, 1 - below);
}

/** Error lines speak for themselves only where there are neither requests nor metrics to feel them in. */
function logSign({ templates }: Facts, { requests, series }: Stretches): Sign {
  if (requests.size > 0 || series.length > 0) return none('logs');
  let worst = none('logs');
  for (const { entityId, severity, z: risen } of templates) {
    const beyond = severity >= 17 ? ramp(risen, 4, 8) : severity >= 13 ? ramp(risen, 8, 16) : 0;
    if (beyond > worst.beyond) worst = { kind: 'logs', beyond, entityId };
  }
  return worst;
}
