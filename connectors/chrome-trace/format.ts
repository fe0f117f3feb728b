import {
  RowSink,
  TimeReader,
  headJson,
  isJsonObject,
  jsonElements,
  readRecords,
  type FileFormat,
  type Head,
  type JsonElement,
  type RecordBlock,
} from '../../core/connect';
import { TraceRows } from './events';
import { LISTS, clockOf, surveyOf } from './survey';

/**
 * The Trace Event Format of chrome://tracing and Perfetto: what Chrome, Node, V8, Bazel, the TypeScript compiler,
 * PyTorch and many others write. A list of events, or an object with `traceEvents`.
 */
export const chromeTrace: FileFormat = {
  id: 'chrome-trace',
  title: 'Chrome trace events, JSON',
  tables: ['resources', 'spans', 'span_links', 'logs', 'metric_series', 'samples'],
  sniff,
  describe: () => ({
    signals: ['spans', 'logs', 'samples'],
    time: 'µs',
    zone: 'UTC',
    clock: "the tracer's, since any moment; put at a wall clock where the file has one",
    guessed: true,
  }),
  read: async function* (source, signal, choices) {
    const sink = new RowSink();
    const survey = await surveyOf(source, signal);
    const clock = clockOf(survey, new TimeReader(sink.notices, choices), sink.notices, choices);
    const rows = new TraceRows(sink, survey, clock, choices);
    const events = jsonElements(source, signal, { lists: LISTS });
    yield* readRecords(mayStayOpen(events, sink), {
      sink,
      signal: 'spans',
      add: ({ value }) => rows.add(value),
      end: () => rows.end(),
    });
  },
};

/** A list of events may end without its bracket: a tracer that dies has written all it knew. */
async function* mayStayOpen(
  blocks: AsyncIterable<RecordBlock<JsonElement>>,
  sink: RowSink,
): AsyncGenerator<RecordBlock<JsonElement>> {
  for await (const { records, malformed } of blocks) {
    const kept = records.filter((record) => 'value' in record || record.where !== 'the end');
    if (kept.length < records.length) {
      sink.notices.add(
        'document-open',
        'info',
        () =>
          'The file ends without closing its list, as tracers may leave it; it may have been cut.',
      );
    }
    yield { records: kept, malformed };
  }
}

const PHASES = /^[BEXbensftiICMRSTFpPONDvVcRa(),]$/;

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const events = isJsonObject(value) ? value['traceEvents'] : value;
  if (!Array.isArray(events)) return NO;
  const first = events.slice(0, 5).filter(isEvent).length;
  const named = isJsonObject(value);
  if (first === 0) {
    // An empty trace, or one whose events lie beyond what is seen.
    return named && ('displayTimeUnit' in value || events.length === 0)
      ? { confidence: 0.8, why: 'A JSON document with "traceEvents".' }
      : NO;
  }
  return {
    confidence: named ? 0.98 : 0.95,
    why: `A ${named ? 'JSON document with "traceEvents"' : 'list'} of events with "ph", "pid" and "ts".`,
  };
}

function isEvent(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { ph, pid, ts, name } = value;
  const timed = typeof ts === 'number' || typeof ts === 'string' || ph === 'M';
  return (
    typeof ph === 'string' && PHASES.test(ph) && timed && (pid !== undefined || name !== undefined)
  );
}

const NO = { confidence: 0, why: '' };
