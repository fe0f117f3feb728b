import { readFileSync } from 'node:fs';
import { FaultlineError, cancelled } from '../../core/base';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../core/connect';
import { authOf, type Access, type AuthKind, type Credentials } from '../../core/host';
import type { HttpClient, HttpClientOptions, HttpRequest } from './http-client';
import { signInOf, type SignIn } from './sign-in';
import { unreachable } from './unreachable';

export interface UpstreamOptions {
  readonly url: string;
  /** Missing: as the credentials are meant. */
  readonly auth?: AuthKind;
  readonly access?: Access;
  readonly credentials?: Credentials;
  /** PEM file with an own certificate authority. */
  readonly caFile?: string;
  /** Longest wait for headers and between pieces of a body. */
  readonly timeoutMs?: number;
}

/**
 * HTTP to one backend over a client of the shell's. The origin is fixed, redirects are not followed,
 * credentials are added here and appear in no answer and no error. `endpoint` is the address without them.
 */
export function upstreamOver(makeClient: (options: HttpClientOptions) => HttpClient) {
  return (options: UpstreamOptions): { upstream: Upstream; endpoint: string } => {
    const base = parseUrl(options.url);
    const credentials = credentialsOf(base, options.credentials);
    base.username = '';
    base.password = '';
    const endpoint = base.href.replace(/\/$/, '');
    const client = makeClient({
      ca: options.caFile ? readCa(options.caFile) : undefined,
      timeoutMs: options.timeoutMs ?? 120_000,
    });
    const { access = {} } = options;
    const signIn = signInOf(options.auth ?? authOf(credentials), access, credentials);
    const headers = { ...access.headers, ...credentials.headers };
    const upstream: Upstream = {
      send: (req, signal) => send(endpoint, headers, signIn, client, req, signal),
    };
    return { upstream, endpoint };
  };
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new FaultlineError('connector/config', 'This is no address: use http://host:port.');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FaultlineError(
      'connector/config',
      'Only http and https addresses can be pulled from.',
    );
  }
  url.hash = '';
  url.search = '';
  return url;
}

/** Credentials that stand in the address come after those that are given. */
function credentialsOf(url: URL, given: Credentials | undefined): Credentials {
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  return { ...(username || password ? { username, password } : {}), ...given };
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FaultlineError('connector/config', `The CA file ${file} cannot be read.`, { cause });
  }
}

async function send(
  endpoint: string,
  extra: Readonly<Record<string, string>>,
  signIn: SignIn,
  client: HttpClient,
  req: UpstreamRequest,
  signal: AbortSignal | undefined,
): Promise<UpstreamResponse> {
  const query = new URLSearchParams(
    req.query?.map(([k, v]): [string, string] => [k, v]) ?? [],
  ).toString();
  const request: HttpRequest = {
    url: `${endpoint}${req.path}${query ? `?${query}` : ''}`,
    method: req.method,
    headers: { ...extra, ...req.headers },
    body: req.body,
  };
  try {
    return await client(signIn(request), signal);
  } catch (error) {
    if (signal?.aborted) throw cancelled();
    throw unreachable(endpoint, error);
  }
}
