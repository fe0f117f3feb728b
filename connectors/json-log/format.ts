import {
  LogObjects,
  RowSink,
  headJson,
  headJsonLines,
  isJsonObject,
  jsonObjects,
  logShapeOf,
  parseExact,
  readRecords,
  timeWritten,
  type Described,
  type FileFormat,
  type Head,
  type JsonObject,
} from '../../core/connect';

/** Logs of applications as JSON objects, one a line or in a list, of whatever logger: fields are guessed. */
export const jsonLog: FileFormat = {
  id: 'json-log',
  title: 'Application log, JSON lines',
  tables: ['resources', 'logs'],
  sniff,
  describe,
  read: (source, signal, choices) => {
    const sink = new RowSink();
    const objects = new LogObjects(sink, choices);
    return readRecords(jsonObjects(source, signal, parseExact), {
      sink,
      signal: 'logs',
      add: (value) => objects.add(value),
    });
  },
};

function docsOf(head: Head): readonly JsonObject[] {
  if (!/^\s*\[/.test(head.text.replace(/^\uFEFF/, ''))) return headJsonLines(head);
  const list = headJson(head);
  const docs = Array.isArray(list) ? list.filter(isJsonObject) : [];
  // The last one may have been cut.
  return docs.length > 1 ? docs.slice(0, -1) : docs;
}

const SURE_ENOUGH = 0.6;

function sniff(head: Head): { confidence: number; why: string } {
  const docs = docsOf(head);
  const shapes = docs.map(logShapeOf);
  const timed = shapes.filter(({ time, message, level }) => time && (message || level));
  if (timed.length === 0 || timed.length < docs.length * SURE_ENOUGH) {
    return { confidence: 0, why: '' };
  }
  const whole = timed.filter(({ message, level }) => message && level);
  const confidence = whole.length > timed.length / 2 ? 0.6 : 0.45;
  return { confidence, why: 'JSON objects with fields named as a time, a level or a message.' };
}

function describe(head: Head): Described {
  return {
    signals: ['logs'],
    ...timeWritten(docsOf(head)),
    clock: 'the application',
  };
}
