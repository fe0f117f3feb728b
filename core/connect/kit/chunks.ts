import { BitReader, XorFloat, damagedChunk, isStale } from './chunk-bits';
import type { DecodedChunk } from './chunk-decoded';
import { decodeHistograms } from './chunk-histograms';

const XOR = 1;
const HISTOGRAM = 2;
const FLOAT_HISTOGRAM = 3;

/** Chunk encodings of tsdb/chunkenc; undefined for one that is not known. Throws 'format/damaged'. */
export function decodeChunk(encoding: number, data: Uint8Array): DecodedChunk | undefined {
  if (encoding === XOR) return decodeXor(data);
  if (encoding === HISTOGRAM) return decodeHistograms(data, false);
  if (encoding === FLOAT_HISTOGRAM) return decodeHistograms(data, true);
  return undefined;
}

function samplesOfChunk(data: Uint8Array): number {
  const [high, low] = data;
  if (high === undefined || low === undefined) throw damagedChunk('The chunk has no header.');
  return high * 256 + low;
}

/** Time differences have as many bits as these after 1, 2, 3 and 4 set bits. */
const TIME_BITS = [0, 14, 17, 20, 64];

function decodeXor(data: Uint8Array): DecodedChunk {
  const count = samplesOfChunk(data);
  const bits = new BitReader(data, 2);
  const float = new XorFloat();
  const ts: number[] = [];
  const values: number[] = [];
  let time = 0;
  let delta = 0;
  let stale = 0;
  for (let n = 0; n < count; n++) {
    if (n === 0) {
      time = bits.varint();
      float.first(bits);
    } else {
      if (n === 1) delta = bits.uvarint();
      else {
        const size = TIME_BITS[bits.ones(4)] ?? 0;
        if (size > 0) delta += bits.signed(size);
      }
      time += delta;
      float.next(bits);
    }
    if (isStale(float.high, float.low)) stale++;
    else {
      ts.push(time);
      values.push(float.value);
    }
  }
  return { ts, values, natives: [], stale };
}
