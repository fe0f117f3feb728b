import {
  LogObjects,
  RowSink,
  csvRecords,
  headCsv,
  isJsonObject,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
  type ReadChoices,
} from '../../core/connect';

/** Kibana's default: MMM D, YYYY @ HH:mm:ss.SSS, in the time zone of the browser. */
const KIBANA_TIME = /^[A-Z][a-z]{2} \d{1,2}, \d{4} @ \d\d:\d\d:\d\d(?:\.\d{3,9})?$/;
/** Where a document lies and how well it fits, not what it says. */
const PASSED_OVER = new Set(['_score', '_type', '_version', '_ignored', 'sort']);

/** The CSV report of Discover in Kibana and OpenSearch Dashboards. */
export const kibanaCsv: FileFormat = {
  id: 'kibana-csv',
  title: 'Kibana Discover, CSV',
  tables: ['resources', 'logs'],
  sniff,
  describe: () => ({
    signals: ['logs'],
    time: 'text',
    zone: 'unknown',
    clock: 'whoever wrote the documents, shown in the zone of the browser',
    guessed: true,
  }),
  read: (source, signal, choices) => {
    const sink = new RowSink();
    return readRecords(csvRecords(source, signal, ','), {
      sink,
      signal: 'logs',
      add: rowsOf(sink, choices),
    });
  },
};

function rowsOf(sink: RowSink, choices: ReadChoices | undefined) {
  const objects = new LogObjects(sink, choices);
  let header: readonly string[] | undefined;
  return (fields: readonly string[]): string => {
    if (!header) {
      header = fields.map((name) => name.replace(/^\uFEFF/, '').trim());
      return '';
    }
    if (fields.length !== header.length) {
      return `it has ${fields.length} fields, the header has ${header.length}`;
    }
    return objects.add(documentOf(header, fields));
  };
}

/** A row as a document; "-" stands for a field that is missing. */
function documentOf(header: readonly string[], fields: readonly string[]): JsonObject {
  const doc: Record<string, unknown> = {};
  for (const [i, name] of header.entries()) {
    const value = fields[i] ?? '';
    if (value === '-' || value === '' || PASSED_OVER.has(name)) continue;
    const whole = name === '_source' || name === 'Document' ? objectIn(value) : undefined;
    if (whole) Object.assign(doc, whole);
    // What a spreadsheet would take for a formula is written behind an apostrophe.
    else doc[name] = /^'[=+\-@]/.test(value) ? value.slice(1) : value;
  }
  return doc;
}

function objectIn(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function sniff(head: Head): { confidence: number; why: string } {
  const table = headCsv(head);
  if (table?.delimiter !== ',') return { confidence: 0, why: '' };
  const at = table.header.findIndex((_, i) => {
    const values = table.rows.map((row) => row[i] ?? '').filter((v) => v !== '-' && v !== '');
    return (
      values.length > 0 && values.filter((v) => KIBANA_TIME.test(v)).length > values.length * 0.7
    );
  });
  return at < 0
    ? { confidence: 0, why: '' }
    : {
        confidence: 0.96,
        why: `A table with times as Kibana writes them in "${table.header[at]}".`,
      };
}
