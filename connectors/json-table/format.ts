import {
  cellText,
  describeMapped,
  guessMapping,
  headJson,
  headJsonLines,
  isJsonObject,
  jsonElements,
  jsonLines,
  jsonRecords,
  jsonShape,
  leaves,
  peeked,
  previewMapped,
  readMapped,
  type ByteSource,
  type FileFormat,
  type Head,
  type JsonElement,
  type JsonObject,
  type JsonRecord,
  type MappedTable,
  type RawRecord,
  type ReadChoices,
  type RecordBlock,
  type TableHead,
} from '../../core/connect';

/** JSON lines, or a list of objects, of any shape: read by a mapping, or where nothing else takes the file. */
export const jsonTable: FileFormat = {
  id: 'json-table',
  title: 'JSON of unknown shape',
  tables: ['resources', 'logs', 'metric_series', 'samples', 'spans', 'alerts', 'changes'],
  sniff,
  describe: (head) => describeMapped(headOf(startOf(head).objects), head.name, 'whoever wrote it'),
  async *read(source, signal, choices) {
    yield* readMapped(await opened(source, signal, choices), choices);
  },
  preview: async (source, signal, choices) =>
    previewMapped(await opened(source, signal, choices), choices),
};

interface Start {
  /** The list that holds the records ('' for a document that is a list); undefined for JSON lines. */
  readonly list: string | undefined;
  readonly objects: readonly JsonObject[];
}

/** The first records: of lines, of a list, or of the first list of objects in a document. */
function startOf(head: Head): Start {
  const lines = headJsonLines(head);
  if (lines.length > 1) return { list: undefined, objects: lines };
  const value = headJson(head);
  // The last object of a head may be cut.
  if (Array.isArray(value)) return { list: '', objects: wholeOf(value) };
  if (isJsonObject(value)) {
    for (const [key, of] of Object.entries(value)) {
      if (Array.isArray(of) && isJsonObject(of[0]) && !key.includes('.')) {
        return { list: key, objects: wholeOf(of) };
      }
    }
  }
  return { list: undefined, objects: lines };
}

function wholeOf(list: readonly unknown[]): readonly JsonObject[] {
  const objects = list.filter(isJsonObject);
  return objects.length > 1 ? objects.slice(0, -1) : objects;
}

const ROWS = 200;

function headOf(objects: readonly JsonObject[]): TableHead {
  const at = new Map<string, number>();
  const rows: unknown[][] = [];
  for (const object of objects.slice(0, ROWS)) {
    const row: unknown[] = [];
    leaves(object, '', (name, value) => {
      const column = at.get(name) ?? at.size;
      at.set(name, column);
      row[column] = Array.isArray(value) ? cellText(value) : value;
    });
    rows.push(row);
  }
  return { columns: [...at.keys()], rows };
}

async function opened(
  given: ByteSource,
  signal: AbortSignal,
  choices?: ReadChoices,
): Promise<MappedTable<JsonObject>> {
  const records = choices?.mapping?.records;
  const { head, source } = await peeked(given, signal);
  if (records !== undefined) {
    const found = objectsAt(headJson(head), records.split('.'));
    const blocks = recordsOf(jsonRecords(source, signal, { lists: [records] }));
    return { name: given.name, head: headOf(found), shape: jsonShape, blocks };
  }
  const { list, objects } = startOf(head);
  const blocks =
    list === undefined
      ? jsonLines(source, signal)
      : objectsOf(jsonElements(source, signal, { lists: [list] }));
  return { name: given.name, head: headOf(objects), shape: jsonShape, blocks };
}

/** The objects of the list at a path. */
function objectsAt(value: unknown, [key, ...further]: readonly string[]): readonly JsonObject[] {
  if (key === undefined) return Array.isArray(value) ? wholeOf(value) : [];
  return isJsonObject(value) ? objectsAt(value[key], further) : [];
}

async function* recordsOf(
  blocks: AsyncIterable<RecordBlock<JsonRecord>>,
): AsyncGenerator<RecordBlock<JsonObject>> {
  for await (const { records, malformed } of blocks) {
    const plain = records.map((record): RawRecord<JsonObject> =>
      'value' in record ? { ...record, value: record.value.value } : record,
    );
    yield { records: plain, malformed };
  }
}

async function* objectsOf(
  blocks: AsyncIterable<RecordBlock<JsonElement>>,
): AsyncGenerator<RecordBlock<JsonObject>> {
  for await (const { records, malformed } of blocks) {
    yield { records: records.map(objectOf), malformed };
  }
}

function objectOf(record: RawRecord<JsonElement>): RawRecord<JsonObject> {
  if (!('value' in record)) return record;
  const { where, text } = record;
  const { value } = record.value;
  return isJsonObject(value) ? { where, text, value } : { where, text, reason: 'it is no object' };
}

function sniff(head: Head): { confidence: number; why: string } {
  const { list, objects } = startOf(head);
  if (objects.length === 0) return { confidence: 0, why: '' };
  const { columns, rows } = headOf(objects);
  const what = list === undefined ? 'JSON lines' : 'A list of JSON objects';
  const names = columns.length > 8 ? `${columns.slice(0, 8).join(', ')} …` : columns.join(', ');
  if (guessMapping({ columns, rows }, head.name)) {
    return { confidence: 0.25, why: `${what} with ${names}.` };
  }
  // A single object may be anything.
  if (objects.length < 2) return { confidence: 0, why: '' };
  return { confidence: 0.04, why: `${what}, but no member is known as a time: ${names}.` };
}
