import { expect, it } from 'vitest';
import { emptyFrame, type QueryCall } from '../model';
import { askedOnce } from './once';
import type { FetchFrames } from './seam';

it('asks each question once, and tells parameters apart', async () => {
  const asked: QueryCall[] = [];
  const fetch: FetchFrames = (call) => {
    asked.push(call);
    return Promise.resolve(emptyFrame({})) as never;
  };
  const once = askedOnce(fetch);
  const call = (query: string, from: bigint | number): QueryCall => ({
    query,
    version: 1,
    params: { from },
  });
  const first = once(call('a', 1n));
  expect(once(call('a', 1n))).toBe(first);
  await Promise.all([once(call('a', 2n)), once(call('b', 1n)), once(call('a', 1))]);
  expect(asked.map(({ query, params }) => [query, params['from']])).toEqual([
    ['a', 1n],
    ['a', 2n],
    ['b', 1n],
    ['a', 1],
  ]);
});
