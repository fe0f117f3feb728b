import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import type { HttpClient, HttpRequest } from './http-client';
import { unreachable } from './unreachable';

export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
}

const answerSchema = z.object({
  access_token: z.string().min(1),
  token_type: z.string().optional(),
  expires_in: z.coerce.number().positive().optional(),
});
const errorSchema = z.object({ error: z.string().regex(/^[\w.:-]{1,80}$/) });

interface Token {
  readonly value: string;
  /** Milliseconds since the epoch from when on another is fetched. */
  readonly renewAt: number;
}

/**
 * Access tokens by the client credentials grant (RFC 6749 §4.4), in memory alone. One is used until a tenth of its
 * time, at most a minute, is left; who comes while one is fetched waits for the same.
 */
export class OauthToken {
  private token: Token | undefined;
  private fetching: Promise<Token> | undefined;

  constructor(
    private readonly client: HttpClient,
    private readonly credentials: ClientCredentials,
    private readonly now: () => number = Date.now,
  ) {}

  /** A token that is good now; 'connector/auth' or 'connector/unreachable' with the step 'token' where none is had. */
  async get(): Promise<string> {
    if (this.token && this.now() < this.token.renewAt) return this.token.value;
    this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
    this.token = await this.fetching;
    return this.token.value;
  }

  /** The backend refused this token: the next is another. */
  forget(refused: string): void {
    if (this.token?.value === refused) this.token = undefined;
  }

  private async fetch(): Promise<Token> {
    const { clientId, clientSecret } = this.credentials;
    const inHeader = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    const authorization = `Basic ${Buffer.from(inHeader).toString('base64')}`;
    const first = await this.ask({ authorization }, {});
    // RFC 6749 §2.3.1: every server takes the header; those that don't mostly take the body.
    const answer =
      first.error === 'invalid_client' || first.error === 'invalid_request'
        ? await this.ask({}, { client_id: clientId, client_secret: clientSecret })
        : first;
    if (answer.token) return answer.token;
    throw this.refusal(answer.status, answer.error ?? first.error);
  }

  private async ask(
    headers: Readonly<Record<string, string>>,
    more: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly token?: Token; readonly error?: string }> {
    const { tokenUrl, scope } = this.credentials;
    const form = { grant_type: 'client_credentials', ...(scope ? { scope } : {}), ...more };
    const request: HttpRequest = {
      url: tokenUrl,
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: new URLSearchParams(form).toString(),
    };
    const asked = this.now();
    const { status, body } = await this.client(request, undefined).catch((error: unknown) => {
      throw this.notReached(error);
    });
    const value = json(body);
    const answer = answerSchema.safeParse(value);
    if (status >= 200 && status < 300 && answer.success) {
      const lasts = (answer.data.expires_in ?? 300) * 1000;
      const token = answer.data.access_token;
      return {
        status,
        token: { value: token, renewAt: asked + lasts - Math.min(60_000, lasts / 10) },
      };
    }
    const told = errorSchema.safeParse(value);
    return { status, error: told.success ? told.data.error : undefined };
  }

  private notReached(error: unknown): FaultlineError {
    const { code, message, retryable, detail } = unreachable(originOf(this.credentials), error);
    const why = `No token could be fetched: ${message}`;
    return new FaultlineError(code, why, { retryable, detail: { ...detail, step: 'token' } });
  }

  /** The words of the server are left out, but for the error's name: some quote what they were sent. */
  private refusal(status: number, error: string | undefined): FaultlineError {
    const detail = { step: 'token', status, error };
    const where = originOf(this.credentials);
    const retryable = status === 429 || status >= 500;
    if (retryable) {
      const why = `No token could be fetched: ${where} answered ${status}.`;
      return new FaultlineError('connector/unreachable', why, { detail, retryable });
    }
    const said =
      error === undefined ? `an answer without a token (${status})` : `"${error}" (${status})`;
    const why = `${where} gave no token but ${said}. ${ADVICE[error ?? ''] ?? 'Check the token address.'}`;
    return new FaultlineError('connector/auth', why, { detail });
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  invalid_client: 'Check client id and secret.',
  unauthorized_client: 'This client may not use the client credentials grant.',
  unsupported_grant_type: 'The server does not offer the client credentials grant.',
  invalid_scope: 'Check the scope.',
  access_denied: 'This client may not have what the scope asks for.',
};

function originOf({ tokenUrl }: ClientCredentials): string {
  const { origin, pathname } = new URL(tokenUrl);
  return `${origin}${pathname}`;
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
