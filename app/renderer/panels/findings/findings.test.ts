import { describe, expect, it } from 'vitest';
import { saidText } from './findings';

const BINS = [
  { simulated: true, from: 0.4, to: 0.6, hits: 10, of: 20 },
  { simulated: true, from: 0.61, to: 0.9, hits: 17, of: 20 },
  { simulated: false, from: 0.5, to: 0.8, hits: 3, of: 5 },
];

describe('what a confidence came to', () => {
  it('is told by the bin it falls into, simulated and recorded apart', () => {
    expect(saidText(BINS, { rank: 1, confidence: 0.7 })).toBe(
      'Hit rate on labelled incidents: 17 of 20 simulated ones were right where it said 0.61 to 0.90, 3 of 5 recorded ones were right where it said 0.50 to 0.80.',
    );
    expect(saidText(BINS, { rank: 1, confidence: 0.95 })).toMatch(/17 of 20 simulated/);
  });

  it('is not told of what stands below, nor where nothing was counted', () => {
    expect(saidText(BINS, { rank: 2, confidence: 0.7 })).not.toMatch(/\d/);
    expect(saidText([], { rank: 1, confidence: 0.7 })).toMatch(/nobody has counted/);
  });
});
