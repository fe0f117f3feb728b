import { BlockList, isIP } from 'node:net';

/** How a connection's proxy is chosen. */
export interface ProxyChoice {
  /** Its address, 'direct' for none; undefined for the environment's or the system's. */
  readonly setting: string | undefined;
  readonly username?: string;
  readonly password?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address: as the connection says, else as HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY do, in
 * capitals or not. By the environment this machine itself is always reached directly, as Go's programs do it.
 * Undefined for none.
 */
export function proxyFor(target: URL, choice: ProxyChoice, env: Environment): URL | undefined {
  if (choice.setting === 'direct') return undefined;
  if (choice.setting !== undefined) return withSignIn(new URL(choice.setting), choice);
  const read = (name: string): string => env[name.toLowerCase()] || env[name] || '';
  const named =
    read(target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || read('ALL_PROXY');
  if (named === '' || isOwn(target.hostname) || isExempt(target, read('NO_PROXY')))
    return undefined;
  const proxy = parsed(named.includes('://') ? named : `http://${named}`);
  return proxy && /^https?:$/.test(proxy.protocol) ? proxy : undefined;
}

/** What a proxy is told about who asks; undefined where it wants nothing. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const signIn = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(signIn).toString('base64')}`;
}

/** "host:port", with the port that the scheme means. */
export function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

function withSignIn(proxy: URL, { username = '', password = '' }: ProxyChoice): URL {
  if (username !== '') proxy.username = encodeURIComponent(username);
  if (password !== '') proxy.password = encodeURIComponent(password);
  return proxy;
}

function isOwn(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

/** Names with what lies below them, addresses, ranges of addresses, each with a port or without; `*` for all. */
function isExempt(target: URL, list: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const { 1: port } = /:(\d+)$/.exec(hostAndPort(target)) ?? [];
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*' || entry === host) return true;
      if (entry.includes('/')) return isInRange(host, entry);
      const [, name = '', only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (name === '' || (only !== undefined && only !== port)) return false;
      return host === name || host.endsWith(`.${name}`);
    });
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits)) return false;
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  if (Number(bits) > (family === 6 ? 128 : 32)) return false;
  const ranges = new BlockList();
  ranges.addSubnet(network, Number(bits), kind);
  return ranges.check(host, kind);
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
