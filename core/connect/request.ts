import type { z } from 'zod';
import { FaultlineError, throwIfAborted } from '../base';
import type { Notice } from '../model';
import type { ConnectorEnv, UpstreamRequest, UpstreamResponse } from './seam';

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
const BUSY = new Set([429, 502, 503, 504]);

/** Waits that a backend asked for or forced, counted for one notice at the end of a pull. */
export class RetryCount {
  #count = 0;
  #waitedMs = 0;

  add(waitMs: number): void {
    this.#count++;
    this.#waitedMs += waitMs;
  }

  /** How often a request was repeated. */
  get count(): number {
    return this.#count;
  }

  /** Undefined where everything was answered at the first try. */
  notice(): Notice | undefined {
    if (this.#count === 0) return undefined;
    const seconds = Math.round(this.#waitedMs / 100) / 10;
    return {
      code: 'retried',
      severity: 'info',
      count: this.#count,
      message: `The backend was busy: ${this.#count} requests were repeated after ${seconds} s of waiting in all.`,
    };
  }
}

export interface SendOptions {
  readonly signal: AbortSignal;
  readonly retries?: RetryCount;
  /** Answers other than 2xx that the caller understands; everything else is an error. */
  readonly accept?: readonly number[];
  /** The answer is no JSON, though its bytes may begin as JSON does. */
  readonly bytes?: boolean;
}

/**
 * Sends a request and waits for a usable answer: network trouble, answers that are cut short and
 * 429/502/503/504 are tried again up to six times, after what Retry-After says or with doubling waits; 401/403 are 'connector/auth', other
 * refusals 'connector/refused' with the status and an excerpt of the body in `detail`.
 */
export async function send(
  env: ConnectorEnv,
  request: UpstreamRequest,
  { signal, retries, accept = [], bytes = false }: SendOptions,
): Promise<UpstreamResponse> {
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    const last = attempt === ATTEMPTS;
    try {
      const response = await env.upstream.send(request, signal);
      if (!bytes && isCut(response)) throw cutShort(request, response);
      if ((response.status >= 200 && response.status < 300) || accept.includes(response.status)) {
        return response;
      }
      if (!BUSY.has(response.status) || last) throw refusal(request, response);
      await pause(env, waitOf(response, attempt, env), signal, retries);
    } catch (error) {
      const again = error instanceof FaultlineError && error.code === 'connector/unreachable';
      if (!again || !error.retryable || last) throw error;
      await pause(env, FIRST_WAIT_MS * 2 ** (attempt - 1), signal, retries);
    }
  }
}

const OPENS = new Map([
  ['{'.charCodeAt(0), '}'.charCodeAt(0)],
  ['['.charCodeAt(0), ']'.charCodeAt(0)],
]);

/**
 * A proxy that gives up in the middle of an answer may end it as if it were whole: its JSON is not closed, or it is
 * shorter than it says.
 */
function isCut({ status, headers, body }: UpstreamResponse): boolean {
  const said = headers['content-encoding'] === undefined ? headers['content-length'] : undefined;
  if (said !== undefined && status >= 200 && status < 300 && body.length < Number(said))
    return true;
  // Protobuf may begin with any byte.
  if (/protobuf/.test(headers['content-type'] ?? '')) return false;
  const closes = OPENS.get(body[0] ?? 0);
  if (closes === undefined || status < 200 || status >= 300) return false;
  let end = body.length - 1;
  while (end > 0 && (body[end] ?? 0) <= 32) end--;
  return body[end] !== closes || isOpen(body);
}

const [QUOTE, ESCAPE] = [34, 92];

/** Whether brackets stay open: an answer may end just behind one that closes. */
function isOpen(body: Uint8Array): boolean {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === 123 || byte === 91) depth++;
    else if (byte === 125 || byte === 93) depth--;
    else if (byte === QUOTE) {
      for (at++; at < body.length && body[at] !== QUOTE; at++) if (body[at] === ESCAPE) at++;
    }
  }
  return depth > 0;
}

function cutShort({ path }: UpstreamRequest, { status }: UpstreamResponse): FaultlineError {
  return new FaultlineError(
    'connector/unreachable',
    `The answer of ${path} ended in the middle. A proxy before the backend may have a limit of size or time.`,
    { detail: { status, path }, retryable: true },
  );
}

/** The answer as JSON that fits the schema; anything else is 'connector/bad-answer'. */
export async function sendJson<T>(
  env: ConnectorEnv,
  request: UpstreamRequest,
  schema: z.ZodType<T>,
  options: SendOptions,
): Promise<T> {
  const response = await send(env, request, options);
  return parseAnswer(response, schema, request.path);
}

/** What `sendJson` does with an answer that was sent for otherwise. */
export function parseAnswer<T>(response: UpstreamResponse, schema: z.ZodType<T>, path: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(response.body));
  } catch (cause) {
    throw new FaultlineError(
      'connector/bad-answer',
      `${path} did not answer with JSON. Is this the right address and backend?`,
      { detail: { status: response.status, body: excerptOf(response) }, cause },
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FaultlineError(
    'connector/bad-answer',
    `${path} answered in a form that is not known (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}).`,
    { detail: { status: response.status, body: excerptOf(response) } },
  );
}

async function pause(
  env: ConnectorEnv,
  ms: number,
  signal: AbortSignal,
  retries: RetryCount | undefined,
): Promise<void> {
  const wait = Math.min(ms, LONGEST_WAIT_MS);
  retries?.add(wait);
  await env.sleep(wait, signal);
}

/** Retry-After in seconds or as a date (RFC 9110 §10.2.3), else doubling. */
function waitOf(response: UpstreamResponse, attempt: number, env: ConnectorEnv): number {
  const said = response.headers['retry-after'];
  if (said !== undefined) {
    const seconds = Number(said);
    if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
    const at = Date.parse(said);
    if (Number.isFinite(at)) return Math.max(0, at - Number(env.now() / 1_000_000n));
  }
  return FIRST_WAIT_MS * 2 ** (attempt - 1);
}

function refusal(request: UpstreamRequest, response: UpstreamResponse): FaultlineError {
  const { status } = response;
  const detail = { status, path: request.path };
  if (status === 401 || status === 403) {
    // Without the body: servers name the user in it, and what they were sent.
    return new FaultlineError(
      'connector/auth',
      status === 401
        ? 'The backend wants a sign-in (401). Give a user name and password, or a token.'
        : 'The backend does not let this sign-in read here (403).',
      { detail },
    );
  }
  return new FaultlineError(
    'connector/refused',
    `The backend refused ${request.path} (${status}): ${excerptOf(response)}`,
    { detail: { ...detail, body: excerptOf(response) }, retryable: BUSY.has(status) },
  );
}

function excerptOf(response: UpstreamResponse): string {
  const text = new TextDecoder()
    .decode(response.body.subarray(0, 2000))
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
