import { FaultlineError } from '../../core/base';
import {
  BYTES,
  WireReader,
  crc32c,
  decodeChunk,
  snappyLiterals,
  unsnappy,
  type NativePoint,
} from '../../core/connect';
import type { Matcher } from './matchers';
import type { NativeHistogram, RawSeries } from './raw-series';
import type { MsWindow } from './windows';

// Messages of prompb/remote.proto and prompb/types.proto, read and written without objects for them.

const OPERATORS = ['=', '!=', '=~', '!~'];
const SAMPLES = 0;
const STREAMED_XOR_CHUNKS = 1;

/** A ReadRequest for all samples of a window, both kinds of answers accepted, streamed chunks first. */
export function readRequest(matchers: readonly Matcher[], { from, to }: MsWindow): Uint8Array {
  const wanted = matchers.flatMap(({ label, operator, value }) =>
    message(3, [...number(1, OPERATORS.indexOf(operator)), ...text(2, label), ...text(3, value)]),
  );
  const query = [...number(1, from), ...number(2, to - 1), ...wanted];
  const accepted = message(2, [STREAMED_XOR_CHUNKS, SAMPLES]);
  return snappyLiterals(Uint8Array.from([...message(1, query), ...accepted]));
}

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

function number(field: number, value: number): readonly number[] {
  return [field * 8, ...varint(value)];
}

function message(field: number, content: readonly number[]): readonly number[] {
  return [field * 8 + BYTES, ...varint(content.length), ...content];
}

function text(field: number, value: string): readonly number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}

/**
 * What a remote read answered, by its content type: one snappy block of samples, or frames of chunks. Samples may lie
 * outside of the window that was asked for, and series may come in several pieces. Throws 'connector/bad-answer',
 * retryable, where it is damaged or cut.
 */
export function readAnswer(body: Uint8Array, contentType: string): readonly RawSeries[] {
  try {
    return /x-streamed-protobuf/.test(contentType) ? streamed(body) : sampled(body);
  } catch (cause) {
    if (cause instanceof FaultlineError && cause.code === 'connector/bad-answer') throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FaultlineError('connector/bad-answer', `/api/v1/read answered with damage: ${why}`, {
      cause,
      retryable: true,
    });
  }
}

function damaged(why: string): FaultlineError {
  return new FaultlineError('format/damaged', why);
}

/** Frames of [uvarint length][CRC-32C, big-endian][ChunkedReadResponse] (storage/remote/chunked.go). */
function streamed(body: Uint8Array): readonly RawSeries[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const found = new SeriesByLabels();
  for (let at = 0; at < body.length;) {
    let length = 0;
    let scale = 1;
    for (let more = true; more; scale *= 128) {
      const byte = body[at++];
      if (byte === undefined || scale > 2 ** 35) throw damaged('a frame has no length.');
      length += (byte & 127) * scale;
      more = byte >= 128;
    }
    if (at + 4 + length > body.length) throw damaged('it ends within a frame.');
    const sum = view.getUint32(at);
    const frame = body.subarray(at + 4, at + 4 + length);
    if (crc32c(frame) !== sum) throw damaged('the checksum of a frame does not fit.');
    at += 4 + length;
    const reader = new WireReader(frame, 'ChunkedReadResponse');
    while (reader.field()) {
      if (reader.number === 1) chunkedSeries(reader, found);
      else reader.skip();
    }
  }
  return found.all();
}

function chunkedSeries(reader: WireReader, found: SeriesByLabels): void {
  const outer = reader.enter();
  const labels: Record<string, string> = {};
  const chunks: { readonly encoding: number; readonly data: Uint8Array }[] = [];
  while (reader.field()) {
    if (reader.number === 1) label(reader, labels);
    else if (reader.number === 2) chunks.push(chunk(reader));
    else reader.skip();
  }
  reader.leave(outer);
  const series = found.of(labels);
  for (const { encoding, data } of chunks) {
    const decoded = decodeChunk(encoding, data);
    if (!decoded) throw damaged(`a chunk has encoding ${encoding}, which is not known.`);
    if (decoded.natives.length > 0) series.natives(decoded.ts, decoded.natives);
    else series.floats(decoded.ts, decoded.values);
  }
}

function chunk(reader: WireReader): { readonly encoding: number; readonly data: Uint8Array } {
  const outer = reader.enter();
  let encoding = 0;
  let data: Uint8Array = new Uint8Array();
  while (reader.field()) {
    if (reader.number === 3) encoding = reader.int32();
    else if (reader.number === 4) data = reader.slice();
    else reader.skip();
  }
  reader.leave(outer);
  return { encoding, data };
}

function label(reader: WireReader, labels: Record<string, string>): void {
  const outer = reader.enter();
  let name = '';
  let value = '';
  while (reader.field()) {
    if (reader.number === 1) name = reader.string();
    else if (reader.number === 2) value = reader.string();
    else reader.skip();
  }
  reader.leave(outer);
  labels[name] = value;
}

/** One snappy block with a ReadResponse. */
function sampled(body: Uint8Array): readonly RawSeries[] {
  const { bytes, fault } = unsnappy(body);
  if (fault !== '') throw damaged(`its snappy block is broken: ${fault}.`);
  const found = new SeriesByLabels();
  const reader = new WireReader(bytes, 'ReadResponse');
  while (reader.field()) {
    if (reader.number !== 1) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    while (reader.field()) {
      if (reader.number === 1) timeSeries(reader, found);
      else reader.skip();
    }
    reader.leave(outer);
  }
  return found.all();
}

function timeSeries(reader: WireReader, found: SeriesByLabels): void {
  const outer = reader.enter();
  const labels: Record<string, string> = {};
  const ts: number[] = [];
  const values: number[] = [];
  while (reader.field()) {
    if (reader.number === 1) label(reader, labels);
    else if (reader.number === 2) sample(reader, ts, values);
    else if (reader.number === 4) {
      const why = 'Native histograms come by remote read in streamed chunks only.';
      throw new FaultlineError('connector/bad-answer', why);
    } else reader.skip();
  }
  reader.leave(outer);
  found.of(labels).floats(ts, values);
}

const scratch = new DataView(new ArrayBuffer(8));
/** Prometheus' mark that a series ended (model/value.StaleNaN) is no sample. */
const STALE = 0x7ff0000000000002n;

function sample(reader: WireReader, ts: number[], values: number[]): void {
  const outer = reader.enter();
  let bits = 0n;
  let ms = 0;
  while (reader.field()) {
    if (reader.number === 1) bits = reader.fixed64();
    else if (reader.number === 2) ms = Number(reader.int64());
    else reader.skip();
  }
  reader.leave(outer);
  if (BigInt.asUintN(64, bits) === STALE) return;
  scratch.setBigInt64(0, bits);
  ts.push(ms);
  values.push(scratch.getFloat64(0));
}

class OneSeries {
  private readonly points = new Map<number, number>();
  private readonly histograms = new Map<number, NativeHistogram>();

  constructor(readonly labels: Readonly<Record<string, string>>) {}

  // Chunks of the head and of a block may have samples in common.
  floats(ts: readonly number[], values: readonly number[]): void {
    for (let i = 0; i < ts.length; i++) this.points.set(ts[i] ?? 0, values[i] ?? Number.NaN);
  }

  natives(ts: readonly number[], points: readonly NativePoint[]): void {
    for (const [i, { count, sum, buckets }] of points.entries()) {
      const at = ts[i] ?? 0;
      this.histograms.set(at, { ts: at, count, sum, buckets });
    }
  }

  raw(): RawSeries {
    const { labels } = this;
    const ts = Float64Array.from(this.points.keys()).sort();
    const at = (ms: number): number => this.points.get(ms) ?? Number.NaN;
    const histograms = [...this.histograms.values()].sort((a, b) => a.ts - b.ts);
    return { labels, ts: [...ts], values: [...ts].map(at), histograms };
  }
}

class SeriesByLabels {
  private readonly series = new Map<string, OneSeries>();

  of(labels: Readonly<Record<string, string>>): OneSeries {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.series.get(key);
    if (known) return known;
    const made = new OneSeries(labels);
    this.series.set(key, made);
    return made;
  }

  all(): readonly RawSeries[] {
    return [...this.series.values()].map((one) => one.raw());
  }
}
