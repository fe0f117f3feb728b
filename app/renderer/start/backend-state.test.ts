import { expect, it } from 'vitest';
import { downState, productBeside } from './backend-state';

it('a product is not said twice', () => {
  expect(productBeside('prometheus, prod-eu', 'Prometheus 3.16')).toBe('3.16');
  expect(productBeside('logs, prod-eu', 'Elasticsearch 8.19')).toBe('Elasticsearch 8.19');
  expect(productBeside('jaeger', 'Jaeger')).toBe('Jaeger');
});

it('a backend that is down has a short word and the whole reason', () => {
  const auth = downState('connector/auth', 'Wants a sign-in.');
  expect(auth).toEqual({ kind: 'down', word: 'sign-in needed', why: 'Wants a sign-in.' });
  expect(downState('internal', 'x')).toMatchObject({ word: 'failed' });
});
