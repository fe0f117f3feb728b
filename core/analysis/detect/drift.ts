import { median, welch, type Sums } from '../stats';

/** Shift of a mean log time, and its standard error. */
export interface Effect {
  readonly shift: number;
  readonly error: number;
}

export const NO_EFFECT: Effect = { shift: 0, error: Number.POSITIVE_INFINITY };

export function effectOf(base: Sums, incident: Sums, floor: number): Effect {
  const shift = incident.sum / incident.n - base.sum / base.n;
  const z = welch(base, incident, floor);
  return z === 0 ? NO_EFFECT : { shift, error: Math.abs(shift / z) };
}

/** Services below which nothing is said of what is usual between two stretches. */
const LEAST_SERVICES = 5;

/**
 * How far times drift between two stretches with nothing wrong (a new pod, another mix, another hour): the
 * middle service's middle shift beyond what its own sampling brings. However many spans there are, a shift
 * of that size is no news.
 */
export function driftOf(
  effects: readonly { readonly service: string; readonly effect: Effect }[],
): number {
  const services = new Map<string, Effect[]>();
  for (const { service, effect } of effects) {
    if (!Number.isFinite(effect.error)) continue;
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

export function beyondDrift({ shift, error }: Effect, drift: number): number {
  return Number.isFinite(error) ? shift / Math.sqrt(error * error + drift * drift) : 0;
}
