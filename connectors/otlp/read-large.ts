import {
  isJsonObject,
  jsonElementTexts,
  type ByteSource,
  type JsonElementText,
  type JsonObject,
  type RawRecord,
} from '../../core/connect';
import { OTLP_LISTS } from './dialects';

/** Records of a resource whose list is walked: `resourceSpans[3].scopeSpans[0].spans`. */
const RECORD_LISTS = OTLP_LISTS.map((list) => `${list}.*.*.*.*`);
const RECORDS = /^(.*\[\d+\])\.([A-Za-z_]+)\[(\d+)\]\.(spans|logRecords|log_records|logs|metrics)$/;
const SCOPE_NAMES = ['scope', 'instrumentationLibrary', 'instrumentation_library'];
/** About as much is decoded at once. */
const PIECE = 1 << 20;

export interface LargeElement {
  readonly document: number;
  /** `resourceSpans[3]` */
  readonly place: string;
  readonly reason: string;
}

/** A part of a resource as a whole one: some of its records, with resource and scope. */
export type Part =
  | { readonly where: string; readonly text: string; readonly key: string }
  | { readonly where: string; readonly text: string; readonly reason: string };

/**
 * Resources that are too large to be held whole, in parts: once over the file for what stands around their
 * records, once more for the records. Where a file was cut before it names the resource, it is left out.
 */
export async function* partsOf(
  source: ByteSource,
  signal: AbortSignal,
  large: readonly LargeElement[],
  maxRecord: number,
): AsyncGenerator<Part> {
  const around = await documentsOf(source, signal);
  const known = new Map<string, JsonObject>();
  for (const { document, place, reason } of large) {
    const item = at(around.get(document), place);
    if (isJsonObject(item) && 'resource' in item) known.set(`${document} ${place}`, item);
    else yield { where: place, text: '', reason };
  }
  if (known.size === 0) return;
  const options = { lists: RECORD_LISTS, maxElement: maxRecord };
  let open: Gathered | undefined;
  for await (const { records } of jsonElementTexts(source, signal, options)) {
    for (const record of records) {
      const list = listOf(record, known);
      if (!list) continue;
      const { where, text } = record;
      if ('value' in record && record.value.tooLong) {
        yield { where, text: '', reason: `it has over ${record.value.length} bytes` };
        continue;
      }
      if (open && (open.list.key !== list.key || open.size > PIECE)) {
        yield whole(open);
        open = undefined;
      }
      open ??= { list, where: `${where} and on`, texts: [], size: 0 };
      open.texts.push(text);
      open.size += text.length;
    }
  }
  if (open) yield whole(open);
}

interface RecordList {
  /** Equal for records that may be read together. */
  readonly key: string;
  readonly top: string;
  readonly before: string;
}

interface Gathered {
  readonly list: RecordList;
  readonly where: string;
  readonly texts: string[];
  size: number;
}

function whole({ list, where, texts }: Gathered): Part {
  return { where, text: `${list.before}${texts.join(',')}]}]}`, key: list.top };
}

/** The list that a record stands in, where it is one of a large resource. */
function listOf(
  record: RawRecord<JsonElementText>,
  known: ReadonlyMap<string, JsonObject>,
): RecordList | undefined {
  if (!('value' in record)) return undefined;
  const { path, document } = record.value;
  const [, place = '', scopes = '', index = '', records = ''] = RECORDS.exec(path) ?? [];
  const item = known.get(`${document} ${place}`);
  if (!item) return undefined;
  const list = item[scopes];
  const scope: unknown = Array.isArray(list) ? list[Number(index)] : undefined;
  const name = SCOPE_NAMES.find((one) => isJsonObject(scope) && one in scope);
  const named = name && isJsonObject(scope) ? `"${name}":${JSON.stringify(scope[name])},` : '';
  const resource = JSON.stringify(item['resource'] ?? {});
  return {
    key: `${document} ${path}`,
    top: place.slice(place.lastIndexOf('.') + 1, place.lastIndexOf('[')),
    before: `{"resource":${resource},"${scopes}":[{${named}"${records}":[`,
  };
}

/** Documents without the records in them, by number. */
async function documentsOf(
  source: ByteSource,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, unknown>> {
  const documents = new Map<number, unknown>();
  const elements = jsonElementTexts(source, signal, {
    lists: RECORD_LISTS,
    maxElement: 0,
    onRest: (rest, document) => documents.set(document, rest),
    onCutRest: (rest, document) => documents.set(document, rest),
  });
  for await (const _ of elements);
  return documents;
}

/** What stands at `trace.resourceSpans[3]` or `[0].batches[1]`. */
function at(document: unknown, place: string): unknown {
  return (place.match(/[^.[\]]+/g) ?? []).reduce((value: unknown, key) => {
    if (Array.isArray(value)) return value[Number(key)] as unknown;
    return isJsonObject(value) ? value[key] : undefined;
  }, document);
}
