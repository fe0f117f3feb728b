import { FaultlineError } from '../../core/base';
import { unpack } from './unpack';
import { UnpackError } from './unpack-error';

/** Bytes of a batch before its records, and up to its length field (protocol guide, "Record Batch"). */
const HEADER = 61;
const LENGTH_END = 12;
const MAGIC_AT = 16;
const NEW_FORMAT = 2;

const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** Batches that could not be read: their first offset, how many offsets they span, and why. */
export interface LostBatch {
  readonly offset: number;
  readonly records: number;
  readonly reason: string;
}

/** What a partition answered: records from an offset on, as they lie in its log. */
export class FetchedRecords {
  /** Offset of what will be written next, and up to where transactions are decided. */
  readonly high: number;
  readonly stable: number;
  /** Where the next question goes on; what was asked for, where nothing came. */
  next: number;
  /** Offsets that hold no record for readers: marks of transactions, and what was rolled back. */
  control = 0;
  aborted = 0;
  readonly lost: LostBatch[] = [];
  private readonly view: DataView;
  private readonly batchesFrom: number;
  private readonly batchesTo: number;
  private readonly waiting: { readonly producer: bigint; readonly first: number }[] = [];
  private readonly rolledBack = new Set<bigint>();

  /** `from`: the offset that was asked for; `until`: what lies there or later is not wanted. Throws 'connector/bad-answer'. */
  constructor(
    private readonly body: Uint8Array,
    private readonly from: number,
    private readonly until = Number.POSITIVE_INFINITY,
  ) {
    const view = (this.view = new DataView(body.buffer, body.byteOffset, body.byteLength));
    this.next = from;
    try {
      this.high = Number(view.getBigInt64(0));
      this.stable = Number(view.getBigInt64(8));
      let at = 20;
      for (let n = view.getInt32(16); n > 0; n--, at += 16) {
        const first = Number(view.getBigInt64(at + 8));
        this.waiting.push({ producer: view.getBigInt64(at), first });
      }
      this.batchesFrom = at + 4;
      this.batchesTo = Math.min(body.length, at + 4 + Math.max(0, view.getInt32(at)));
    } catch (cause) {
      throw new FaultlineError(
        'connector/bad-answer',
        '/records answered in a form that is not known.',
        { cause },
      );
    }
    this.waiting.sort((a, b) => a.first - b.first);
  }

  /** Batches with records for readers, in order; each is one object that is advanced. */
  async *batches(signal: AbortSignal): AsyncGenerator<RecordBatch> {
    let at = this.batchesFrom;
    while (at + MAGIC_AT + 1 <= this.batchesTo) {
      const end = at + LENGTH_END + this.view.getInt32(at + 8);
      // What is larger than the answer may be is cut at its end.
      if (end > this.batchesTo || end <= at + MAGIC_AT) break;
      const batch = await this.batch(at, end, signal);
      if (batch) yield batch;
      at = end;
    }
  }

  private async batch(
    at: number,
    end: number,
    signal: AbortSignal,
  ): Promise<RecordBatch | undefined> {
    const { view } = this;
    const base = Number(view.getBigInt64(at));
    if (view.getInt8(at + MAGIC_AT) !== NEW_FORMAT || end < at + HEADER) {
      this.lose(base, base, 'it is in a format from before Kafka 0.11');
      return undefined;
    }
    const attributes = view.getInt16(at + 21);
    const last = base + view.getInt32(at + 23);
    if (last < this.from || base >= this.until) return undefined;
    const producer = view.getBigInt64(at + 43);
    while (this.waiting[0] && this.waiting[0].first <= last) {
      const begun = this.waiting.shift();
      if (begun) this.rolledBack.add(begun.producer);
    }
    const count = view.getInt32(at + 57);
    if (attributes & CONTROL) {
      this.rolledBack.delete(producer);
      this.control += this.span(base, last);
    } else if (attributes & TRANSACTIONAL && this.rolledBack.has(producer)) {
      this.aborted += this.span(base, last);
    } else {
      return this.open({ base, last, count, attributes, at, end }, signal);
    }
    this.advance(last);
    return undefined;
  }

  private async open(
    { base, last, count, attributes, at, end }: Place,
    signal: AbortSignal,
  ): Promise<RecordBatch | undefined> {
    const { view } = this;
    this.advance(last);
    try {
      const bytes = await unpack(attributes & 7, this.body.subarray(at + HEADER, end), signal);
      const time = { first: view.getBigInt64(at + 27), fixed: view.getBigInt64(at + 35) };
      const appended = (attributes & LOG_APPEND_TIME) !== 0;
      return new RecordBatch(
        bytes,
        count,
        base,
        Number(appended ? time.fixed : time.first),
        appended,
        (reason, offset) => this.lose(offset, last, reason),
      );
    } catch (error) {
      if (!(error instanceof UnpackError)) throw error;
      this.lose(base, last, error.message);
      return undefined;
    }
  }

  private lose(base: number, last: number, reason: string): void {
    const records = this.span(base, last);
    if (records > 0) this.lost.push({ offset: Math.max(base, this.from), records, reason });
    this.advance(last);
  }

  /** Offsets of a stretch that are wanted. */
  private span(base: number, last: number): number {
    return Math.max(0, Math.min(last, this.until - 1) - Math.max(base, this.from) + 1);
  }

  private advance(last: number): void {
    this.next = Math.min(this.until, Math.max(this.next, last + 1));
  }
}

interface Place {
  readonly base: number;
  readonly last: number;
  readonly count: number;
  readonly attributes: number;
  readonly at: number;
  readonly end: number;
}

const utf8 = new TextDecoder();

/** The records of a batch: `next()` goes to the first and from one to the next, the fields are those of where it stands. */
export class RecordBatch {
  offset = -1;
  /** Milliseconds since the epoch. */
  timestamp = 0;
  key: Uint8Array | null = null;
  /** Null is a tombstone: the key was deleted. */
  value: Uint8Array | null = null;
  private at = 0;
  private headersAt = 0;
  private taken = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly count: number,
    private readonly base: number,
    private readonly time: number,
    private readonly appended: boolean,
    private readonly lose: (reason: string, offset: number) => void,
  ) {}

  next(): boolean {
    if (this.taken >= this.count) return false;
    try {
      this.read();
      this.taken++;
      return true;
    } catch (error) {
      if (!(error instanceof UnpackError)) throw error;
      this.taken = this.count;
      this.lose(error.message, this.offset < 0 ? this.base : this.offset + 1);
      return false;
    }
  }

  private read(): void {
    const length = this.varint();
    const end = this.at + length;
    if (length <= 0 || end > this.bytes.length) throw new UnpackError('its records are cut');
    this.at++;
    const delta = this.varint();
    const offset = this.base + this.varint();
    const key = this.sized();
    const value = this.sized();
    if (this.at > end) throw new UnpackError('a record is longer than it says');
    this.timestamp = this.appended ? this.time : this.time + delta;
    this.offset = offset;
    this.key = key;
    this.value = value;
    this.headersAt = this.at;
    this.at = end;
  }

  /** Calls `put` for each header. */
  headers(put: (name: string, value: string) => void): void {
    const { at } = this;
    this.at = this.headersAt;
    try {
      for (let n = this.varint(); n > 0; n--) {
        const name = this.sized();
        const value = this.sized();
        put(utf8.decode(name ?? undefined), utf8.decode(value ?? undefined));
      }
    } catch (error) {
      if (!(error instanceof UnpackError)) throw error;
    } finally {
      this.at = at;
    }
  }

  private sized(): Uint8Array | null {
    const length = this.varint();
    if (length < 0) return null;
    const from = this.at;
    if (from + length > this.bytes.length) throw new UnpackError('its records are cut');
    this.at += length;
    return this.bytes.subarray(from, from + length);
  }

  /** A zigzag varint of up to 64 bits; exact to 2^53. */
  private varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new UnpackError('its records are cut');
      value += (byte & 127) * scale;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw new UnpackError('a number in it is too long');
  }
}
