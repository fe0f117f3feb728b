/** A seeded source of numbers: the same seed gives the same numbers in every engine. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, n). */
  int(n: number): number;
  /** Standard normal (Box–Muller on Math.log/cos: equal to the last bit only inside one engine). */
  normal(): number;
  /** Exponential with mean 1. */
  exponential(): number;
  /** An independent stream, named, so that adding a consumer does not shift the others. */
  fork(name: string): Rng;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded through splitmix-like mixing of 32-bit words. */
export function createRng(seed: number | string): Rng {
  const words = typeof seed === 'string' ? hashWords(seed) : hashWords(`#${seed}`);
  let [a, b, c] = words;
  let d = 1;
  const u32 = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 15; i++) u32();
  const next = (): number => (u32() * 2097152 + (u32() >>> 11)) / 9007199254740992;
  return {
    next,
    int: (n) => Math.floor(next() * n),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: () => -Math.log(1 - next()),
    fork: (name) => createRng(`${String(seed)}/${name}`),
  };
}

function hashWords(text: string): [number, number, number] {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  let h3 = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const ch = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ ch, 2654435761);
    h2 = Math.imul(h2 ^ ch, 1597334677);
    h3 = Math.imul(h3 ^ ch, 2246822519);
  }
  return [h1 ^ (h1 >>> 16), h2 ^ (h2 >>> 13), h3 ^ (h3 >>> 15)];
}
