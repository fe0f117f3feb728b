import { ByteBuffer } from 'flatbuffers';
import type { Field } from 'apache-arrow/fb/field';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import type { RecordBatch } from 'apache-arrow/fb/record-batch';
import { Schema } from 'apache-arrow/fb/schema';
import { throwIfAborted } from '../../core/base';
import { randomAccess, type ByteSource } from '../../core/connect';
import { batchOf, decompressed, type ArrowMessage } from './compressed';
import { footerMessages } from './footer';

/** "ARROW1" and two bytes of padding, after which a file is a stream, with a footer behind its end. */
const MAGIC = 8;
const CONTINUES = 0xffffffff;
const MAX_METADATA = 16 << 20;
const MAX_BODY = 1 << 30;

/**
 * The messages of an Arrow stream or file, one after the other, once their lengths are known to fit: a damaged
 * message can ask a reader for any number of fields or values. Ends where one does not fit or is cut, and says
 * why: what comes before it is whole.
 */
export async function* checkedMessages(
  source: ByteSource,
  signal: AbortSignal,
  onFault: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  const bytes = new Taker(source, signal);
  try {
    let first = true;
    for await (const message of streamMessages(bytes)) {
      if (first && !isSchema(message.metadata)) {
        // Some writers of files leave the schema to the footer.
        const file = await randomAccess(source, signal);
        for await (const one of footerMessages(file)) yield checked(one);
        return;
      }
      first = false;
      yield checked(message);
    }
  } catch (error) {
    throwIfAborted(signal);
    onFault(error);
  } finally {
    await bytes.close();
  }
}

/** Messages as they follow one another; throws where one is cut. */
async function* streamMessages(bytes: Taker): AsyncGenerator<ArrowMessage> {
  let head = await bytes.take(4);
  if (new TextDecoder().decode(head) === 'ARRO') {
    await bytes.take(MAGIC - 4);
    head = await bytes.take(4);
  }
  for (; head.length === 4; head = await bytes.take(4)) {
    const prefix = word(head) === CONTINUES ? await bytes.take(4) : head;
    if (prefix.length < 4) throw new Error('it is cut within a message');
    const length = word(prefix);
    if (length === 0) return;
    if (length > MAX_METADATA) throw new Error('a message is larger than any is');
    const metadata = await bytes.take(length);
    if (metadata.length < length) throw new Error('it is cut within a message');
    const size = bodyLength(metadata);
    const body = await bytes.take(size);
    if (body.length < size) throw new Error('it is cut within a message');
    yield { metadata, body };
  }
}

/** The message, decompressed, as the library takes it. */
function checked(message: ArrowMessage): Uint8Array {
  if (bodyLength(message.metadata) !== message.body.length) {
    throw new Error('a message does not fit its length');
  }
  const plain = decompressed(message, MAX_BODY);
  if (plain !== message) bodyLength(plain.metadata);
  return framed(plain.metadata, plain.body);
}

function framed(metadata: Uint8Array, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(8 + metadata.length + body.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, CONTINUES, true);
  view.setUint32(4, metadata.length, true);
  out.set(metadata, 8);
  out.set(body, 8 + metadata.length);
  return out;
}

const word = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);

const isSchema = (metadata: Uint8Array): boolean =>
  Message.getRootAsMessage(new ByteBuffer(metadata)).headerType() === MessageHeader.Schema;

/** How many bytes follow a message's metadata, whose lists are no longer than it could hold. */
function bodyLength(metadata: Uint8Array): number {
  const message = Message.getRootAsMessage(new ByteBuffer(metadata));
  const body = Number(message.bodyLength());
  if (body < 0 || body > MAX_BODY) throw new Error('a message is larger than any is');
  const most = metadata.length / 4;
  const batch = batchOf(message);
  const schema =
    message.headerType() === MessageHeader.Schema ? message.header(new Schema()) : undefined;
  const fine =
    message.customMetadataLength() <= most &&
    (!batch || fits(batch, body, most)) &&
    (!schema || fieldsFit(schema, most));
  if (!fine) throw new Error('a message does not fit its length');
  return body;
}

/** Values take a bit at least; a column of nulls may have as many as a column beside it could. */
function fits(batch: RecordBatch, body: number, most: number): boolean {
  // What is compressed is looked at once more when it is not.
  const values = BigInt((batch.compression() ? MAX_BODY : body) * 8 + 1024);
  if (batch.length() > values || batch.nodesLength() > most || batch.buffersLength() > most)
    return false;
  for (let at = 0; at < batch.nodesLength(); at++) {
    const length = batch.nodes(at)?.length() ?? 0n;
    if (length < 0n || length > values) return false;
  }
  for (let at = 0; at < batch.buffersLength(); at++) {
    const buffer = batch.buffers(at);
    const [from, length] = [buffer?.offset() ?? 0n, buffer?.length() ?? 0n];
    if (from < 0n || length < 0n || from + length > BigInt(body)) return false;
  }
  return true;
}

const DEPTH = 32;

function fieldsFit(schema: Schema, most: number): boolean {
  let seen = 0;
  const fine = (field: Field | null, depth: number): boolean => {
    if (!field || depth > DEPTH || ++seen > most || field.name() === null) return false;
    const children = field.childrenLength();
    if (children > most || field.customMetadataLength() > most) return false;
    for (let at = 0; at < children; at++) if (!fine(field.children(at), depth + 1)) return false;
    return true;
  };
  if (schema.fieldsLength() > most || schema.customMetadataLength() > most) return false;
  for (let at = 0; at < schema.fieldsLength(); at++) if (!fine(schema.fields(at), 0)) return false;
  return true;
}

/** Takes bytes off a stream, as many as are asked for; fewer only at its end. */
class Taker {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private held = new Uint8Array();

  constructor(
    source: ByteSource,
    private readonly signal: AbortSignal,
  ) {
    this.reader = source.stream().getReader();
  }

  async take(length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [this.held];
    let have = this.held.length;
    while (have < length) {
      throwIfAborted(this.signal);
      const { done, value } = await this.reader.read();
      if (done) break;
      pieces.push(value);
      have += value.length;
    }
    const all = pieces.length === 1 ? this.held : joined(pieces, have);
    this.held = all.slice(length);
    return all.slice(0, length);
  }

  async close(): Promise<void> {
    await this.reader.cancel().catch(() => undefined);
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
