import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FaultlineError, cancelled } from '../../core/base';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../core/connect';
import type { Credentials } from '../../core/host';

export interface UpstreamOptions {
  readonly url: string;
  readonly credentials?: Credentials;
  /** PEM file with an own certificate authority. */
  readonly caFile?: string;
  /** Longest wait for headers and between pieces of a body. */
  readonly timeoutMs?: number;
}

/** Larger answers are refused: page or narrow the request. */
const MAX_BODY = 512 << 20;

/** One request of a client: headers are complete, redirects are answers. */
export interface HttpRequest {
  readonly url: string;
  readonly method: UpstreamRequest['method'];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Sends one request; network errors carry their `code`. Bodies may still be gzipped, as the headers say. */
export type HttpClient = (
  request: HttpRequest,
  signal: AbortSignal | undefined,
) => Promise<UpstreamResponse>;

export interface HttpClientOptions {
  /** PEM of an own certificate authority, in the system's place. */
  readonly ca: string | undefined;
  /** Longest wait for headers and between pieces of a body. */
  readonly timeoutMs: number;
}

/**
 * HTTP to one backend over a client of the shell's. The origin is fixed, redirects are not followed,
 * credentials are added here and appear in no answer and no error. `endpoint` is the address without them.
 */
export function upstreamOver(makeClient: (options: HttpClientOptions) => HttpClient) {
  return (options: UpstreamOptions): { upstream: Upstream; endpoint: string } => {
    const base = parseUrl(options.url);
    const authorization = authorizationOf(base, options.credentials);
    base.username = '';
    base.password = '';
    const endpoint = base.href.replace(/\/$/, '');
    const client = makeClient({
      ca: options.caFile ? readCa(options.caFile) : undefined,
      timeoutMs: options.timeoutMs ?? 120_000,
    });
    const upstream: Upstream = {
      send: (req, signal) => send(endpoint, authorization, client, req, signal),
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

function authorizationOf(url: URL, credentials: Credentials | undefined): string | undefined {
  if (credentials?.token) return `Bearer ${credentials.token}`;
  const username = credentials?.username ?? decodeURIComponent(url.username);
  const password = credentials?.password ?? decodeURIComponent(url.password);
  if (!username && !password) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
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
  authorization: string | undefined,
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
    headers: { ...req.headers, ...(authorization ? { authorization } : {}) },
    body: req.body,
  };
  try {
    return await client(request, signal);
  } catch (error) {
    if (signal?.aborted) throw cancelled();
    throw networkError(endpoint, error);
  }
}

/** Reads a body whole; 'connector/limit' where it is too large. */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY) throw tooLarge();
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  if (encoding !== 'gzip') return new Uint8Array(whole);
  try {
    return new Uint8Array(await unzip(whole, { maxOutputLength: MAX_BODY }));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new FaultlineError('connector/bad-answer', 'The answer is not valid gzip.', { cause });
  }
}

const unzip = promisify(gunzip);

function tooLarge(): FaultlineError {
  const why = `The backend's answer is larger than ${MAX_BODY >> 20} MiB. Narrow the window or the selection.`;
  return new FaultlineError('connector/limit', why);
}

/** Header names in lower case, repeated ones joined. */
export function plainHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : (value?.join(', ') ?? ''),
    ]),
  );
}

function networkError(endpoint: string, error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = REASONS[code] ?? (code === '' ? 'the connection failed' : code);
  // The cause is left out on purpose: some errors quote the request with its headers.
  return new FaultlineError('connector/unreachable', `${endpoint} cannot be reached: ${why}.`, {
    retryable: !/CERT|SIGNATURE/.test(code),
    detail: { endpoint, code },
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ETIMEDOUT: 'it did not answer in time',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up',
  ECONNRESET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'it did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'its answer stopped',
  UND_ERR_SOCKET: 'the connection was cut',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted: give the CA file',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted: give the CA file',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted: give the CA file',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  // Chromium's names, where the shell speaks through its network stack.
  ERR_CONNECTION_REFUSED: 'nothing listens there',
  ERR_NAME_NOT_RESOLVED: 'the name is not known',
  ERR_INTERNET_DISCONNECTED: 'this machine has no network',
  ERR_ADDRESS_UNREACHABLE: 'there is no way to this address',
  ERR_CONNECTION_RESET: 'the connection was cut',
  ERR_CONNECTION_CLOSED: 'the connection was cut',
  ERR_EMPTY_RESPONSE: 'the connection was cut',
  ERR_CONNECTION_TIMED_OUT: 'it did not answer in time',
  ERR_TIMED_OUT: 'it did not answer in time',
  ERR_PROXY_CONNECTION_FAILED: 'the proxy cannot be reached',
  ERR_TUNNEL_CONNECTION_FAILED: 'the proxy did not let it through',
  ERR_CERT_AUTHORITY_INVALID: 'its certificate is not trusted: give the CA file',
  ERR_CERT_DATE_INVALID: 'its certificate has expired',
  ERR_CERT_COMMON_NAME_INVALID: 'its certificate is for another name',
};
