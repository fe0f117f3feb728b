import {
  RowSink,
  TimeReader,
  headJson,
  isJsonObject,
  jsonElements,
  readRecords,
  type FileFormat,
  type Head,
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
    const sink = new RowSink();
    const times = new TimeReader(sink.notices, { ...choices, timeUnit: choices?.timeUnit ?? 'µs' });
    const shared = new SharedIds();
    // In a list of spans the halves of a shared span may stand anywhere: which there are is found out first.
    for await (const { records } of jsonElements(source, signal, { lists: [''] })) {
      for (const record of records) if ('value' in record) shared.note(record.value.value);
      if (shared.inTraces) break;
    }
    const rows = new ZipkinRows(sink, times, shared);
    yield* readRecords(jsonElements(source, signal, { lists: [''] }), {
      sink,
      signal: 'spans',
      add: ({ value }, where, text) => rows.add(value, where, text),
    });
  },
};

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
