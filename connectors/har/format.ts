import {
  asObject,
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
  type JsonObject,
  type RecordBlock,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { HarRows, type Origin, textOf } from './entries';

const HEAD = 64 << 10;

/** HTTP Archive 1.2 (and 1.1): what a browser's network panel saves, a proxy or a test runner records. */
export const har: FileFormat = {
  id: 'har',
  title: 'HTTP Archive (HAR)',
  tables: ['resources', 'spans', 'span_events', 'span_links'],
  sniff,
  describe: () => ({
    signals: ['spans'],
    time: 'text',
    zone: 'stated',
    clock: 'the browser, or the proxy that recorded',
    guessed: false,
  }),
  read: async function* (source, signal, choices) {
    const sink = new RowSink();
    const times = new TimeReader(sink.notices, choices);
    const rows = new HarRows(sink, times, await originOf(source, signal));
    const entries = jsonElements(source, signal, { lists: ['log.entries'] });
    yield* readRecords(withoutText(entries), {
      sink,
      signal: 'spans',
      add: ({ value }) => rows.entry(value),
      end: () => rows.pages(),
    });
  },
};

/** Pages, and who wrote the file, wherever they stand. Entries are passed over. */
async function originOf(source: ByteSource, signal: AbortSignal): Promise<Origin> {
  const pages = new Map<string, JsonObject>();
  const { start, source: whole } = await peekSource(source, signal, HEAD, () => false);
  // Mostly they stand at the beginning, and are known there of a file that was cut, too.
  const text = new TextDecoder().decode(start);
  let log = logOf(headJson({ name: source.name, bytes: start, text }));
  let first = '';
  const elements = jsonElements(whole, signal, {
    lists: ['log.pages', 'log.entries'],
    onRest: (rest) => {
      log = { ...log, ...logOf(rest) };
    },
  });
  for await (const { records } of elements) {
    for (const record of records) {
      if (!('value' in record) || !isJsonObject(record.value.value)) continue;
      const { path, value } = record.value;
      if (path === 'log.pages') pages.set(textOf(value['id']), value);
      first ||= textOf(value['startedDateTime']) + textOf(value['id']);
    }
  }
  return { pages, resource: resourceOf(log), seed: `har ${first}` };
}

function logOf(document: unknown): JsonObject {
  const log = isJsonObject(document) ? document['log'] : undefined;
  return isJsonObject(log) ? { browser: log['browser'], creator: log['creator'] } : {};
}

function resourceOf(log: JsonObject): Attributes {
  const { browser, creator } = log;
  const by = isJsonObject(browser) && textOf(browser['name']) !== '' ? browser : creator;
  const { name, version } = asObject(by);
  const own = isJsonObject(browser) && by === browser;
  return {
    'service.name': textOf(name) || 'browser',
    ...(textOf(version) ? { [own ? 'browser.version' : 'service.version']: textOf(version) } : {}),
  };
}

/** The text of an entry that can't be parsed may hold cookies under any name: it is not shown. */
async function* withoutText(
  blocks: AsyncIterable<RecordBlock<JsonElement>>,
): AsyncGenerator<RecordBlock<JsonElement>> {
  for await (const { records, malformed } of blocks) {
    yield {
      malformed,
      records: records.map((record) => ({ ...record, text: shown(record) })),
    };
  }
}

function shown(record: RecordBlock<JsonElement>['records'][number]): string {
  if (!('value' in record)) return `(an entry of ${record.text.length} characters)`;
  const entry = record.value.value;
  const request = isJsonObject(entry) ? entry['request'] : undefined;
  const { method, url } = asObject(request);
  return `${textOf(method)} ${textOf(url)
    .replace(/[?#;].*$/s, '')
    .replace(/\/\/[^/@]*@/, '//')}`.trim();
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const log = isJsonObject(value) ? value['log'] : undefined;
  if (!isJsonObject(log)) return NO;
  const marks = ['entries', 'creator', 'version', 'pages', 'browser'].filter((key) => key in log);
  const entries = log['entries'];
  const first: unknown = Array.isArray(entries) ? entries[0] : undefined;
  const isEntry = isJsonObject(first) && ('startedDateTime' in first || 'request' in first);
  if (!isEntry && !('creator' in log && marks.length > 1)) return NO;
  return {
    confidence: isEntry && 'creator' in log ? 0.98 : 0.9,
    why: `A JSON document with "log" that has ${marks.map((key) => `"${key}"`).join(', ')}, as HTTP Archives have.`,
  };
}

const NO = { confidence: 0, why: '' };
