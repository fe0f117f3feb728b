import { describe, expect, it } from 'vitest';
import { adviceOn, testSteps } from './steps';

const told = (failure: { code: string; step?: string }, url = 'http://a', auth = 'none'): string =>
  testSteps(failure, { url, auth })
    .map(({ title, state }) => (state === 'failed' ? `${title}!` : title))
    .join(', ');

describe('the steps of a test that failed', () => {
  it('end with the one that failed', () => {
    expect(told({ code: 'connector/unreachable', step: 'name' })).toBe('Name look-up!');
    expect(told({ code: 'connector/unreachable', step: 'tls' })).toBe(
      'Name look-up, Connection, TLS!',
    );
    expect(told({ code: 'connector/auth' }, 'https://a', 'oauth2')).toBe(
      'Name look-up, Connection, TLS, Token, Authorization!',
    );
    expect(told({ code: 'connector/bad-answer' })).toBe(
      'Name look-up, Connection, Authorization, Answer!',
    );
  });

  it('say nothing of what was not tried', () => {
    expect(told({ code: 'connector/unreachable', step: 'proxy' })).toBe('Proxy!');
    expect(told({ code: 'connector/auth', step: 'token' }, 'https://a', 'oauth2')).toBe('Token!');
    expect(told({ code: 'connector/config' })).toBe('');
    expect(told({ code: 'internal', step: 'strange' })).toBe('');
  });

  it('say what to do', () => {
    expect(adviceOn({ code: 'connector/unreachable', step: 'proxy' })).toContain('direct');
    expect(adviceOn({ code: 'connector/auth' })).toContain('sign-in above');
    expect(adviceOn({ code: 'internal' })).toBe('');
  });
});
