import { ByteBuffer } from 'flatbuffers';
import { Footer } from 'apache-arrow/fb/footer';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import type { RandomBytes } from '../../core/connect';
import type { ArrowMessage } from './compressed';

const MAGIC = 'ARROW1';
const TAIL = 4 + MAGIC.length;
const CONTINUES = 0xffffffff;
const MAX_FOOTER = 64 << 20;
/** Bytes before the footer in the message that is made of it. */
const BEFORE = 32;

/**
 * The messages of an Arrow file by its footer (arrow.apache.org/docs/format/Columnar.html, IPC File Format), for
 * files whose schema stands there alone: the schema, dictionaries, then record batches. Throws where the footer
 * or a message that it names is not there.
 */
export async function* footerMessages(file: RandomBytes): AsyncGenerator<ArrowMessage> {
  const tail = await file.read(Math.max(0, file.size - TAIL), TAIL);
  if (tail.length < TAIL || new TextDecoder().decode(tail.subarray(4)) !== MAGIC) {
    throw new Error('its schema stands in a footer at its end, which is missing');
  }
  const length = wordAt(tail, 0);
  if (length > MAX_FOOTER || length + TAIL > file.size) throw new Error('its footer is broken');
  const bytes = await file.read(file.size - TAIL - length, length);
  const footer = Footer.getRootAsFooter(new ByteBuffer(bytes));
  yield { metadata: schemaMessage(footer, bytes), body: new Uint8Array() };
  const seen = new Set<number>();
  const most = length / 24;
  for (const [count, at] of [
    [footer.dictionariesLength(), (i: number) => footer.dictionaries(i)],
    [footer.recordBatchesLength(), (i: number) => footer.recordBatches(i)],
  ] as const) {
    if (count > most) throw new Error('its footer is broken');
    for (let i = 0; i < count; i++) {
      const block = at(i);
      const offset = Number(block?.offset() ?? 0n);
      if (!block || seen.has(offset)) throw new Error('its footer names a message twice');
      seen.add(offset);
      yield await messageAt(file, offset, block.metaDataLength(), Number(block.bodyLength()));
    }
  }
}

async function messageAt(
  file: RandomBytes,
  offset: number,
  metadataLength: number,
  bodyLength: number,
): Promise<ArrowMessage> {
  const length = metadataLength + bodyLength;
  if (metadataLength < 8 || bodyLength < 0 || offset < 8 || offset + length > file.size) {
    throw new Error('its footer names a message that is not in the file');
  }
  const bytes = await file.read(offset, length);
  // Before version 0.15 the length stands without a mark before it.
  const from = wordAt(bytes, 0) === CONTINUES ? 8 : 4;
  const size = wordAt(bytes, from - 4);
  if (bytes.length < length || from + size > metadataLength) {
    throw new Error('it is cut within a message');
  }
  return {
    metadata: bytes.slice(from, from + size),
    body: bytes.subarray(metadataLength),
  };
}

/** A message around the footer, whose header is the schema within it: offsets in flatbuffers are relative. */
function schemaMessage(footer: Footer, bytes: Uint8Array): Uint8Array {
  const schema = footer.schema();
  if (!schema) throw new Error('its footer has no schema');
  const out = new Uint8Array(Math.ceil((BEFORE + bytes.length) / 8) * 8);
  const view = new DataView(out.buffer);
  const [vtable, table] = [4, 16];
  view.setUint32(0, table, true);
  // Its own length, the table's, then where version, type of the header and header stand; no body.
  for (const [i, value] of [12, 12, 4, 6, 8, 0].entries())
    view.setUint16(vtable + i * 2, value, true);
  view.setInt32(table, table - vtable, true);
  view.setInt16(table + 4, footer.version(), true);
  view.setUint8(table + 6, MessageHeader.Schema);
  view.setUint32(table + 8, BEFORE + schema.bb_pos - (table + 8), true);
  out.set(bytes, BEFORE);
  return out;
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes.length < at + 4
    ? 0
    : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
