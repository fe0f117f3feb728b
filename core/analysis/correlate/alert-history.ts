/** What ranking needs of an alert. Times in ms. */
export interface FiredAlert {
  readonly fingerprint: string;
  readonly name: string;
  readonly entity: string;
  readonly atMs: number;
  /** '' where the source gives none. */
  readonly severity: string;
  /** What it was raised on: calls between two entities, log lines, or a measurement of one entity. */
  readonly about: 'calls' | 'logs' | 'metrics';
  /** The caller, of an alert on calls; the entity is the callee. */
  readonly caller: string;
  /** up or down, where the source says so. */
  readonly direction: string;
}

/** An alert of the trouble at hand and how little it was to be expected, in nats. */
export interface Surprise {
  readonly alert: FiredAlert;
  /** Names with their digits masked, and the direction: alerts of one family say the same thing. */
  readonly family: string;
  readonly nats: number;
}

/** Half-lives, in troubles: what fires in one trouble after the other, and what has fired at all. */
const HALF_LIVES = [3, 20] as const;
/** Troubles' worth of its family's rate that a fingerprint is taken to have been seen with. */
const PRIOR_TROUBLES = 1;
/** A family's rate before anything is known of it, in alerts per trouble for all of its members together. */
const PRIOR_ALERTS = 0.5;
/** Instants nearer than this share of a trouble are one instant; nothing is told apart below it. */
const SAME_INSTANT = 1e-3;
/** How much less an alert says at the end of a trouble than at its beginning: 1 to 3. */
const LATE = 2;
/** Troubles that the sampling steps are read from. */
const STEP_TROUBLES = 10;

interface Tally {
  /** Decayed number of troubles that each fingerprint fired in, and ms that it was silent in them, less all. */
  readonly fired: number[];
  readonly spared: number[];
  /** Decayed length of all troubles, ms, and their number. */
  length: number;
  troubles: number;
}

interface First {
  readonly alert: FiredAlert;
  readonly number: number;
  readonly afterMs: number;
}

/**
 * How soon each alert usually first fires in a trouble, and from that how surprising it is to fire when it does:
 * a rate per fingerprint (constant hazard, censored at the end of a trouble, shrunk to its family's), the
 * larger of a short and a long memory; the surprise is against the number of alerts of the family that were to
 * be expected this soon (an E-value, Karlin & Altschul 1990). A trouble costs its own alerts and one pass over
 * the fingerprints, whatever came before.
 */
export class AlertHistory {
  private readonly numbers = new Map<string, number>();
  private readonly families = new Map<string, number>();
  private readonly familyOf: number[] = [];
  private readonly familyNames: string[] = [];
  private readonly aboutOf: FiredAlert['about'][] = [];
  private readonly tallies: readonly Tally[] = HALF_LIVES.map(() => ({
    fired: [],
    spared: [],
    length: 0,
    troubles: 0,
  }));
  private readonly steps: (readonly [FiredAlert['about'], number])[][] = [];
  private readonly past: { readonly firsts: readonly First[]; readonly lengthMs: number }[] = [];
  private readonly kinds = new Set<string>();

  /** Remembers a trouble; `kindOf` names the kind of an entity. */
  add(trouble: readonly FiredAlert[], kindOf: (entity: string) => string = () => ''): void {
    const { firsts, lengthMs } = this.firstsOf(trouble);
    this.steps.push(gapsOf(trouble, lengthMs));
    if (this.steps.length > STEP_TROUBLES) this.steps.shift();
    this.past.push({ firsts, lengthMs });
    for (const { alert } of firsts) this.kinds.add(kindOf(alert.entity));
    const step = this.stepOf([]);
    for (const [i, tally] of this.tallies.entries()) {
      const decay = 0.5 ** (1 / (HALF_LIVES[i] ?? 1));
      for (let k = 0; k < tally.fired.length; k++) {
        tally.fired[k] = (tally.fired[k] ?? 0) * decay;
        tally.spared[k] = (tally.spared[k] ?? 0) * decay;
      }
      tally.length = tally.length * decay + lengthMs;
      tally.troubles = tally.troubles * decay + 1;
      this.count(tally, firsts, lengthMs, 1, step);
    }
  }

  /** Kinds of entities that alerts were raised on so far. */
  get alertedKinds(): ReadonlySet<string> {
    return this.kinds;
  }

  /** Surprise of the first alert of each fingerprint; `except` names troubles, by number, to be left out of account. */
  surprises(during: readonly FiredAlert[], except: readonly number[] = []): readonly Surprise[] {
    const { firsts, lengthMs } = this.firstsOf(during);
    const step = this.stepOf(gapsOf(during, lengthMs));
    const rates = this.rates(lengthMs, except, step);
    const expected = new Float64Array(this.families.size);
    for (const [number, family] of this.familyOf.entries()) {
      const until = Math.max(lengthMs, step(this.aboutOf[number] ?? 'metrics'));
      expected[family] = (expected[family] ?? 0) - Math.expm1(-(rates[number] ?? 0) * until);
    }
    return firsts.map(({ alert, number, afterMs }) => {
      const within = Math.max(afterMs, step(alert.about));
      const p = Math.max(1e-12, -Math.expm1(-(rates[number] ?? 0) * within));
      const family = this.familyOf[number] ?? 0;
      const alike = Math.max(1, expected[family] ?? 0);
      const late = 1 + (LATE * afterMs) / Math.max(lengthMs, 1);
      const nats = Math.log1p(1 / (p * alike)) / late;
      return { alert, family: this.familyNames[family] ?? '', nats };
    });
  }

  /** Per fingerprint, alerts a ms. */
  private rates(
    lengthMs: number,
    except: readonly number[],
    step: (about: FiredAlert['about']) => number,
  ): Float64Array {
    const sizes = new Float64Array(this.families.size);
    for (const family of this.familyOf) sizes[family] = (sizes[family] ?? 0) + 1;
    const rates = new Float64Array(this.familyOf.length);
    for (const [i, whole] of this.tallies.entries()) {
      const tally = this.without(whole, HALF_LIVES[i] ?? 1, except, step);
      const usual = tally.troubles > 0 ? tally.length / tally.troubles : 0;
      const unit = Math.max(usual > 0 ? usual : lengthMs, 1);
      const fired = new Float64Array(sizes.length);
      const exposed = new Float64Array(sizes.length);
      for (const [number, family] of this.familyOf.entries()) {
        fired[family] = (fired[family] ?? 0) + (tally.fired[number] ?? 0);
        exposed[family] = (exposed[family] ?? 0) + tally.length + (tally.spared[number] ?? 0);
      }
      for (const [number, family] of this.familyOf.entries()) {
        const size = sizes[family] ?? 1;
        const pooled =
          ((fired[family] ?? 0) + PRIOR_ALERTS) /
          ((exposed[family] ?? 0) + unit * Math.max(1, PRIOR_ALERTS * size));
        const own = Math.max(0, tally.length + (tally.spared[number] ?? 0));
        const prior = PRIOR_TROUBLES * unit;
        const rate = ((tally.fired[number] ?? 0) + pooled * prior) / (own + prior);
        rates[number] = Math.max(rates[number] ?? 0, rate);
      }
    }
    return rates;
  }

  private without(
    tally: Tally,
    halfLife: number,
    except: readonly number[],
    step: (about: FiredAlert['about']) => number,
  ): Tally {
    if (except.length === 0) return tally;
    const rest = { ...tally, fired: [...tally.fired], spared: [...tally.spared] };
    for (const index of except) {
      const trouble = this.past[index];
      if (!trouble) continue;
      const weight = 0.5 ** ((this.past.length - 1 - index) / halfLife);
      rest.length = Math.max(0, rest.length - weight * trouble.lengthMs);
      rest.troubles = Math.max(0, rest.troubles - weight);
      this.count(rest, trouble.firsts, trouble.lengthMs, -weight, step);
    }
    return rest;
  }

  private count(
    tally: Tally,
    firsts: readonly First[],
    lengthMs: number,
    weight: number,
    step: (about: FiredAlert['about']) => number,
  ): void {
    for (const { alert, number, afterMs } of firsts) {
      const until = Math.max(afterMs, step(alert.about));
      tally.fired[number] = Math.max(0, (tally.fired[number] ?? 0) + weight);
      tally.spared[number] = (tally.spared[number] ?? 0) + weight * (until - lengthMs);
    }
  }

  private firstsOf(trouble: readonly FiredAlert[]): {
    readonly firsts: readonly First[];
    readonly lengthMs: number;
  } {
    const byNumber = new Map<number, First>();
    const begin = trouble.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
    let lengthMs = 0;
    for (const alert of trouble) {
      const number = this.numberOf(alert);
      const afterMs = alert.atMs - begin;
      lengthMs = Math.max(lengthMs, afterMs);
      const known = byNumber.get(number);
      if (!known || afterMs < known.afterMs) byNumber.set(number, { alert, number, afterMs });
    }
    return { firsts: [...byNumber.values()], lengthMs };
  }

  private numberOf(alert: FiredAlert): number {
    const known = this.numbers.get(alert.fingerprint);
    if (known !== undefined) return known;
    const number = this.numbers.size;
    this.numbers.set(alert.fingerprint, number);
    const name = familyName(alert);
    const family = this.families.get(name) ?? this.families.size;
    if (family === this.families.size) this.familyNames.push(name);
    this.families.set(name, family);
    this.familyOf.push(family);
    this.aboutOf.push(alert.about);
    for (const tally of this.tallies) {
      tally.fired.push(0);
      tally.spared.push(0);
    }
    return number;
  }

  /** The sampling step of each signal, ms: the lower fifth of the pauses within an entity. */
  private stepOf(
    now: (readonly [FiredAlert['about'], number])[],
  ): (about: FiredAlert['about']) => number {
    const gaps: Record<FiredAlert['about'], number[]> = { calls: [], logs: [], metrics: [] };
    for (const list of [...this.steps, now]) for (const [about, gap] of list) gaps[about].push(gap);
    const { length, troubles } = this.tallies[0] ?? { length: 0, troubles: 0 };
    const least = Math.max(1, troubles > 0 ? (SAME_INSTANT * length) / troubles : 0);
    const lowerFifth = (values: number[]): number =>
      Math.max(least, Float64Array.from(values).sort()[Math.floor(values.length / 5)] ?? 0);
    const steps = {
      calls: lowerFifth(gaps.calls),
      logs: lowerFifth(gaps.logs),
      metrics: lowerFifth(gaps.metrics),
    };
    return (about) => steps[about];
  }
}

function familyName({ name, direction }: FiredAlert): string {
  return `${name.replace(/\d+/g, '#')}\u0001${direction}`;
}

/** Pauses between instants at which alerts of one entity and signal fired. */
function gapsOf(
  trouble: readonly FiredAlert[],
  lengthMs: number,
): (readonly [FiredAlert['about'], number])[] {
  const last = new Map<string, number>();
  const gaps: (readonly [FiredAlert['about'], number])[] = [];
  for (const { entity, about, atMs } of trouble) {
    const key = `${about}\u0001${entity}`;
    const before = last.get(key);
    if (before !== undefined && atMs - before > SAME_INSTANT * lengthMs) {
      gaps.push([about, atMs - before]);
    }
    last.set(key, atMs);
  }
  return gaps;
}
