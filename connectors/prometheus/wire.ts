import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import {
  RetryCount,
  parseAnswer,
  send,
  type ConnectorEnv,
  type UpstreamRequest,
  type UpstreamResponse,
} from '../../core/connect';
import { failure } from './answers';
import { limitInWords } from './limits';

/** How far back in resolution Thanos may go: raw samples, or averages of five minutes or an hour. */
export type Resolution = '0s' | '5m' | '1h';

export interface WireOptions {
  /** `X-Scope-OrgID` of Mimir and Cortex, `THANOS-TENANT` of Thanos; '' for none. */
  readonly tenant: string;
  /** Thanos answers where a store fails, with a warning; else the query fails. */
  readonly partial: boolean;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;
/** Refusals whose words matter: Prometheus says 400, 422 and, for a limit of time, 503. */
const REFUSED = [400, 422];
const MOST_WORDS = 300;
const ATTEMPTS = 6;
const FIRST_WAIT_MS = 250;

/** Requests to a backend of this family: tenant, words of refusals, warnings; waits are counted. */
export class PrometheusWire {
  readonly retries = new RetryCount();
  /** Answers by what the backend warned of in them. */
  readonly warned = new Map<string, number>();
  /** What older samples were made to, where raw ones are gone (Thanos). */
  resolution: Resolution = '0s';

  constructor(
    readonly env: ConnectorEnv,
    private readonly signal: AbortSignal,
    private readonly options: WireOptions = { tenant: '', partial: true },
  ) {}

  get<T>(
    path: string,
    schema: z.ZodType<T>,
    query?: readonly (readonly [string, string])[],
  ): Promise<T> {
    return this.ask({ method: 'GET', path, query }, schema);
  }

  post<T>(path: string, form: Readonly<Record<string, string>>, schema: z.ZodType<T>): Promise<T> {
    const body = Object.entries(form)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&');
    return this.ask({ method: 'POST', path, headers: FORM, body }, schema);
  }

  /** A query. What only Thanos or VictoriaMetrics understands, the others pass over. */
  query<T>(path: string, form: Readonly<Record<string, string>>, schema: z.ZodType<T>): Promise<T> {
    const { partial } = this.options;
    const own = {
      dedup: 'true',
      partial_response: String(partial),
      max_source_resolution: this.resolution,
      // VictoriaMetrics moves times to multiples of the step and away from now unless it may not use its cache.
      nocache: '1',
    };
    return this.post(path, { ...form, ...own }, schema);
  }

  /** The answer as it came; a refusal is an error in the backend's own words. */
  async raw(request: UpstreamRequest): Promise<UpstreamResponse> {
    const { signal, retries } = this;
    const { tenant } = this.options;
    const headers = {
      ...request.headers,
      ...(tenant === '' ? undefined : { 'x-scope-orgid': tenant, 'thanos-tenant': tenant }),
    };
    try {
      const options = { signal, retries, accept: REFUSED };
      const response = await send(this.env, { ...request, headers }, options);
      if (response.status >= 300) throw refusal(request.path, response);
      return response;
    } catch (error) {
      throw tenant === '' ? withTenantHint(error) : error;
    }
  }

  /** Sends and reads until what comes is whole: a proxy may end an answer in the middle as if it were all. */
  async whole<T>(request: UpstreamRequest, read: (response: UpstreamResponse) => T): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.raw(request);
      try {
        return read(response);
      } catch (error) {
        const again = error instanceof FaultlineError && error.retryable && attempt < ATTEMPTS;
        if (!again) throw error;
        const wait = FIRST_WAIT_MS * 2 ** (attempt - 1);
        this.retries.add(wait);
        await this.env.sleep(wait, this.signal);
      }
    }
  }

  private async ask<T>(request: UpstreamRequest, data: z.ZodType<T>): Promise<T> {
    const answer = z.object({ data, warnings: z.array(z.string()).nullish() });
    const response = await this.raw(request);
    const { data: found, warnings } = parseAnswer(response, answer, request.path);
    for (const text of warnings ?? []) this.warned.set(text, (this.warned.get(text) ?? 0) + 1);
    return found;
  }
}

/** VictoriaMetrics repeats query and filters, whose names may sound like a limit, before it says what is wrong. */
const REPEATED = [
  /^error when executing query=.*? (?:for|on) (?:\(time|the time range \(start)=[^)]*\): /s,
  /tagFilters=\[.*\] (?=on the time range)/s,
];

function refusal(path: string, response: UpstreamResponse): FaultlineError {
  const text = new TextDecoder().decode(response.body);
  const words = REPEATED.reduce((left, repeated) => left.replace(repeated, ''), wordsOf(text))
    .replace(/\s+/g, ' ')
    .trim();
  // The cause stands at the end of what wraps it.
  const short =
    words.length > MOST_WORDS ? `${words.slice(0, 100)} … ${words.slice(100 - MOST_WORDS)}` : words;
  return new FaultlineError(
    'connector/refused',
    `The backend refused ${path} (${response.status}): ${short}`,
    { detail: { status: response.status, path, body: short, limit: limitInWords(words) } },
  );
}

function wordsOf(text: string): string {
  try {
    return failure.parse(JSON.parse(text)).error;
  } catch {
    return text;
  }
}

function withTenantHint(error: unknown): unknown {
  if (!(error instanceof FaultlineError) || error.code !== 'connector/auth') return error;
  return new FaultlineError(
    'connector/auth',
    `${error.message} Where it keeps several tenants (Mimir, Cortex), the setting tenant says whose.`,
    { detail: error.detail },
  );
}
