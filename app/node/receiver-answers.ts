import { asFaultlineError } from '../../core/base';
import type { DeliveryAnswer, OtlpSignal } from '../../core/host';

/** Why a delivery is not taken over, in the words of HTTP and gRPC. */
export interface Refusal {
  readonly http: number;
  readonly grpc: number;
  readonly message: string;
  /** Seconds after which the sender may try again; undefined where it must not. */
  readonly retryAfter?: number;
}

/** google.rpc.Code */
const INVALID_ARGUMENT = 3;
const UNAVAILABLE = 14;

/** Bad data is refused for good; whatever else went wrong may go well later, so the sender keeps it. */
export function refusalOf(error: unknown): Refusal {
  const { code, message, retryable } = asFaultlineError(error);
  if (code === 'format/damaged' || code === 'format/unknown') {
    return { http: 400, grpc: INVALID_ARGUMENT, message };
  }
  const busy = code === 'host/unavailable' && retryable;
  if (busy) return { http: 429, grpc: UNAVAILABLE, message, retryAfter: 1 };
  return { http: 503, grpc: UNAVAILABLE, message, retryAfter: 5 };
}

const REJECTED: Readonly<Record<OtlpSignal | 'webhook', string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
  webhook: 'rejectedRecords',
};

const WHY_REJECTED = 'These records are not valid: no id, no time, or a negative duration.';

/** Export{Trace,Logs,Metrics}ServiceResponse in JSON, for webhooks likewise: empty where all was taken over. */
export function jsonResponse(
  of: OtlpSignal | 'webhook',
  { dropped, why = WHY_REJECTED }: DeliveryAnswer,
): string {
  if (dropped === 0) return '{}';
  const partialSuccess = { [REJECTED[of]]: String(dropped), errorMessage: why };
  return JSON.stringify({ partialSuccess });
}

/** The same in protobuf: partial_success = 1 { rejected = 1, error_message = 2 }, alike for all signals. */
export function protobufResponse({ dropped, why = WHY_REJECTED }: DeliveryAnswer): Uint8Array {
  if (dropped === 0) return new Uint8Array();
  const partial = [0x08, ...varint(dropped), ...textField(2, why)];
  return Uint8Array.from([0x0a, ...varint(partial.length), ...partial]);
}

/** google.rpc.Status: code = 1, message = 2. */
export function protobufStatus({ grpc, message }: Refusal): Uint8Array {
  return Uint8Array.from([0x08, ...varint(grpc), ...textField(2, message)]);
}

function textField(number: number, text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [(number << 3) | 2, ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}
