import { expect, it } from 'vitest';
import { RetryCount } from '../request';
import { Lanes } from './lanes';

const turn = (): Promise<void> => new Promise((go) => setTimeout(go, 1));

it('keeps the order and the bound, halves both where the backend is busy, and recovers', async () => {
  const retries = new RetryCount();
  const lanes = new Lanes(4, retries);
  let busy = 0;
  const widths: number[] = [];
  const work = async (n: number): Promise<number> => {
    widths.push(++busy);
    await turn();
    busy--;
    return n * 2;
  };
  const numbers = Array.from({ length: 12 }, (_, n) => n);
  const doubled = numbers.map((n) => n * 2);
  expect(await lanes.all(numbers, work)).toEqual(doubled);
  expect(Math.max(...widths.splice(0))).toBe(4);
  retries.add(1);
  expect(await lanes.all(numbers, work)).toEqual(doubled);
  expect(Math.max(...widths.splice(0))).toBe(2);
  retries.add(1);
  expect(await lanes.all(numbers, work)).toEqual(doubled);
  retries.add(1);
  expect(await lanes.all(numbers, work)).toEqual(doubled);
  expect(Math.max(...widths.splice(0))).toBe(1);
  await lanes.all(Array.from({ length: 60 }), () => work(0));
  expect(Math.max(...widths)).toBeGreaterThan(2);
});

it('fails with the first failure, and begins nothing after it', async () => {
  const begun: number[] = [];
  const work = async (n: number): Promise<void> => {
    begun.push(n);
    await turn();
    if (n === 1) throw new Error('no');
  };
  const lanes = new Lanes(2, new RetryCount());
  await expect(lanes.all([0, 1, 2, 3, 4, 5], work)).rejects.toThrow('no');
  const { length } = begun;
  await turn();
  expect(begun).toHaveLength(length);
  expect(length).toBeLessThan(6);
});
