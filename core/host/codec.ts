import { FaultlineError } from '../base';

/** A message on the wire: text where it holds no bytes, else a binary frame. */
export type WireMessage = string | Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * JSON with byte arrays beside it: [u32 little-endian header length][header JSON][bytes …]. In the header a
 * byte array stands as {"$bytes": [offset, length]}. Values are plain data without bigint.
 */
export function encodeMessage(value: unknown): WireMessage {
  const parts: Uint8Array[] = [];
  let size = 0;
  const header = JSON.stringify(value, (_, v: unknown) => {
    if (!(v instanceof Uint8Array)) return v;
    const place = [size, v.length];
    parts.push(v);
    size += v.length;
    return { $bytes: place };
  });
  if (parts.length === 0) return header;
  const head = encoder.encode(header);
  const frame = new Uint8Array(4 + head.length + size);
  new DataView(frame.buffer).setUint32(0, head.length, true);
  frame.set(head, 4);
  let at = 4 + head.length;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

export function decodeMessage(message: WireMessage): unknown {
  if (typeof message === 'string') return JSON.parse(message);
  if (message.length < 4) throw new FaultlineError('host/denied', 'A frame is too short.');
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const length = view.getUint32(0, true);
  const body = 4 + length;
  if (body > message.length) throw new FaultlineError('host/denied', 'A frame is cut off.');
  return JSON.parse(decoder.decode(message.subarray(4, body)), (_, v: unknown) => {
    if (typeof v !== 'object' || v === null || !('$bytes' in v)) return v;
    const [offset, size] = v.$bytes as [number, number];
    return message.slice(body + offset, body + offset + size);
  });
}
