import { PARTS, SLOTS, SLOT_STRIDE, STRIDE } from './tally';

/** Lines within so many slots, a 64th of the baseline, are one occasion: they come of one cause. */
const REACH = 4;

/**
 * How often what each row of slots is about came for reasons of its own: as few stretches of REACH slots as hold it all,
 * counted where they begin; STRIDE counts a row, as of lines.
 */
export function occasionsOf(slots: Uint32Array): Float64Array {
  const rows = slots.length / SLOT_STRIDE;
  const out = new Float64Array(rows * STRIDE);
  const window = PARTS * SLOTS;
  for (let row = 0; row < rows; row++) {
    const at = row * SLOT_STRIDE;
    let until = 0;
    for (let word = 0; word < SLOT_STRIDE; word++) {
      let bits = slots[at + word] ?? 0;
      if (word * 32 === window) until = window;
      while (bits !== 0) {
        const slot = word * 32 + 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        if (slot < until) continue;
        until = slot + REACH;
        const part = slot < window ? Math.floor(slot / SLOTS) : PARTS;
        const i = row * STRIDE + part;
        out[i] = (out[i] ?? 0) + 1;
      }
    }
  }
  return out;
}

/**
 * Lines that come each for itself and have as many occasions: what is not told apart within REACH slots is made up for
 * (a renewal process: REACH slots of an occasion, then a wait), so that lines that come at random count as what they
 * are and those that come in bursts as bursts. At most the lines there are.
 */
export function independentLines(occasions: number, slots: number, lines: number): number {
  if (occasions === 0 || lines === 0) return 0;
  const wait = slots / occasions - REACH;
  if (wait <= 0) return lines;
  return Math.min(lines, slots * Math.log((1 + wait) / wait));
}
