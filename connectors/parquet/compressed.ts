import { ByteBuffer } from 'flatbuffers';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { decompressZstd } from 'hyparquet-compressors';
import { unlz4 } from '../../core/connect';

/** Slots of the tables below in their vtables (Message.fbs). */
const BODY_LENGTH = 10;
const COMPRESSION = 10;
const BUFFER_BYTES = 16;

export interface ArrowMessage {
  readonly metadata: Uint8Array;
  readonly body: Uint8Array;
}

/** The record batch that a message brings, of a dictionary, too; undefined where it brings none. */
export function batchOf(message: Message): RecordBatch | undefined {
  switch (message.headerType()) {
    case MessageHeader.RecordBatch:
      return (message.header(new RecordBatch()) as RecordBatch | null) ?? undefined;
    case MessageHeader.DictionaryBatch:
      return (message.header(new DictionaryBatch()) as DictionaryBatch | null)?.data() ?? undefined;
    default:
      return undefined;
  }
}

/**
 * A message with its buffers decompressed (Feather, `compression="lz4"`): the library reads none that are
 * compressed. The same message where they are not. Throws where they can not be, or would be over `most` bytes.
 */
export function decompressed(given: ArrowMessage, most: number): ArrowMessage {
  const metadata = given.metadata.slice();
  const bytes = new ByteBuffer(metadata);
  const message = Message.getRootAsMessage(bytes);
  const batch = batchOf(message);
  const compression = batch?.compression();
  if (!batch || !compression) return given;
  const codec = compression.codec();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let at = 0; at < batch.buffersLength(); at++) {
    const buffer = batch.buffers(at);
    if (!buffer) continue;
    const from = Number(buffer.offset());
    const packed = given.body.subarray(from, from + Number(buffer.length()));
    const plain = unpacked(packed, codec, most - length);
    bytes.writeInt64(buffer.bb_pos, BigInt(length));
    bytes.writeInt64(buffer.bb_pos + BUFFER_BYTES / 2, BigInt(plain.length));
    pieces.push(plain);
    length += Math.ceil(plain.length / 8) * 8;
  }
  const body = new Uint8Array(length);
  let to = 0;
  for (const piece of pieces) {
    body.set(piece, to);
    to += Math.ceil(piece.length / 8) * 8;
  }
  const fields = vtableOf(bytes, message.bb_pos);
  const place = bytes.readInt16(fields) > BODY_LENGTH ? bytes.readInt16(fields + BODY_LENGTH) : 0;
  if (place === 0) throw new Error('a message has no length');
  bytes.writeInt64(message.bb_pos + place, BigInt(length));
  // The batch says no more that it is compressed.
  bytes.writeInt16(vtableOf(bytes, batch.bb_pos) + COMPRESSION, 0);
  return { metadata, body };
}

/** Where a table says where its fields stand. */
const vtableOf = (bytes: ByteBuffer, table: number): number => table - bytes.readInt32(table);

/** Eight bytes say how long it becomes; -1 stands before what is not compressed. */
function unpacked(packed: Uint8Array, codec: CompressionType, most: number): Uint8Array {
  if (packed.length === 0) return packed;
  if (packed.length < 8) throw new Error('a compressed buffer is cut');
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const length = Number(view.getBigInt64(0, true));
  const rest = packed.subarray(8);
  if (length === -1) return rest;
  if (length < 0 || length > most) throw new Error('a message is larger than any is');
  if (length === 0) return new Uint8Array();
  const plain = codec === CompressionType.ZSTD ? decompressZstd(rest) : unlz4(rest, length);
  if (plain.length !== length)
    throw new Error('a compressed buffer has another length than it says');
  return plain;
}
