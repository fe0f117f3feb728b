import { describe, expect, it } from 'vitest';
import { authOf, lackingSecrets, mergedSecrets } from '.';

const keys = { accessKeyId: 'AKID', secretAccessKey: 'k3y', sessionToken: 'sess10n' };

describe('the secrets of a connection', () => {
  it('are kept where nothing new is given, and only what it has use for', () => {
    const kept = {
      ...keys,
      token: 'old',
      keyPassphrase: 'p',
      headers: { 'X-Key': 'h', 'X-Old': 'o' },
    };
    const aws = { auth: 'aws', access: { keyFile: '/k.pem', secretHeaders: ['X-Key'] } } as const;
    expect(mergedSecrets(aws, kept, null)).toEqual({
      ...keys,
      keyPassphrase: 'p',
      headers: { 'X-Key': 'h' },
    });
    expect(mergedSecrets({ auth: 'none' }, kept, null)).toEqual({});
  });

  it('are replaced as a whole: no old session token beside a new key', () => {
    const given = { accessKeyId: 'AKID2', secretAccessKey: 'new' };
    expect(mergedSecrets({ auth: 'aws' }, keys, given)).toEqual(given);
    const proxied = { auth: 'bearer', access: { proxy: 'http://proxy:3128' } } as const;
    const before = { token: 't', proxyUsername: 'u', proxyPassword: 'p' };
    expect(mergedSecrets(proxied, before, { token: 't2' })).toEqual({ ...before, token: 't2' });
    expect(mergedSecrets(proxied, before, { proxyUsername: 'v' })).toEqual({
      token: 't',
      proxyUsername: 'v',
    });
  });

  it('that are missing are named', () => {
    expect(lackingSecrets({ auth: 'aws' }, { accessKeyId: 'a' })).toEqual(['secretAccessKey']);
    expect(lackingSecrets({ auth: 'basic' }, { username: 'u' })).toEqual([]);
    const own = { auth: 'none', access: { secretHeaders: ['X-Key'] } } as const;
    expect(lackingSecrets(own, undefined)).toEqual(['header X-Key']);
  });

  it('say by themselves how they are meant', () => {
    expect(authOf(undefined)).toBe('none');
    expect(authOf({ username: 'u' })).toBe('basic');
    expect(authOf(keys)).toBe('aws');
    expect(authOf({ apiKey: 'k' })).toBe('api-key');
  });
});
