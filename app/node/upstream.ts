import { readFileSync } from 'node:fs';
import { Agent, request, type Dispatcher } from 'undici';
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

/**
 * HTTP to one backend. The origin is fixed, redirects are not followed, credentials are added here and
 * appear in no answer and no error. `endpoint` is the address without them.
 */
export function createUpstream(options: UpstreamOptions): { upstream: Upstream; endpoint: string } {
  const base = parseUrl(options.url);
  const authorization = authorizationOf(base, options.credentials);
  base.username = '';
  base.password = '';
  const endpoint = base.href.replace(/\/$/, '');
  const dispatcher = new Agent({
    connect: { ca: options.caFile ? readCa(options.caFile) : undefined, timeout: 10_000 },
    headersTimeout: options.timeoutMs ?? 120_000,
    bodyTimeout: options.timeoutMs ?? 120_000,
  });
  const upstream: Upstream = {
    send: (req, signal) => send(endpoint, authorization, dispatcher, req, signal),
  };
  return { upstream, endpoint };
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
  dispatcher: Dispatcher,
  req: UpstreamRequest,
  signal: AbortSignal | undefined,
): Promise<UpstreamResponse> {
  const query = new URLSearchParams(
    req.query?.map(([k, v]): [string, string] => [k, v]) ?? [],
  ).toString();
  const url = `${endpoint}${req.path}${query ? `?${query}` : ''}`;
  try {
    const response = await request(url, {
      method: req.method,
      headers: {
        'accept-encoding': 'gzip',
        ...req.headers,
        ...(authorization ? { authorization } : {}),
      },
      body: req.body,
      dispatcher,
      signal,
    });
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(response.headers)) {
      headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : (value ?? '');
    }
    const raw = await readBody(response.body);
    const body = headers['content-encoding'] === 'gzip' ? await gunzip(raw) : raw;
    return { status: response.statusCode, headers, body };
  } catch (error) {
    if (signal?.aborted) throw cancelled();
    throw networkError(endpoint, error);
  }
}

async function readBody(body: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY) {
      const why = `The backend's answer is larger than ${MAX_BODY >> 20} MiB. Narrow the window or the selection.`;
      throw new FaultlineError('connector/limit', why);
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const { gunzip: unzip } = await import('node:zlib');
  return new Promise((resolve, reject) => {
    unzip(bytes, (error, out) => (error ? reject(error) : resolve(new Uint8Array(out))));
  });
}

function networkError(endpoint: string, error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = REASONS[code] ?? (code === '' ? 'the connection failed' : code);
  // The cause is left out on purpose: some errors quote the request with its headers.
  return new FaultlineError('connector/unreachable', `${endpoint} cannot be reached: ${why}.`, {
    retryable: !code.includes('CERT'),
    detail: { endpoint, code },
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
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
};
