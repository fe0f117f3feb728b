import {
  epochNs,
  headObject,
  isJsonObject,
  jsonElements,
  readRecords,
  RowSink,
  type FileFormat,
  type Head,
} from '../../core/connect';
import { spanAnswer, traceShape, type JaegerSpan, type JaegerTrace } from './answers';
import { JaegerRows, faultOf } from './rows';

/** Jaeger's JSON: what its API answers and its page's download button writes. */
export const jaegerJson: FileFormat = {
  id: 'jaeger-json',
  title: 'Jaeger traces, JSON',
  tables: ['resources', 'spans', 'span_events', 'span_links'],
  sniff,
  describe: () => ({
    signals: ['spans'],
    time: 'µs',
    zone: 'UTC',
    clock: 'the instrumented process, adjusted by Jaeger where a warning says so',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const sink = new RowSink(undefined, { redact: true });
    const reader = new Reader(sink, epochNs(1, choices?.timeUnit ?? 'µs'));
    // One trace is in memory at a time, whether it stands in `data`, in a list or alone on a line.
    const traces = jsonElements(source, signal, { lists: ['data', ''] });
    return readRecords(traces, {
      sink,
      signal: 'spans',
      add: ({ value }, where) => reader.trace(value, where),
    });
  },
};

/** Whose span it is, where it names one of the processes. */
function serviceOf(span: unknown, processes: JaegerTrace['processes']): string | undefined {
  const id = isJsonObject(span) ? span['processID'] : undefined;
  return typeof id === 'string' ? processes[id]?.serviceName : undefined;
}

class Reader {
  private readonly rows: JaegerRows;

  constructor(
    private readonly sink: RowSink,
    unit: bigint | undefined,
  ) {
    this.rows = new JaegerRows(sink, unit);
  }

  /** Spans are taken or dropped one by one; a trace that has no list of spans is dropped as one. */
  trace(value: unknown, where: string): string {
    const shape = traceShape.safeParse(value);
    if (!shape.success) return 'it is not a trace with traceID, spans and processes';
    const { traceID, processes } = shape.data;
    const good: JaegerSpan[] = [];
    for (const [i, raw] of shape.data.spans.entries()) {
      const span = spanAnswer.safeParse(raw);
      const reason = span.success ? whyNot(span.data, processes) : whyInvalid(span.error);
      if (span.success && reason === '') good.push(span.data);
      else {
        const service = serviceOf(raw, processes);
        this.sink.drop('spans', `${where}.spans[${i}]`, JSON.stringify(raw), reason, { service });
      }
    }
    this.rows.add({ traceID, processes, spans: [] }, good);
    return '';
  }
}

/** As the connector's check says it, of one span. */
function whyNot(span: JaegerSpan, processes: JaegerTrace['processes']): string {
  if (!span.logs.every(({ timestamp }) => Number.isSafeInteger(timestamp))) {
    return 'a log of the span has no time';
  }
  const fault = faultOf(span, processes);
  return fault === '' ? '' : `the span is left out because ${fault}`;
}

function whyInvalid({ issues }: { issues: readonly { path: PropertyKey[]; message: string }[] }) {
  const [issue] = issues;
  return `its ${issue?.path.map(String).join('.') ?? 'shape'} does not fit: ${issue?.message ?? ''}`;
}

function sniff(head: Head): { confidence: number; why: string } {
  const { data, ...top } = headObject(head);
  const trace: unknown = Array.isArray(data) ? data[0] : top;
  if (!isJsonObject(trace) || typeof trace['traceID'] !== 'string') return NO;
  const { spans } = trace;
  const span: unknown = Array.isArray(spans) ? spans[0] : undefined;
  // A long first span may be cut before these.
  const known =
    isJsonObject(span) && ['spanID', 'operationName', 'processID'].some((key) => key in span);
  return known
    ? {
        confidence: 0.98,
        why: 'A JSON document of traces with "traceID", "spans" and "processID".',
      }
    : NO;
}

const NO = { confidence: 0, why: '' };
