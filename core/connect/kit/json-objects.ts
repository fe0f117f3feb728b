import type { ByteSource } from '../format';
import { chunksOf } from '../import-bytes';
import { isJsonObject, type JsonObject } from '../import-json';
import { jsonElements } from './json-elements';
import { jsonLines, type RawRecord, type RecordBlock } from './records';

const OPEN_BRACKET = 91;

/** The objects of a file that has one a line, or a list of them; see `jsonLines` for `parse`. */
export async function* jsonObjects(
  source: ByteSource,
  signal: AbortSignal,
  parse?: (text: string) => unknown,
): AsyncGenerator<RecordBlock<JsonObject>> {
  const { first, again } = await begun(source, signal);
  if (first !== OPEN_BRACKET) {
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

/** The first byte that is no space, and the source with its first chunks put back. */
async function begun(
  source: ByteSource,
  signal: AbortSignal,
): Promise<{ first: number | undefined; again: ByteSource }> {
  const chunks = chunksOf(source.stream(), signal);
  const held: Uint8Array[] = [];
  let first: number | undefined;
  while (first === undefined) {
    const { done, value } = await chunks.next();
    if (done) break;
    held.push(value);
    first = value.find((byte) => byte > 32 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
  }
  const stream = (): ReadableStream<Uint8Array> =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        const chunk = held.shift() ?? (await chunks.next()).value;
        if (chunk instanceof Uint8Array) controller.enqueue(chunk);
        else controller.close();
      },
      async cancel() {
        await chunks.return(undefined);
      },
    });
  return { first, again: { name: source.name, stream } };
}
