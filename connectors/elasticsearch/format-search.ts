import {
  RowSink,
  headJson,
  isJsonObject,
  jsonElements,
  parseExact,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
} from '../../core/connect';
import { FileDocuments, documentOf } from './file-documents';
import { DOCUMENT_TABLES, describeDocuments } from './format-common';

/** Answers of Elasticsearch's and OpenSearch's `_search`, `_msearch` and asynchronous searches, or a list of hits. */
export const elasticsearchSearch: FileFormat = {
  id: 'elasticsearch-search',
  title: 'Elasticsearch search answer',
  tables: DOCUMENT_TABLES,
  sniff,
  describe: describeDocuments,
  read: (source, signal, choices) => {
    const sink = new RowSink();
    const documents = new FileDocuments(sink, choices);
    let hits = 0;
    let total = 0;
    const elements = jsonElements(source, signal, {
      lists: ['hits.hits', 'responses.*.hits.hits', 'response.hits.hits', ''],
      parse: parseExact,
      onRest: (rest) => {
        for (const answer of answersIn(rest)) total += remarks(answer, sink);
      },
    });
    return readRecords(elements, {
      sink,
      signal: 'logs',
      add: ({ value }, where, text) => {
        hits++;
        const document = documentOf(value);
        if (typeof document === 'string') return document;
        documents.add(document, where, text);
        return '';
      },
      end: () => {
        const missing = total - hits;
        if (missing <= 0) return;
        sink.notices.add(
          'hits-left-out',
          'warning',
          (n) =>
            `The searches found ${n} documents more than the file holds. Page or scroll for them.`,
          missing,
        );
      },
    });
  },
};

/** The answers that a document is made of. */
function answersIn(rest: unknown): readonly JsonObject[] {
  if (!isJsonObject(rest)) return [];
  const { responses, response } = rest;
  if (Array.isArray(responses)) return responses.filter(isJsonObject);
  return [isJsonObject(response) ? response : rest];
}

/** Says where an answer is not whole; how many documents it found. */
function remarks(
  { timed_out: timedOut, _shards: shards, hits }: JsonObject,
  sink: RowSink,
): number {
  if (timedOut === true) {
    sink.notices.add(
      'search-timed-out',
      'warning',
      (n) => `${n} searches ran out of time on the server; documents may be missing.`,
    );
  }
  const failed = isJsonObject(shards) ? shards['failed'] : 0;
  if (typeof failed === 'number' && failed > 0) {
    sink.notices.add(
      'shards-failed',
      'warning',
      (n) => `${n} shards did not answer, so documents are missing.`,
      failed,
    );
  }
  const total = isJsonObject(hits) ? hits['total'] : 0;
  const value = isJsonObject(total) ? total['value'] : total;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0;
}

const isHit = (value: unknown): boolean =>
  isJsonObject(value) &&
  typeof value['_index'] === 'string' &&
  ('_source' in value || 'fields' in value || '_id' in value);

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  if (Array.isArray(value)) {
    const [first] = value;
    if (isHit(first))
      return { confidence: 0.96, why: 'A list of hits with "_index" and "_source".' };
    return NO;
  }
  if (!isJsonObject(value)) return NO;
  const { responses, response } = value;
  const inner: unknown = Array.isArray(responses) ? responses[0] : (response ?? value);
  return hitsOf(inner) ? FOUND : NO;
}

/** True for an answer with its list of hits, where the head goes as far as that. */
function hitsOf(answer: unknown): boolean {
  if (!isJsonObject(answer)) return false;
  const { hits, took, _shards: shards } = answer;
  if (!isJsonObject(hits)) return false;
  const list = hits['hits'];
  if (Array.isArray(list) && list.length > 0) return isHit(list[0]);
  return (Array.isArray(list) || 'total' in hits) && (took !== undefined || shards !== undefined);
}

const NO = { confidence: 0, why: '' };
const FOUND = { confidence: 0.97, why: 'An answer of a search with "hits".' };
