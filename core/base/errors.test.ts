import { expect, test } from 'vitest';
import { eitherSignal } from './index';

test('either of two signals ends what waits for both, with its own reason', () => {
  for (const which of [0, 1]) {
    const two = [new AbortController(), new AbortController()] as const;
    const either = eitherSignal(two[0].signal, two[1].signal);
    expect(either.aborted).toBe(false);
    const reason = new Error(`the ${which}th`);
    two[which === 0 ? 0 : 1].abort(reason);
    expect(either.aborted).toBe(true);
    two[which === 0 ? 1 : 0].abort(new Error('too late'));
    expect(either.reason).toBe(reason);
  }
});

test('a signal that was aborted before is told at once', () => {
  const over = AbortSignal.abort(new Error('over'));
  expect(eitherSignal(new AbortController().signal, over).reason).toBe(over.reason);
});
