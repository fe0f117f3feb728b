/** Ids of a trace and of a span in it, as one text names both. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
}

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

/**
 * A trace id as 32 digits of lower-case hexadecimal, from any of its spellings: W3C, 64 bits alone, a UUID,
 * AWS X-Ray's `1-5759e988-bd862e3fe1be46a994272793` (also as `Root=…`), Google Cloud's
 * `projects/x/traces/…`; Datadog's decimal number where `decimal` is true. '' where it is none of them.
 */
export function traceIdOf(value: unknown, decimal = false): string {
  const text = idText(value);
  if (text === '') return '';
  const cloud = /^projects\/[^/]+\/traces\/(\w+)/.exec(text);
  if (cloud) return hexOf(cloud[1] ?? '', TRACE_DIGITS);
  const xray = /(?:^|Root=)1-([0-9a-f]{8})-([0-9a-f]{24})\b/i.exec(text);
  if (xray) return hexOf(`${xray[1] ?? ''}${xray[2] ?? ''}`, TRACE_DIGITS);
  if (decimal) {
    const hex = decimalHex(text);
    if (hex !== undefined) return hexOf(hex, TRACE_DIGITS, 1);
  }
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
  return hexOf(uuid ? text.replaceAll('-', '') : text, TRACE_DIGITS);
}

/** A span id as 16 digits of lower-case hexadecimal; '' where it is none. */
export function spanIdOf(value: unknown, decimal = false): string {
  const text = idText(value);
  const hex = decimal ? decimalHex(text) : undefined;
  return hex === undefined ? hexOf(text, SPAN_DIGITS) : hexOf(hex, SPAN_DIGITS, 1);
}

/** W3C's `traceparent`: version, trace id, parent's span id, flags. */
export function traceparentOf(value: unknown): TraceContext | undefined {
  const m = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/i.exec(idText(value));
  if (!m) return undefined;
  const traceId = hexOf(m[1] ?? '', TRACE_DIGITS);
  return traceId === '' ? undefined : { traceId, spanId: hexOf(m[2] ?? '', SPAN_DIGITS) };
}

function idText(value: unknown): string {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : '';
  return typeof value === 'string' && value.length <= 200 ? value.trim() : '';
}

function decimalHex(text: string): string | undefined {
  return /^\d{1,20}$/.test(text) ? BigInt(text).toString(16) : undefined;
}

/** Leading zeros may have been left out; a short or all-zero id is none. */
function hexOf(text: string, digits: number, least = 8): string {
  if (text.length < least || text.length > digits || !/^[0-9a-f]+$/i.test(text)) return '';
  const hex = text.toLowerCase().padStart(digits, '0');
  return /[^0]/.test(hex) ? hex : '';
}
