/** Ids in lower-case hex, '' where the text has none. */
export interface TraceInText {
  readonly traceId: string;
  readonly spanId: string;
}

const NONE: TraceInText = { traceId: '', spanId: '' };
const SUSPECT = /trace|[0-9a-f]{32}/i;
const TRACE =
  /\btrace[-_.]?id\\?["']?\s{0,2}[=:]\s{0,2}\\?["']?([0-9a-f]{32}|[0-9a-f]{16})(?![0-9a-z])/i;
const SPAN = /\bspan[-_.]?id\\?["']?\s{0,2}[=:]\s{0,2}\\?["']?([0-9a-f]{16})(?![0-9a-z])/i;
/** W3C's traceparent, wherever it stands. */
const PARENT = /\b00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\b/;
/** Spring Boot's correlation: [4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7], or with the name and commas. */
const SPRING =
  /\[(?:[\w.-]{0,80},)?([0-9a-f]{32}|[0-9a-f]{16})[-,]([0-9a-f]{16})(?:,[a-z]{0,5})?\]/;

/**
 * Trace and span that a line of text names: `trace_id=…`, `"traceId":"…"`, a traceparent, or the brackets that
 * Spring Boot writes. An id of zeros is none.
 */
export function traceInText(text: string): TraceInText {
  if (!SUSPECT.test(text)) return springOf(text);
  const parent = PARENT.exec(text);
  if (parent) return idsOf(parent[1], parent[2]);
  const trace = TRACE.exec(text);
  if (trace) return idsOf(trace[1], SPAN.exec(text)?.[1]);
  return springOf(text);
}

function springOf(text: string): TraceInText {
  const m = text.includes('[') ? SPRING.exec(text) : null;
  return m ? idsOf(m[1], m[2]) : NONE;
}

function idsOf(trace: string | undefined, span: string | undefined): TraceInText {
  const traceId = idOf(trace);
  return traceId === '' ? NONE : { traceId, spanId: idOf(span) };
}

function idOf(text = ''): string {
  return /^0*$/.test(text) ? '' : text.toLowerCase();
}
