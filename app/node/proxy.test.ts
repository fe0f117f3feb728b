import { describe, expect, it } from 'vitest';
import { hostAndPort, proxyAuthorization, proxyFor } from './proxy';

const env = { HTTPS_PROXY: 'http://proxy:3128', http_proxy: 'plain-proxy:8080' };
const chosen = (target: string, more: Readonly<Record<string, string>> = {}): string | undefined =>
  proxyFor(new URL(target), { setting: undefined }, { ...env, ...more })?.href;

describe('the proxy for an address', () => {
  it('is what the connection says, with its sign-in', () => {
    const choice = { setting: 'http://own:1', username: 'u@x', password: 'p:w' };
    const proxy = proxyFor(new URL('https://a.example'), choice, env);
    expect(proxy?.host).toBe('own:1');
    const signIn = Buffer.from('u@x:p:w').toString('base64');
    expect(proxy && proxyAuthorization(proxy)).toBe(`Basic ${signIn}`);
    expect(proxyFor(new URL('https://a.example'), { setting: 'direct' }, env)).toBeUndefined();
    // Asked for, it is taken for this machine's own addresses too.
    expect(proxyFor(new URL('http://127.0.0.1'), { setting: 'http://own:1' }, env)).toBeDefined();
  });

  it('is that of the environment, by scheme, never for this machine', () => {
    expect(chosen('https://a.example')).toBe('http://proxy:3128/');
    expect(chosen('http://a.example')).toBe('http://plain-proxy:8080/');
    for (const own of ['http://localhost:9090', 'https://127.0.0.1', 'http://[::1]:80']) {
      expect(chosen(own)).toBeUndefined();
    }
    const all = { ALL_PROXY: 'http://all:1' };
    expect(proxyFor(new URL('http://a'), { setting: undefined }, all)?.host).toBe('all:1');
    expect(proxyFor(new URL('http://a'), { setting: undefined }, {})).toBeUndefined();
    // Only HTTP proxies are spoken to.
    const socks = { ALL_PROXY: 'socks5://all:1' };
    expect(proxyFor(new URL('http://a'), { setting: undefined }, socks)).toBeUndefined();
  });

  it.each([
    ['*', 'https://a.example', false],
    ['a.example', 'https://a.example', false],
    ['.example', 'https://a.example', false],
    ['*.example', 'https://a.example', false],
    ['example', 'https://an-example', true],
    ['b.example a.example:8443', 'https://a.example:8443', false],
    ['a.example:8443', 'https://a.example', true],
    ['a.example:443', 'https://a.example', false],
    ['10.0.0.0/8', 'https://10.1.2.3', false],
    ['10.0.0.0/8', 'https://11.1.2.3', true],
    ['10.0.0.0/99,10.0.0.0/x', 'https://10.1.2.3', true],
    ['fd00::/8', 'https://[fd00::1]', false],
    ['fd00::1', 'https://[fd00::1]', false],
    ['', 'https://a.example', true],
  ])('NO_PROXY=%s lets %s through the proxy: %s', (list, target, proxied) => {
    expect(chosen(target, { NO_PROXY: list }) !== undefined).toBe(proxied);
  });

  it('is asked for a host with its port', () => {
    expect(hostAndPort(new URL('https://a.example/x'))).toBe('a.example:443');
    expect(hostAndPort(new URL('http://[::1]/x'))).toBe('[::1]:80');
  });
});
