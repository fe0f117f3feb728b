/** The closed list of things that go wrong. Match on the code, never on the text. */
export type ErrorCode =
  | 'cancelled'
  | 'usage'
  | 'internal'
  | 'not-found'
  | 'case/not-a-case'
  | 'case/truncated'
  | 'case/newer-version'
  | 'case/locked'
  | 'case/foreign-object'
  | 'case/exists'
  | 'store/query-failed'
  | 'store/read-only'
  | 'store/out-of-memory'
  | 'store/constraint'
  | 'engine/dead'
  | 'format/unknown'
  | 'format/damaged'
  | 'connector/unreachable'
  | 'connector/auth'
  | 'connector/refused'
  | 'connector/bad-answer'
  | 'connector/limit'
  | 'connector/config'
  | 'host/denied'
  | 'host/io'
  | 'host/unavailable'
  | 'analysis/failed';

export interface ErrorOptions {
  /** Structured-cloneable facts for the person or the log. Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** True where the same call may succeed later (network, 429, 503). */
  readonly retryable?: boolean;
}

/** The one error class. It survives workers, IPC, HTTP and the command line through toWire/fromWire. */
export class FaultlineError extends Error {
  override readonly name = 'FaultlineError';
  readonly code: ErrorCode;
  readonly detail: Readonly<Record<string, unknown>> | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.retryable = options.retryable ?? false;
  }
}

export function cancelled(): FaultlineError {
  return new FaultlineError('cancelled', 'Cancelled.');
}

/** True for our own cancellation and for the platform's AbortError. */
export function isCancelled(error: unknown): boolean {
  if (error instanceof FaultlineError) return error.code === 'cancelled';
  return error instanceof Error && error.name === 'AbortError';
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

/**
 * Aborts when one of the two does. AbortSignal.any would do, but came with Chromium 116, and what runs in a page has to
 * run in an older one, too. The listeners go with the first abort.
 */
export function eitherSignal(one: AbortSignal, other: AbortSignal): AbortSignal {
  const either = new AbortController();
  const end = (): void => {
    for (const signal of [one, other]) signal.removeEventListener('abort', end);
    either.abort((one.aborted ? one : other).reason);
  };
  if (one.aborted || other.aborted) end();
  else for (const signal of [one, other]) signal.addEventListener('abort', end);
  return either.signal;
}

/** An error as it crosses a boundary: structured-cloneable and JSON-safe. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;
  readonly stack?: string;
  readonly cause?: WireError;
}

export function toWire(error: unknown, depth = 0): WireError {
  if (isCancelled(error)) return { code: 'cancelled', message: 'Cancelled.', retryable: false };
  const cause =
    depth < 4 && error instanceof Error && error.cause !== undefined
      ? toWire(error.cause, depth + 1)
      : undefined;
  if (error instanceof FaultlineError) {
    const { code, message, detail, retryable, stack } = error;
    return { code, message, detail, retryable, stack, cause };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return { code: 'internal', message, retryable: false, stack, cause };
}

export function fromWire(wire: WireError): FaultlineError {
  const error = new FaultlineError(wire.code, wire.message, {
    detail: wire.detail,
    retryable: wire.retryable,
    cause: wire.cause ? fromWire(wire.cause) : undefined,
  });
  if (wire.stack) error.stack = wire.stack;
  return error;
}

/** Any thrown value as a FaultlineError, so that code and detail can be relied on. */
export function asFaultlineError(error: unknown): FaultlineError {
  return error instanceof FaultlineError ? error : fromWire(toWire(error));
}
