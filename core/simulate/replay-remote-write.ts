import type { Batch } from '../model';
import type { ReplayRequest } from './replay';
import { f64, i64, maps, recordAt, texts } from './columns';

/** Samples in one request. */
const PER_REQUEST = 20_000;

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
} as const;

/**
 * Samples as Prometheus remote write 1.0 (prometheus.WriteRequest, hand-encoded, in a snappy block of
 * literals). Each series' samples come in order of time; a fresh Prometheus takes them as long as they
 * are not older than an hour before its newest sample.
 */
export function* remoteWriteRequests(
  batches: Iterable<Batch>,
  path = '/api/v1/write',
): Generator<ReplayRequest, void, void> {
  const labels = new SeriesLabels();
  for (const batch of batches) {
    labels.learn(batch);
    if (batch.table !== 'samples') continue;
    for (let from = 0; from < batch.rows; from += PER_REQUEST) {
      const to = Math.min(batch.rows, from + PER_REQUEST);
      const body = snappyLiterals(writeRequest(batch, from, to, labels));
      yield { method: 'POST', path, headers: HEADERS, body, rows: to - from };
    }
  }
}

class SeriesLabels {
  private readonly resources = new Map<bigint, Record<string, string>>();
  private readonly encoded = new Map<bigint, Uint8Array>();

  learn({ table, rows, columns }: Batch): void {
    if (table === 'resources') {
      for (let i = 0; i < rows; i++) {
        this.resources.set(i64(columns[0])[i]!, recordAt(maps(columns[1]), i));
      }
    }
    if (table !== 'metric_series') return;
    for (let i = 0; i < rows; i++) {
      const labels = {
        ...this.resources.get(i64(columns[7])[i]!),
        ...recordAt(maps(columns[8]), i),
        __name__: texts(columns[1])[i]!,
      };
      this.encoded.set(i64(columns[0])[i]!, encodeLabels(labels));
    }
  }

  of(series: bigint): Uint8Array {
    const found = this.encoded.get(series);
    if (!found) throw new Error('a sample names a series that has not come');
    return found;
  }
}

const encoder = new TextEncoder();

/** TimeSeries.labels (field 1), sorted by name, each a Label with name (1) and value (2). */
function encodeLabels(labels: Readonly<Record<string, string>>): Uint8Array {
  const bytes = new ByteWriter(256);
  for (const name of Object.keys(labels).sort()) {
    const key = encoder.encode(name);
    const value = encoder.encode(labels[name]);
    const size = 2 + varintSize(key.length) + key.length + varintSize(value.length) + value.length;
    bytes.byte(0x0a);
    bytes.varint(size);
    bytes.field(0x0a, key);
    bytes.field(0x12, value);
  }
  return bytes.take();
}

function writeRequest(
  { columns }: Batch,
  from: number,
  to: number,
  labels: SeriesLabels,
): Uint8Array {
  const ids = i64(columns[0]);
  const ts = i64(columns[1]);
  const values = f64(columns[2]);
  const bySeries = new Map<bigint, number[]>();
  for (let i = from; i < to; i++) {
    const rows = bySeries.get(ids[i]!);
    if (rows) rows.push(i);
    else bySeries.set(ids[i]!, [i]);
  }
  const request = new ByteWriter(1 << 18);
  const series = new ByteWriter(1 << 12);
  for (const [id, rows] of bySeries) {
    series.raw(labels.of(id));
    for (const i of rows) {
      const ms = Number(ts[i]! / 1_000_000n);
      // TimeSeries.samples (field 2): Sample with value (1, double) and timestamp (2, milliseconds).
      series.byte(0x12);
      series.varint(10 + varintSize(ms));
      series.byte(0x09);
      series.double(values[i]!);
      series.byte(0x10);
      series.varint(ms);
    }
    request.field(0x0a, series.take());
  }
  return request.take();
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

class ByteWriter {
  private bytes: Uint8Array;
  private length = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  private room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const bigger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    bigger.set(this.bytes.subarray(0, this.length));
    this.bytes = bigger;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }

  double(value: number): void {
    this.room(8);
    new DataView(this.bytes.buffer).setFloat64(this.length, value, true);
    this.length += 8;
  }

  raw(value: Uint8Array): void {
    this.room(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** A length-delimited field with this tag byte. */
  field(tag: number, value: Uint8Array): void {
    this.byte(tag);
    this.varint(value.length);
    this.raw(value);
  }

  /** What has been written; the writer is empty then. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }
}

/**
 * A snappy block (google/snappy format_description.txt) of literals alone: valid, not smaller. The
 * length first, then literals of up to 64 KiB with two bytes for their length minus one.
 */
export function snappyLiterals(bytes: Uint8Array): Uint8Array {
  const out = new ByteWriter(bytes.length + 16 + (bytes.length >> 14));
  out.varint(bytes.length);
  for (let from = 0; from < bytes.length; from += 65_536) {
    const literal = bytes.subarray(from, from + 65_536);
    const minusOne = literal.length - 1;
    out.byte(61 << 2);
    out.byte(minusOne & 255);
    out.byte(minusOne >> 8);
    out.raw(literal);
  }
  return out.take();
}
