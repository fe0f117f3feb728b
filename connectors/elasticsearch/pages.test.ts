import { describe, expect, it } from 'vitest';
import { readAhead } from './ahead';
import { Pace } from './pace';

const tick = (ms = 0): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function* numbers(n: number, onEnd: () => void = () => undefined): AsyncGenerator<number> {
  try {
    for (let i = 0; i < n; i++) yield await Promise.resolve(i);
  } finally {
    onEnd();
  }
}

describe('lanes that are read ahead', () => {
  it('come in order, no more than allowed at once', async () => {
    let open = 0;
    let most = 0;
    async function* read(source: number): AsyncGenerator<string> {
      most = Math.max(most, ++open);
      // Later ones are quicker.
      await tick(12 - source);
      yield `${source}a`;
      await tick();
      yield `${source}b`;
      open--;
    }
    const came: string[] = [];
    const options = { lanes: 3, room: 1, weigh: () => 1 };
    for await (const [source, items] of readAhead(numbers(6), read, options)) {
      for await (const item of items) came.push(`${source}:${item}`);
    }
    expect(came).toEqual([0, 1, 2, 3, 4, 5].flatMap((i) => [`${i}:${i}a`, `${i}:${i}b`]));
    expect(most).toBe(3);
  });

  it('wait where they hold enough', async () => {
    const made = [0, 0];
    async function* read(source: number): AsyncGenerator<number> {
      for (let i = 0; i < 50; i++) {
        made[source] = i;
        yield await Promise.resolve(i);
      }
    }
    const ahead = readAhead(numbers(2), read, { lanes: 2, room: 5, weigh: () => 1 });
    await ahead.next();
    await tick(5);
    expect(made).toEqual([5, 5]);
    await ahead.return(undefined);
    await tick(5);
    expect(made).toEqual([5, 5]);
  });

  it('fail in their turn, and end with who reads them', async () => {
    let ended = 0;
    async function* read(source: number): AsyncGenerator<number> {
      try {
        if (source === 1) throw new Error('one is broken');
        yield await Promise.resolve(source);
      } finally {
        ended++;
      }
    }
    const came: number[] = [];
    const all = async (): Promise<void> => {
      const sources = numbers(9, () => ended++);
      const options = { lanes: 4, room: 0, weigh: () => 1 };
      for await (const [, items] of readAhead(sources, read, options)) {
        for await (const item of items) came.push(item);
      }
    };
    await expect(all()).rejects.toThrow('one is broken');
    expect(came).toEqual([0]);
    // The first, the four after it, and their source.
    expect(ended).toBe(6);
  });
});

describe('the size of pages', () => {
  const quick = { bytes: 1000, ms: 10 };

  it('grows while answers are full and quick, to bytes and to what the index allows', () => {
    const pace = new Pace(4);
    const sizes: number[] = [];
    for (let i = 0; i < 4; i++) {
      sizes.push(pace.size);
      pace.answered({ asked: pace.size, documents: pace.size, ...quick });
    }
    expect(sizes).toEqual([500, 2000, 8000, 10_000]);
    pace.answered({ asked: 10_000, documents: 10_000, bytes: 80 << 20, ms: 10 });
    expect(pace.size).toBe(1000);
    pace.capped(300);
    expect(pace.size).toBe(300);
    pace.answered({ asked: 300, documents: 300, ...quick });
    expect(pace.size).toBe(300);
  });

  it('halves after a slow answer or a refusal, with the searches at once', () => {
    const pace = new Pace(4);
    pace.answered({ asked: 500, documents: 500, bytes: 1000, ms: 9000 });
    expect(pace.size).toBe(250);
    pace.refused(250);
    expect([pace.size, pace.atOnce]).toEqual([125, 2]);
    // The other answers of the same moment are no further reason.
    pace.refused(250);
    expect([pace.size, pace.atOnce]).toEqual([125, 1]);
    for (let i = 0; i < 60; i++) pace.answered({ asked: 125, documents: 1, ...quick });
    expect([pace.size, pace.atOnce]).toEqual([125, 4]);
    // Back to what was refused before only by small steps.
    for (const size of [125, 140, 157]) {
      expect(pace.size).toBe(size);
      pace.answered({ asked: pace.size, documents: pace.size, ...quick });
    }
    expect([pace.tooLarge(1), pace.tooLarge(8), pace.size]).toEqual([false, true, 2]);
  });

  it('lets no more be under way than are allowed', async () => {
    const pace = new Pace(4);
    for (let i = 0; i < 3; i++) pace.refused(500);
    let busy = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++busy);
      await tick(1);
      busy--;
    };
    await Promise.all(Array.from({ length: 6 }, () => pace.inTurn(work)));
    expect(most).toBe(1);
  });
});
