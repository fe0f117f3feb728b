import { describe, expect, it } from 'vitest';
import {
  accessFormOf,
  accessOf,
  lackingAccess,
  looksSecret,
  secretsOf,
  type AccessForm,
} from './access';

const empty: AccessForm = { auth: 'none', secrets: {}, access: {}, headers: [] };
const aws: AccessForm = {
  ...empty,
  auth: 'aws',
  secrets: { accessKeyId: 'AKID', secretAccessKey: 's1gning', token: 'left over' },
  access: { region: ' eu-north-1 ', service: 'es', tokenUrl: 'https://left.over' },
};

describe('the way to a backend in the form', () => {
  it('keeps in clear what the kind of sign-in uses, and no secret', () => {
    expect(accessOf(empty)).toBeUndefined();
    expect(accessOf(aws)).toEqual({ region: 'eu-north-1', service: 'es' });
    expect(secretsOf(aws)).toEqual({ accessKeyId: 'AKID', secretAccessKey: 's1gning' });
    const headers = [
      { name: 'X-Scope-OrgID', value: 'shop', secret: false },
      { name: 'X-Key', value: 'h3ader', secret: true },
      { name: 'X-Kept', value: '', secret: true },
      { name: '', value: '', secret: false },
    ];
    const access = { proxy: 'eve:pr0xied@proxy:3128', certFile: '/c.pem', grafana: '' };
    const form = { ...empty, headers, access, secrets: { keyPassphrase: 'phrase' } };
    expect(accessOf(form)).toEqual({
      proxy: 'http://proxy:3128',
      certFile: '/c.pem',
      grafana: '',
      headers: { 'X-Scope-OrgID': 'shop' },
      secretHeaders: ['X-Key', 'X-Kept'],
    });
    expect(secretsOf(form)).toEqual({
      keyPassphrase: 'phrase',
      proxyUsername: 'eve',
      proxyPassword: 'pr0xied',
      headers: { 'X-Key': 'h3ader' },
    });
  });

  it('comes back from what is kept', () => {
    const kept = { id: 'a', connector: 'x', name: 'x', url: 'http://x', caFile: '', config: {} };
    const access = {
      proxy: 'direct',
      headers: { 'X-Scope-OrgID': 'shop' },
      secretHeaders: ['X-Key'],
    };
    const form = accessFormOf({ ...kept, auth: 'bearer', access });
    expect(accessOf(form)).toEqual(access);
    expect(secretsOf(form)).toBeNull();
    expect(accessFormOf({ ...kept, auth: 'none' })).toEqual(empty);
  });

  it('says what it lacks', () => {
    const lack = (more: Partial<AccessForm>, kept = false) =>
      lackingAccess({ ...empty, ...more }, kept);
    expect(lack({})).toBeUndefined();
    expect(lackingAccess(aws, false)).toBeUndefined();
    expect(lack({ auth: 'aws' })).toBe('Give the access key id.');
    expect(lack({ auth: 'aws' }, true)).toBe('Give the region.');
    expect(lack({ auth: 'api-key' })).toBe('Give the API key.');
    const oauth = { tokenUrl: 'ftp://x', clientId: 'me' };
    expect(lack({ auth: 'oauth2', access: oauth }, true)).toContain('is none');
    expect(lack({ access: { proxy: 'socks5://x' } })).toContain('proxy:3128');
    expect(lack({ access: { proxy: 'direct' } })).toBeUndefined();
    expect(lack({ access: { grafana: '' } })).toContain('data source');
    expect(lack({ access: { keyFile: '/k.pem' } })).toContain('certificate');
    expect(lack({ headers: [{ name: 'a b', value: 'c', secret: false }] })).toContain('"a b"');
  });

  it('takes names of keys for secret', () => {
    for (const name of ['Authorization', 'X-API-Key', 'DD-API-KEY', 'x-auth-token', 'Cookie']) {
      expect([name, looksSecret(name)]).toEqual([name, true]);
    }
    for (const name of ['X-Scope-OrgID', 'Accept-Language', 'AccountID']) {
      expect([name, looksSecret(name)]).toEqual([name, false]);
    }
  });
});
