import {
  RowSink,
  headJsonLines,
  headLines,
  isJsonObject,
  parseExact,
  readRecords,
  textLines,
  type FileFormat,
  type Head,
  type JsonObject,
} from '../../core/connect';
import { FileDocuments, documentOf } from './file-documents';
import { DOCUMENT_TABLES, describeDocuments } from './format-common';

/**
 * What elasticdump writes, and hits as JSON lines: `_index`, `_id` and `_source`. Its dumps of mappings, settings,
 * aliases and templates hold no documents and are passed over. One with --sourceOnly is a log of JSON lines.
 */
export const elasticdump: FileFormat = {
  id: 'elasticdump',
  title: 'Elasticsearch documents (elasticdump)',
  tables: DOCUMENT_TABLES,
  sniff,
  describe: describeDocuments,
  read: (source, signal, choices) => {
    const sink = new RowSink();
    const documents = new FileDocuments(sink, choices);
    return readRecords(textLines(source, signal), {
      sink,
      signal: 'logs',
      add: (line, where) => add(line, where, documents, sink),
    });
  },
};

function add(line: string, where: string, documents: FileDocuments, sink: RowSink): string {
  const value = objectIn(line);
  if (!value) return 'the line is not a JSON object';
  if (isDefinition(value)) {
    sink.notices.add(
      'definitions-skipped',
      'info',
      (n) =>
        `${n} lines define indices (mappings, settings, aliases or templates); they hold no documents.`,
    );
    return '';
  }
  const document = documentOf(value);
  if (typeof document === 'string') return document;
  documents.add(document, where, line);
  return '';
}

/** Settings are written as JSON within a JSON text. */
function objectIn(line: string): JsonObject | undefined {
  try {
    let value = parseExact(line);
    if (typeof value === 'string') value = JSON.parse(value);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `{"<index>": {"mappings" | "settings" | "aliases": {…}}}`, or a template by its name. */
function isDefinition(value: JsonObject): boolean {
  if ('_source' in value || '_index' in value) return false;
  if (Array.isArray(value['index_templates']) || Array.isArray(value['component_templates'])) {
    return true;
  }
  // An alias or pattern that names nothing stands there with nothing in it.
  const members = Object.values(value);
  return members.every(isJsonObject) && members.some((of) => DEFINITIONS.some((key) => key in of));
}

const DEFINITIONS = ['mappings', 'settings', 'aliases', 'index_patterns'];

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headJsonLines(head);
  const fits = lines.filter(
    ({ _index: index, _source: source, fields }) =>
      typeof index === 'string' && (isJsonObject(source) || isJsonObject(fields)),
  );
  if (fits.length > 0 && fits.length >= lines.length * 0.8) {
    return { confidence: 0.97, why: 'JSON lines with "_index", "_id" and "_source".' };
  }
  const first = headLines(head)[0] ?? '';
  const definition = /^["{]/.test(first) ? objectIn(first) : undefined;
  return definition && isDefinition(definition)
    ? { confidence: 0.9, why: 'Mappings, settings or templates of Elasticsearch: no documents.' }
    : { confidence: 0, why: '' };
}
