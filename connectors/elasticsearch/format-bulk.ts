import {
  RowSink,
  headJsonLines,
  isJsonObject,
  jsonLines,
  parseExact,
  readRecords,
  type ByteSource,
  type FileFormat,
  type Head,
  type JsonObject,
  type RawRecord,
  type RecordBlock,
} from '../../core/connect';
import { DOCUMENT_TABLES, describeDocuments } from './format-common';
import { FileDocuments } from './file-documents';

/**
 * Bodies of Elasticsearch's `_bulk`: a line with an action (`index`, `create`, `update`, `delete`) and, but for
 * `delete`, a line with the document.
 */
export const elasticsearchBulk: FileFormat = {
  id: 'elasticsearch-bulk',
  title: 'Elasticsearch bulk requests',
  tables: DOCUMENT_TABLES,
  sniff,
  describe: describeDocuments,
  read: (source, signal, choices) => {
    const sink = new RowSink();
    const documents = new FileDocuments(sink, choices);
    return readRecords(bulkRecords(source, signal), {
      sink,
      signal: 'logs',
      add: (record, where, text) => {
        const document = documentIn(record, sink);
        if (typeof document === 'string') return document;
        if (document) documents.add(document, where, text);
        return '';
      },
    });
  },
};

const ACTIONS = ['index', 'create', 'update', 'delete'] as const;
type Action = (typeof ACTIONS)[number];

interface BulkRecord {
  readonly action: Action;
  readonly meta: JsonObject;
  /** Missing for `delete`. */
  readonly source?: JsonObject;
}

function documentIn({ action, meta, source }: BulkRecord, sink: RowSink) {
  if (action === 'delete') {
    sink.notices.add(
      'deletes-skipped',
      'info',
      (n) => `${n} actions delete a document; they are no records.`,
    );
    return undefined;
  }
  const whole = action === 'update' ? upsertOf(source ?? {}) : source;
  if (!whole) return 'it updates a part of a document that the file does not hold';
  const { _index: index, _id: id } = meta;
  return {
    index: typeof index === 'string' ? index : '',
    id: typeof id === 'string' ? id : '',
    source: whole,
  };
}

/** An update carries a whole document only where it may create one. */
function upsertOf({ doc, doc_as_upsert: whole, upsert }: JsonObject): JsonObject | undefined {
  if (isJsonObject(upsert)) return upsert;
  return whole === true && isJsonObject(doc) ? doc : undefined;
}

function actionOf(value: JsonObject): { action: Action; meta: JsonObject } | undefined {
  const keys = Object.keys(value);
  const action = ACTIONS.find((name) => name === keys[0]);
  const meta = action === undefined ? undefined : value[action];
  if (action === undefined || keys.length !== 1 || !isJsonObject(meta)) return undefined;
  return Object.keys(meta).every((key) => META.has(key)) ? { action, meta } : undefined;
}

const META = new Set(
  (
    '_index _type _id routing _routing parent _parent version _version version_type pipeline require_alias ' +
    'require_data_stream if_seq_no if_primary_term retry_on_conflict _retry_on_conflict dynamic_templates ' +
    'op_type list_executed_pipelines _source'
  ).split(' '),
);

/** Pairs the lines; a line that can't be read costs the one record that it belongs to. */
async function* bulkRecords(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<RecordBlock<BulkRecord>> {
  const pairs = new Pairs();
  for await (const { records, malformed } of jsonLines(source, signal, parseExact)) {
    for (const record of records) pairs.line(record);
    yield { records: pairs.take(), malformed };
  }
  pairs.end();
  yield { records: pairs.take(), malformed: 0 };
}

class Pairs {
  private out: RawRecord<BulkRecord>[] = [];
  private open: { action: Action; meta: JsonObject; where: string; text: string } | undefined;
  /** A line that stands where an action should, and can't be read. */
  private broken: RawRecord<never> | undefined;

  line(record: RawRecord<JsonObject>): void {
    const { where, text } = record;
    const value = 'value' in record ? record.value : undefined;
    const action = value && actionOf(value);
    if (action) {
      this.settle('its document is missing');
      if (action.action === 'delete') this.out.push({ where, text, value: action });
      else this.open = { ...action, where, text };
    } else if (this.open) {
      const { action: of, meta, where: from } = this.open;
      this.open = undefined;
      if (value) this.out.push({ where, text, value: { action: of, meta, source: value } });
      else this.out.push({ where: from, text, reason: 'the line of its document is not JSON' });
    } else if (value) {
      this.broken = undefined;
      this.out.push({ where, text, reason: 'the action before it is missing or broken' });
    } else {
      this.settle('');
      this.broken = { where, text, reason: 'the line is not a JSON object' };
    }
  }

  end(): void {
    this.settle('the file ends before its document');
  }

  take(): readonly RawRecord<BulkRecord>[] {
    return this.out.splice(0);
  }

  private settle(reason: string): void {
    if (this.broken) this.out.push(this.broken);
    if (this.open) this.out.push({ where: this.open.where, text: this.open.text, reason });
    this.broken = undefined;
    this.open = undefined;
  }
}

function sniff(head: Head): { confidence: number; why: string } {
  const [first, second] = headJsonLines(head);
  const action = first && actionOf(first);
  if (!action || (action.action !== 'delete' && second === undefined)) {
    return { confidence: 0, why: '' };
  }
  return { confidence: 0.97, why: `Lines of actions ("${action.action}") and documents.` };
}
