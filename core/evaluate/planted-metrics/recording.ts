import type { Rng } from '../../base';
import { between, heavy, normal, poisson } from './draw';
import { wander, type Service } from './system';

export const FAULTS = ['cpu', 'memory', 'disk', 'delay', 'loss'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Plan {
  readonly services: readonly Service[];
  /** Samples in all, and the first of the fault. */
  readonly length: number;
  readonly start: number;
  readonly end: number;
  readonly stepS: number;
  readonly fault: Fault;
  readonly at: number;
}

/** One service's courses, a value a sample. */
export interface Courses {
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
  readonly disk: Float64Array;
  readonly requests: Float64Array;
  readonly errors: Float64Array;
  readonly latency: Float64Array;
  readonly tail: Float64Array;
}

/** What the fault does to its service, drawn once. */
interface Harm {
  readonly busy: number;
  readonly slower: number;
  readonly added: number;
  readonly lost: number;
  readonly fills: number;
  readonly writes: number;
}

function drawHarm({ fault, services, at }: Plan, rng: Rng): Harm {
  const none: Harm = { busy: 0, slower: 1, added: 0, lost: 0, fills: 0, writes: 0 };
  const own = services[at]?.ownTime ?? 0.002;
  if (fault === 'cpu')
    return { ...none, busy: between(rng, 0.3, 1.2), slower: between(rng, 1.05, 4) };
  if (fault === 'memory')
    return { ...none, fills: between(rng, 0.5, 3), slower: between(rng, 1, 1.5) };
  if (fault === 'disk') return { ...none, writes: 1e6 * heavy(rng, 1), slower: between(rng, 1, 3) };
  if (fault === 'delay') return { ...none, added: own * between(rng, 4, 40) };
  return { ...none, lost: between(rng, 0.03, 0.3) };
}

/** A retransmission takes so long, s. */
const AGAIN = 0.2;
/** What a user thinks between two requests, s: slower answers, fewer requests. */
const THINKS = 0.5;

/**
 * Linear structural model: requests go down the calls, time and errors come up them, work follows requests.
 * Nothing of it is shared with the simulator.
 */
export function record(plan: Plan, rng: Rng): readonly Courses[] {
  const { services, length } = plan;
  const harm = drawHarm(plan, rng);
  const [slow, fast] = [wander(length, 0.97, rng), wander(length, 0.5, rng)];
  const day = between(rng, 0, 6.28);
  const wide = between(rng, 0.02, 0.2);
  const usual = between(rng, 20, 300);
  const models = services.map((service) => new Model(service, length, rng));
  const out = services.map(() => emptyCourses(length));
  let [entry, entry0] = [0, 0];
  for (let t = 0; t < length; t++) {
    const on = strengthAt(plan, t);
    const calm = entry0 === 0 ? 1 : (THINKS + entry0) / (THINKS + entry);
    const wave = 1 + wide * Math.sin(day + (t / length) * 4) + 0.05 * (slow[t] ?? 0);
    const load = Math.max(0.05, wave + 0.03 * (fast[t] ?? 0)) * usual * calm;
    const requests = new Float64Array(services.length);
    requests[0] = load;
    for (const [i, { calls }] of services.entries()) {
      for (const { to, each } of calls)
        requests[to] = (requests[to] ?? 0) + each * (requests[i] ?? 0);
    }
    const seen = new Float64Array(services.length);
    const failed = new Float64Array(services.length);
    for (let i = services.length - 1; i >= 0; i--) {
      const [model, courses] = [models[i], out[i]];
      if (!model || !courses) continue;
      const hit = i === plan.at ? on : 0;
      let time = model.ownTime(t, hit, harm);
      let fails = model.service.failing + 0.3 * hit * harm.lost * harm.lost;
      for (const { to, each } of model.service.calls) {
        time += each * (seen[to] ?? 0);
        fails += each * 0.8 * (failed[to] ?? 0);
      }
      seen[i] = time;
      failed[i] = Math.min(0.9, fails);
      model.put(courses, t, {
        n: requests[i] ?? 0,
        stepS: plan.stepS,
        time,
        fails: failed[i] ?? 0,
        hit,
        harm,
      });
    }
    // Answers that take longer hold users up a little later.
    entry = t === 0 ? (seen[0] ?? 0) : 0.7 * entry + 0.3 * (seen[0] ?? 0);
    if (t === Math.min(30, plan.start - 1)) entry0 = entry;
  }
  return out;
}

/** 0–1; a fault takes a few samples to be whole. */
function strengthAt({ start, end }: Plan, t: number): number {
  return t < start || t >= end ? 0 : Math.min(1, (t - start + 1) / 3);
}

interface Moment {
  readonly n: number;
  readonly stepS: number;
  readonly time: number;
  readonly fails: number;
  readonly hit: number;
  readonly harm: Harm;
}

class Model {
  private readonly drift: Float64Array;
  private filled = 0;

  constructor(
    readonly service: Service,
    length: number,
    private readonly rng: Rng,
  ) {
    this.drift = wander(length, 0.9, rng);
  }

  ownTime(t: number, hit: number, harm: Harm): number {
    const { ownTime, noise } = this.service;
    const usual = ownTime * Math.exp(noise * (0.6 * (this.drift[t] ?? 0) + 0.8 * normal(this.rng)));
    // A pause or a cold path, of nobody's doing.
    const odd = this.rng.next() < 0.003 ? heavy(this.rng, 1) * 5 : 1;
    const lost = hit * harm.lost * AGAIN * heavy(this.rng, 0.5);
    return usual * odd * (1 + hit * (harm.slower - 1)) + hit * harm.added + lost;
  }

  put(to: Courses, t: number, { n, stepS, time, fails, hit, harm }: Moment): void {
    const { rng, service } = this;
    const served = poisson(rng, n * stepS) / stepS;
    const job = service.jobEvery > 0 && t % service.jobEvery < 5 ? 1 : 0;
    const jitter = (sigma: number): number => Math.exp(sigma * normal(rng));
    this.filled = hit > 0 ? this.filled + (hit * harm.fills) / 40 : 0.9 * this.filled;
    to.requests[t] = served;
    to.errors[t] = poisson(rng, n * stepS * fails) / stepS;
    to.latency[t] = served === 0 ? Number.NaN : time * jitter(0.05);
    to.tail[t] = served === 0 ? Number.NaN : 2.2 * time * jitter(0.2);
    to.cpu[t] = (service.idle + service.work * served + 0.1 * job) * jitter(0.08) + hit * harm.busy;
    to.memory[t] =
      service.memory *
      (1 + 0.03 * (this.drift[t] ?? 0) + (t % 50) / 1000 + Math.min(harm.fills, this.filled));
    const quiet = service.disk * (0.5 + served / 100) * jitter(0.8) * (rng.next() < 0.3 ? 1 : 0.1);
    to.disk[t] = quiet + 3e5 * job + hit * harm.writes * jitter(0.5);
  }
}

function emptyCourses(length: number): Courses {
  const course = (): Float64Array => new Float64Array(length);
  return {
    cpu: course(),
    memory: course(),
    disk: course(),
    requests: course(),
    errors: course(),
    latency: course(),
    tail: course(),
  };
}
