import type { Rng } from '../../base';

export interface Mutation {
  readonly bytes: Uint8Array;
  readonly what: string;
  /** Rows that it may make out of none: a changed byte may split one record into two. */
  readonly mayAdd: number;
}

/** A seeded damage as the world does it: cut, changed bytes, lost bytes, foreign bytes, zeros. */
export function mutate(bytes: Uint8Array, random: Rng): Mutation {
  const at = (): number => Math.floor(random.next() * Math.max(1, bytes.length));
  const kind = Math.floor(random.next() * 6);
  if (kind === 0) {
    const length = at();
    return { bytes: bytes.slice(0, length), what: `cut at ${length}`, mayAdd: 1 };
  }
  if (kind === 1 || kind === 2) return changed(bytes, random, kind === 1 ? 1 : 8);
  if (kind === 3) {
    const from = at();
    const length = 1 + Math.floor(random.next() * 64);
    const out = joined(bytes.subarray(0, from), bytes.subarray(from + length));
    return { bytes: out, what: `${length} bytes lost at ${from}`, mayAdd: 2 };
  }
  if (kind === 4) {
    const from = at();
    const foreign = Uint8Array.from({ length: 1 + Math.floor(random.next() * 16) }, () =>
      Math.floor(random.next() * 256),
    );
    const out = joined(bytes.subarray(0, from), foreign, bytes.subarray(from));
    return {
      bytes: out,
      what: `${foreign.length} foreign bytes at ${from}`,
      mayAdd: foreign.length,
    };
  }
  const from = at();
  const out = bytes.slice();
  out.fill(0, from, from + 512);
  return { bytes: out, what: `zeros from ${from}`, mayAdd: 1 };
}

/** Bytes that carry structure in some format: changed ones become these as often as any other. */
const MARKS = new TextEncoder().encode('\n\r\t "\'\\{}[]():,;=#|-0129eN\0\u007f');

function changed(bytes: Uint8Array, random: Rng, most: number): Mutation {
  const out = bytes.slice();
  const places: number[] = [];
  for (let n = 1 + Math.floor(random.next() * most); n > 0; n--) {
    const at = Math.floor(random.next() * Math.max(1, bytes.length));
    const mark = MARKS[Math.floor(random.next() * MARKS.length)] ?? 0;
    out[at] = random.next() < 0.5 ? mark : Math.floor(random.next() * 256);
    places.push(at);
  }
  return { bytes: out, what: `changed at ${places.join(', ')}`, mayAdd: places.length };
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
