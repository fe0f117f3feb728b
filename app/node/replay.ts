import { setTimeout as sleep } from 'node:timers/promises';
import { FaultlineError, asFaultlineError, cancelled, throwIfAborted } from '../../core/base';
import type { Upstream, UpstreamResponse } from '../../core/connect';

/** One request that a replay sends, as core/simulate makes them from a simulation's batches. */
export interface ReplayStep {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly rows: number;
}

export interface ReplayOptions {
  readonly signal?: AbortSignal;
  /** Rows that the backend has confirmed so far. */
  readonly onRows?: (rows: number) => void;
  /** Times a request is sent again after 429, 502–504 or an unreachable backend; 6 unless said. */
  readonly retries?: number;
  /** Milliseconds before the first repeat, doubled each time; 250 unless said. */
  readonly backoffMs?: number;
}

export interface Replayed {
  readonly requests: number;
  readonly rows: number;
  /** Requests that were sent again. */
  readonly repeated: number;
}

/**
 * Sends a simulation's telemetry to one real backend, request after request, so that the order of time is
 * kept. Every answer is looked into: a bulk request with a refused document or an OTLP answer with rejected
 * records is 'connector/refused', not a success. A request that is repeated may be stored twice by a
 * backend that had taken it before its answer was lost.
 */
export async function replay(
  steps: Iterable<ReplayStep>,
  upstream: Upstream,
  options: ReplayOptions = {},
): Promise<Replayed> {
  let requests = 0;
  let rows = 0;
  let repeated = 0;
  for (const step of steps) {
    for (let attempt = 0; ; attempt++) {
      throwIfAborted(options.signal);
      const failure = await sendOnce(step, upstream, options.signal);
      requests++;
      if (!failure) break;
      if (!failure.retryable || attempt >= (options.retries ?? 6)) throw failure;
      repeated++;
      await pause((options.backoffMs ?? 250) * 2 ** attempt, options.signal);
    }
    rows += step.rows;
    options.onRows?.(rows);
  }
  return { requests, rows, repeated };
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw cancelled();
  }
}

async function sendOnce(
  step: ReplayStep,
  upstream: Upstream,
  signal: AbortSignal | undefined,
): Promise<FaultlineError | undefined> {
  const { method, path, headers, body } = step;
  let response: UpstreamResponse;
  try {
    response = await upstream.send({ method, path, headers, body }, signal);
  } catch (error) {
    return asFaultlineError(error);
  }
  const { status } = response;
  if (status >= 200 && status < 300) return refusal(step, response);
  const text = new TextDecoder().decode(response.body.subarray(0, 500)).trim();
  return new FaultlineError('connector/refused', `${path} answered ${status}: ${text}`, {
    detail: { path, status },
    retryable: status === 429 || (status >= 502 && status <= 504),
  });
}

interface BulkAnswer {
  readonly errors?: boolean;
  readonly items?: readonly Readonly<
    Record<string, { readonly status: number; readonly error?: unknown }>
  >[];
}

/** What an answer of success may yet say: documents or records that were not taken. */
function refusal(step: ReplayStep, response: UpstreamResponse): FaultlineError | undefined {
  if (response.body.length === 0) return undefined;
  if (!(response.headers['content-type'] ?? '').includes('json')) return undefined;
  const answer: unknown = JSON.parse(new TextDecoder().decode(response.body));
  if (step.path === '/_bulk') {
    const { errors, items = [] } = answer as BulkAnswer;
    if (!errors) return undefined;
    const failed = items.flatMap((item) => Object.values(item)).filter(({ error }) => error);
    const busy = failed.every(({ status }) => status === 429);
    const example = JSON.stringify(failed[0]?.error ?? '').slice(0, 300);
    return new FaultlineError(
      'connector/refused',
      `${failed.length} of ${step.rows} documents were refused: ${example}`,
      // A repeat of all documents would store those that were taken a second time.
      { detail: { refused: failed.length }, retryable: busy && failed.length === step.rows },
    );
  }
  const { partialSuccess } = answer as { partialSuccess?: Readonly<Record<string, unknown>> };
  const rejected = Number(
    partialSuccess?.['rejectedSpans'] ?? partialSuccess?.['rejectedLogRecords'] ?? 0,
  );
  if (rejected === 0) return undefined;
  return new FaultlineError(
    'connector/refused',
    `${rejected} of ${step.rows} records were rejected: ${JSON.stringify(partialSuccess?.['errorMessage'] ?? '')}`,
    { detail: { rejected } },
  );
}
