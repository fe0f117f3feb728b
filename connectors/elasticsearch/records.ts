import type { Attributes } from '../../core/model';
import { scalarText } from './document';

export interface LogRecord {
  readonly ts: bigint;
  readonly observedTs: bigint | null;
  readonly resource: Attributes;
  /** OpenTelemetry's number, 0 where unknown. */
  readonly severity: number;
  readonly severityText: string;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export interface SpanEvent {
  readonly ts: bigint;
  readonly name: string;
  readonly attributes: Attributes;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly resource: Attributes;
  readonly name: string;
  /** OpenTelemetry's SpanKind. */
  readonly kind: number;
  readonly start: bigint;
  readonly duration: bigint;
  /** OpenTelemetry's status code. */
  readonly status: number;
  readonly statusMessage: string;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

export interface SampleRecord {
  readonly ts: bigint;
  readonly metric: string;
  readonly unit: string;
  readonly counter: boolean;
  readonly value: number;
  readonly resource: Attributes;
  readonly labels: Attributes;
}

/** Where a mapping puts what it finds in a document. */
export interface RecordSink {
  log(record: LogRecord): void;
  span(record: SpanRecord): void;
  sample(record: SampleRecord): void;
  /** Something about a document that people must know; counted. */
  remark(code: RemarkCode): void;
}

export type RemarkCode = 'body-from-document' | 'histogram-left-out' | 'severity-from-text';

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** "Server", "SPAN_KIND_SERVER", "server" → 2; 0 where it is none of them. */
export function spanKindOf(word: string): number {
  const at = KINDS.indexOf(word.replace(/^SPAN_KIND_/i, '').toLowerCase());
  return Math.max(at, 0);
}

/** "Error", "STATUS_CODE_ERROR", 2 → 2. */
export function statusCodeOf(value: unknown): number {
  const word = scalarText(value)
    .replace(/^STATUS_CODE_/i, '')
    .toLowerCase();
  if (word === 'error' || word === '2') return 2;
  return word === 'ok' || word === '1' ? 1 : 0;
}
