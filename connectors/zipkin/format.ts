import {
  RowSink,
  TimeReader,
  headJson,
  isJsonObject,
  jsonElements,
  peekSource,
  readRecords,
  type ByteSource,
  type FileFormat,
  type Head,
  type JsonElement,
  type RawRecord,
  type RecordBlock,
} from '../../core/connect';
import { SharedIds } from './shared';
import { ZipkinRows } from './spans';

/**
 * Zipkin's JSON, version 2 (zipkin2-api.yaml): a list of spans, as reporters send them and one trace is
 * downloaded, or a list of traces, as /api/v2/traces answers.
 */
export const zipkinJson: FileFormat = {
  id: 'zipkin-json',
  title: 'Zipkin traces, JSON',
  tables: ['resources', 'spans', 'span_events'],
  sniff,
  describe: () => ({
    signals: ['spans'],
    time: 'µs',
    zone: 'UTC',
    clock: 'the instrumented process',
    guessed: false,
  }),
  read: async function* (source, signal, choices) {
    const sink = new RowSink(undefined, { redact: true });
    const times = new TimeReader(sink.notices, { ...choices, timeUnit: choices?.timeUnit ?? 'µs' });
    const shared = new SharedIds();
    const rows = new ZipkinRows(sink, times, shared);
    const { start, source: whole } = await peekSource(source, signal, HEAD, () => false);
    const text = new TextDecoder().decode(start);
    const list = headJson({ name: source.name, bytes: start, text });
    const inTraces = Array.isArray(list) && Array.isArray(list[0]);
    if (!inTraces) await noteShared(source, signal, shared);
    const spans = jsonElements(whole, signal, {
      lists: [inTraces ? '*' : ''],
      onRest: (rest) => (inTraces ? rows.beside(rest) : undefined),
    });
    yield* readRecords(inTraces ? byTrace(spans, shared) : spans, {
      sink,
      signal: 'spans',
      add: ({ value }) => rows.add(value),
    });
  },
};

const HEAD = 64 << 10;

/** In a list of spans the halves of a shared span may stand anywhere: which there are is found out first. */
async function noteShared(
  source: ByteSource,
  signal: AbortSignal,
  shared: SharedIds,
): Promise<void> {
  for await (const { records } of jsonElements(source, signal, { lists: [''] })) {
    for (const record of records) if ('value' in record) shared.note(record.value.value);
  }
}

/** The spans of a trace together: then it is known which of them share their ids. */
async function* byTrace(
  blocks: AsyncIterable<RecordBlock<JsonElement>>,
  shared: SharedIds,
): AsyncGenerator<RecordBlock<JsonElement>> {
  let open: RawRecord<JsonElement>[] = [];
  let trace = '';
  const take = (): RecordBlock<JsonElement> => {
    const records = open;
    open = [];
    shared.trace(records.flatMap((one) => ('value' in one ? [one.value.value] : [])));
    return { records, malformed: 0 };
  };
  for await (const { records, malformed } of blocks) {
    if (malformed > 0) yield { records: [], malformed };
    for (const record of records) {
      const of = 'value' in record ? `${record.value.document} ${record.value.path}` : trace;
      if (of !== trace && open.length > 0) yield take();
      trace = of;
      open.push(record);
    }
  }
  yield take();
}

function sniff(head: Head): { confidence: number; why: string } {
  const list = headJson(head);
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const span: unknown = Array.isArray(first) ? first[0] : first;
  if (!isJsonObject(span) || !isHex(span['traceId'], 32) || !isHex(span['id'], 16)) return NO;
  const marks = ['localEndpoint', 'remoteEndpoint', 'timestamp', 'duration', 'parentId', 'kind'];
  const has = marks.filter((key) => key in span).length;
  if (has === 0 || 'spanId' in span || 'binaryAnnotations' in span) return NO;
  const sure = 'localEndpoint' in span || has > 2;
  return {
    confidence: sure ? 0.97 : 0.7,
    why: 'A list of spans with "traceId", "id" and what else Zipkin says of them.',
  };
}

function isHex(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length <= most && /^[0-9a-fA-F]+$/.test(value);
}

const NO = { confidence: 0, why: '' };
