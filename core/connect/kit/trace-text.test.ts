import { expect, it } from 'vitest';
import { traceInText } from '..';

it.each([
  ['a trace_id=4BF92F3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7', '00f067aa0ba902b7'],
  ['{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}', ''],
  ['traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00f067aa0ba902b7'],
  ['INFO [4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7] c.s.Cart', '00f067aa0ba902b7'],
  ['INFO [shop,4bf92f3577b34da6a3ce929d0e0e4736,00f067aa0ba902b7] x', '00f067aa0ba902b7'],
])('a trace in %s', (text, spanId) => {
  expect(traceInText(text)).toEqual({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId });
});

it('no trace in a hash, in zeros or in a stack trace', () => {
  for (const text of [
    `trace_id=${'0'.repeat(32)}`,
    'commit 4bf92f3577b34da6a3ce929d0e0e4736',
    'Traceback (most recent call last):',
  ]) {
    expect(traceInText(text)).toEqual({ traceId: '', spanId: '' });
  }
});
