import type { Rng } from '../../base';
import { heavy, normal } from './draw';

export interface Call {
  readonly to: number;
  /** Calls for each request of the caller. */
  readonly each: number;
}

/** A service as the model has it; time in seconds, work in cores. */
export interface Service {
  readonly name: string;
  readonly calls: readonly Call[];
  readonly ownTime: number;
  readonly work: number;
  readonly idle: number;
  readonly memory: number;
  readonly disk: number;
  readonly failing: number;
  readonly noise: number;
  /** Every so many samples a job of its own writes and computes; 0: never. */
  readonly jobEvery: number;
}

const FIRST = ['cart', 'order', 'user', 'price', 'stock', 'wait', 'queue', 'ship', 'seat', 'mail'];
const SECOND = ['', '-master', '-db', '-service', '-web'];

export const nameOf = (at: number): string =>
  `${FIRST[at % FIRST.length] ?? ''}${SECOND[Math.floor(at / FIRST.length) % SECOND.length] ?? ''}`;

/** Services in which each is called by one to three before it; the first is the way in. */
export function drawSystem(count: number, rng: Rng): readonly Service[] {
  const calls = Array.from({ length: count }, (): Call[] => []);
  for (let to = 1; to < count; to++) {
    const callers = 1 + Math.floor(rng.next() ** 2 * 2.5);
    for (let i = 0; i < callers; i++) {
      // Deep and wide ones: near the one before, or anywhere above.
      const from =
        rng.next() < 0.4
          ? Math.max(0, to - 1 - Math.floor(rng.next() * 3))
          : Math.floor(rng.next() * to);
      if (!calls[from]?.some((call) => call.to === to)) {
        calls[from]?.push({ to, each: 0.3 + 0.7 * rng.next() });
      }
    }
  }
  return calls.map((own, at) => ({
    name: nameOf(at),
    calls: own,
    ownTime: 0.002 * heavy(rng, 1),
    work: 0.002 * heavy(rng, 0.5),
    idle: 0.01 * heavy(rng, 0.5),
    memory: 1e8 * heavy(rng, 0.7),
    disk: rng.next() < 0.4 ? 1e5 * heavy(rng, 1) : 0,
    failing: rng.next() < 0.3 ? 0.002 * rng.next() : 0,
    noise: 0.05 + 0.2 * rng.next(),
    jobEvery: rng.next() < 0.15 ? 40 + Math.floor(100 * rng.next()) : 0,
  }));
}

/** A course with memory: each sample `stay` of the one before, with unit variance in the long run. */
export function wander(length: number, stay: number, rng: Rng): Float64Array {
  const out = new Float64Array(length);
  let value = normal(rng);
  for (let t = 0; t < length; t++) {
    value = stay * value + Math.sqrt(1 - stay * stay) * normal(rng);
    out[t] = value;
  }
  return out;
}
