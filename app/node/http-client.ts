import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FaultlineError } from '../../core/base';
import type { UpstreamRequest, UpstreamResponse } from '../../core/connect';
import type { ProxyChoice } from './proxy';

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

/** PEM texts: an own certificate authority in the system's place, a client certificate and its key. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

export interface HttpClientOptions {
  readonly tls: TlsFiles;
  readonly proxy: ProxyChoice;
  /** Longest wait for headers and between pieces of a body. */
  readonly timeoutMs: number;
}

/** Codes of a connection that was not had: with a proxy it is the proxy that was not reached. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;

/** Trouble of a request through a proxy, with a code that says what the proxy had to do with it. */
export function proxyTrouble(error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const [, tunnel, plain] = /Proxy response \((\d+)\)|\((407)\)/.exec(message) ?? [];
  const status = Number(tunnel ?? plain);
  // A new error: the proxy's own may quote what it was sent.
  const as = (name: string): Error => Object.assign(new Error(name), { code: name });
  if (status === 407) return as('PROXY_SIGN_IN');
  if (status >= 500) return as('PROXY_NO_WAY');
  if (status > 0) return as('PROXY_REFUSED');
  if (code !== undefined && NOT_CONNECTED.test(code)) return as('PROXY_UNREACHABLE');
  return error instanceof Error ? error : as('');
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
