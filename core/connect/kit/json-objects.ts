import type { ByteSource } from '../format';
import { isJsonObject, type JsonObject } from '../import-json';
import { jsonElements } from './json-elements';
import { peekSource } from './peek';
import { jsonLines, type RawRecord, type RecordBlock } from './records';

const OPEN_BRACKET = 91;
const PEEK = 64 << 10;

/** The objects of a file that has one a line, or a list of them; see `jsonLines` for `parse`. */
export async function* jsonObjects(
  source: ByteSource,
  signal: AbortSignal,
  parse?: (text: string) => unknown,
): AsyncGenerator<RecordBlock<JsonObject>> {
  const begun = (piece: Uint8Array): boolean => firstOf(piece) !== undefined;
  const { start, source: again } = await peekSource(source, signal, PEEK, begun);
  if (firstOf(start) !== OPEN_BRACKET) {
    yield* jsonLines(again, signal, parse);
    return;
  }
  const options = { lists: [''], ...(parse ? { parse } : {}) };
  for await (const { records, malformed } of jsonElements(again, signal, options)) {
    yield { records: records.map(objectOf), malformed };
  }
}

function objectOf(record: RawRecord<{ readonly value: unknown }>): RawRecord<JsonObject> {
  if (!('value' in record)) return record;
  const { where, text } = record;
  const { value } = record.value;
  return isJsonObject(value)
    ? { where, text, value }
    : { where, text, reason: 'it is not a JSON object' };
}

/** The first byte that is neither space nor part of a byte order mark. */
const firstOf = (bytes: Uint8Array): number | undefined =>
  bytes.find((byte) => byte > 32 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
