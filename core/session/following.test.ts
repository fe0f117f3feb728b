import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Following } from './following';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Looks that take so long, and when each began, in seconds. */
function followed(takesMs: number, fail = false): { following: Following; begun: number[] } {
  const zero = Date.now();
  const begun: number[] = [];
  const look = async (): Promise<void> => {
    begun.push((Date.now() - zero) / 1000);
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    if (fail) throw new Error('The disk is full.');
  };
  return { following: new Following(look, () => Date.now()), begun };
}

async function send(following: Following, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    following.heard();
    await vi.advanceTimersByTimeAsync(1000);
  }
}

describe('what comes in is looked at', () => {
  it('soon, then once a minute while something comes', async () => {
    const { following, begun } = followed(100);
    await send(following, 190);
    expect(begun).toEqual([10, 70, 130, 190]);
  });

  it('a quarter of the time at most', async () => {
    const { following, begun } = followed(30_000);
    await send(following, 260);
    expect(begun).toEqual([10, 130, 250]);
  });

  it('not again where nothing came', async () => {
    const { following, begun } = followed(100);
    await send(following, 5);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(begun).toEqual([10]);
    await send(following, 2);
    expect(begun).toEqual([10, 605]);
  });

  it('again after a look that failed', async () => {
    const { following, begun } = followed(100, true);
    await send(following, 1);
    await vi.advanceTimersByTimeAsync(130_000);
    expect(begun).toEqual([10, 70, 130]);
    following.end();
    await vi.advanceTimersByTimeAsync(130_000);
    expect(begun).toEqual([10, 70, 130]);
  });

  it('and says by how many minutes it is behind', async () => {
    const { following } = followed(200_000);
    await send(following, 100);
    expect(following.minutesBehind).toBe(1);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(following.minutesBehind).toBe(3);
    // The look has ended: what is behind is what came after it began.
    await vi.advanceTimersByTimeAsync(20_000);
    expect(following.minutesBehind).toBe(3);
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(following.minutesBehind).toBe(0);
  });
});
