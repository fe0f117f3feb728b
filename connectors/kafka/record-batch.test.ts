import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FetchedRecords, type RecordBatch } from './record-batch';
import { unlz4 } from '../../core/connect';
import { unpack } from './unpack';

const { signal } = new AbortController();

function varint(value: number): number[] {
  let zigzag = BigInt(value) * 2n;
  if (value < 0) zigzag = -zigzag - 1n;
  const out: number[] = [];
  for (; zigzag > 127n; zigzag >>= 7n) out.push(Number(zigzag & 127n) | 128);
  return [...out, Number(zigzag)];
}

const sized = (text: string | null): number[] =>
  text === null ? varint(-1) : [...varint(Buffer.byteLength(text)), ...Buffer.from(text)];

interface Given {
  readonly base: number;
  readonly values: readonly (string | null)[];
  readonly attributes?: number;
  readonly producer?: bigint;
  readonly pack?: (bytes: Buffer) => Buffer;
  readonly magic?: number;
  /** Offsets of the values, counted from the base; one after the other unless given. */
  readonly deltas?: readonly number[];
  readonly lastDelta?: number;
}

/** A record batch by the protocol guide; what a real broker sends is in the server tests. */
function batch(given: Given): Buffer {
  const { base, values, attributes = 0, producer = -1n, pack = (bytes) => bytes } = given;
  const deltas = given.deltas ?? values.map((_, i) => i);
  const records = values.flatMap((value, i) => {
    const delta = deltas[i] ?? 0;
    const body = [0, ...varint(i * 10 - 5), ...varint(delta), ...sized(null), ...sized(value)];
    const whole = [...body, ...varint(1), ...sized('h'), ...sized(`v${i}`)];
    return [...varint(whole.length), ...whole];
  });
  const content = pack(Buffer.from(records));
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(BigInt(base), 0);
  head.writeInt32BE(49 + content.length, 8);
  head.writeInt8(given.magic ?? 2, 16);
  head.writeInt16BE(attributes, 21);
  head.writeInt32BE(given.lastDelta ?? values.length - 1, 23);
  head.writeBigInt64BE(1_790_000_000_000n, 27);
  head.writeBigInt64BE(1_790_000_099_000n, 35);
  head.writeBigInt64BE(producer, 43);
  head.writeInt32BE(values.length, 57);
  return Buffer.concat([head, content]);
}

function answer(
  batches: readonly Buffer[],
  aborted: readonly (readonly [bigint, bigint])[] = [],
): Uint8Array {
  const set = Buffer.concat(batches);
  const head = Buffer.alloc(24 + aborted.length * 16);
  head.writeBigInt64BE(900n, 0);
  head.writeBigInt64BE(800n, 8);
  head.writeInt32BE(aborted.length, 16);
  for (const [i, [producer, first]] of aborted.entries()) {
    head.writeBigInt64BE(producer, 20 + i * 16);
    head.writeBigInt64BE(first, 28 + i * 16);
  }
  head.writeInt32BE(set.length, 20 + aborted.length * 16);
  return new Uint8Array(Buffer.concat([head, set]));
}

async function read(fetched: FetchedRecords): Promise<readonly (readonly unknown[])[]> {
  const out: unknown[][] = [];
  const text = (of: RecordBatch): string | null =>
    of.value === null ? null : Buffer.from(of.value).toString();
  for await (const of of fetched.batches(signal)) {
    while (of.next()) out.push([of.offset, of.timestamp, text(of)]);
  }
  return out;
}

describe('record batches', () => {
  it('are read with offsets, times, headers and deletions', async () => {
    const fetched = new FetchedRecords(answer([batch({ base: 7, values: ['a', null, ''] })]), 7);
    const headers: string[] = [];
    for await (const of of fetched.batches(signal)) {
      while (of.next()) of.headers((name, value) => headers.push(`${name}=${value}`));
    }
    expect(headers).toEqual(['h=v0', 'h=v1', 'h=v2']);
    expect(
      await read(new FetchedRecords(answer([batch({ base: 7, values: ['a', null, ''] })]), 7)),
    ).toEqual([
      [7, 1_789_999_999_995, 'a'],
      [8, 1_790_000_000_005, null],
      [9, 1_790_000_000_015, ''],
    ]);
    expect(fetched).toMatchObject({ high: 900, stable: 800, next: 10, lost: [] });
  });

  it("take the log's time where the broker gave it", async () => {
    const fetched = new FetchedRecords(
      answer([batch({ base: 0, values: ['a'], attributes: 8 })]),
      0,
    );
    expect(await read(fetched)).toEqual([[0, 1_790_000_099_000, 'a']]);
  });

  it('that are cut at the end of an answer are asked for again', async () => {
    const whole = answer([batch({ base: 0, values: ['a'] }), batch({ base: 1, values: ['b'] })]);
    const fetched = new FetchedRecords(whole.subarray(0, whole.length - 3), 0);
    expect(await read(fetched)).toEqual([[0, 1_789_999_999_995, 'a']]);
    expect(fetched.next).toBe(1);
  });

  it('of rolled back transactions are left out until their mark', async () => {
    const mark = { values: ['x'], attributes: 0x30, producer: 5n };
    const fetched = new FetchedRecords(
      answer(
        [
          batch({ base: 0, values: ['other'], attributes: 0x10, producer: 6n }),
          batch({ base: 1, values: ['gone', 'gone'], attributes: 0x10, producer: 5n }),
          batch({ base: 3, ...mark }),
          batch({ base: 4, values: ['kept'], attributes: 0x10, producer: 5n }),
          batch({ base: 5, ...mark }),
        ],
        [[5n, 1n]],
      ),
      0,
    );
    expect((await read(fetched)).map(([offset]) => offset)).toEqual([0, 4]);
    expect(fetched).toMatchObject({ aborted: 2, control: 2, next: 6 });
  });

  it('that were emptied by compaction move the position on', async () => {
    const fetched = new FetchedRecords(
      answer([batch({ base: 0, values: ['k'], deltas: [4], lastDelta: 9 })]),
      2,
    );
    expect((await read(fetched)).map(([offset]) => offset)).toEqual([4]);
    expect(fetched.next).toBe(10);
  });

  it('end where nothing more is wanted', async () => {
    const batches = [batch({ base: 0, values: ['a', 'b'] }), batch({ base: 2, values: ['c'] })];
    const fetched = new FetchedRecords(answer(batches), 0, 1);
    await read(fetched);
    expect(fetched.next).toBe(1);
  });

  it('that are damaged or of an old format are lost alone, with their offsets', async () => {
    const fetched = new FetchedRecords(
      answer([
        batch({ base: 0, values: ['a', 'b'], attributes: 1, pack: () => Buffer.from('no gzip') }),
        batch({ base: 2, values: ['c'], attributes: 7 }),
        batch({ base: 3, values: ['d'], magic: 1 }),
        batch({ base: 4, values: ['e'], pack: (bytes) => bytes.subarray(0, 4) }),
        batch({ base: 5, values: ['f'], attributes: 1, pack: (bytes) => gzipSync(bytes) }),
      ]),
      0,
    );
    expect((await read(fetched)).map(([offset]) => offset)).toEqual([5]);
    expect(fetched.lost.map(({ offset, records }) => [offset, records])).toEqual([
      [0, 2],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    expect(fetched.next).toBe(6);
  });

  it('have an answer before them, or it is a bad answer', () => {
    expect(() => new FetchedRecords(new Uint8Array(10), 0)).toThrow(/form that is not known/);
  });
});

describe('compression', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i % 4} of the log\n`).join('');

  it('of LZ4 copies what overlaps', () => {
    const head = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
    // Three literals, a copy of 17 from 3 back, then five literals, as the format ends a block.
    const block = [0x3d, 97, 98, 99, 3, 0, 0x50, 1, 2, 3, 4, 5];
    const frame = new Uint8Array([...head, block.length, 0, 0, 0, ...block, 0, 0, 0, 0]);
    const out = unlz4(frame, 1000);
    expect(Buffer.from(out.subarray(0, 20)).toString()).toBe('abcabcabcabcabcabcab');
    expect([...out.subarray(20)]).toEqual([1, 2, 3, 4, 5]);
    expect(() => unlz4(frame, 10)).toThrow(/larger/);
    for (let cut = 0; cut < frame.length; cut++) {
      expect(() => unlz4(frame.subarray(0, cut), 1000)).toThrow(/LZ4/);
    }
  });

  it('of snappy is taken plain and in the blocks of Java', async () => {
    const plain = new Uint8Array([3, 8, 97, 98, 99]);
    const head = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1];
    const sizedBlock = [0, 0, 0, plain.length, ...plain];
    const java = new Uint8Array([...head, ...sizedBlock, ...sizedBlock]);
    expect(Buffer.from(await unpack(2, plain, signal)).toString()).toBe('abc');
    expect(Buffer.from(await unpack(2, java, signal)).toString()).toBe('abcabc');
    await expect(unpack(2, java.subarray(0, 22), signal)).rejects.toThrow(/cut/);
  });

  it('of gzip is undone whole', async () => {
    const packed = new Uint8Array(gzipSync(lines));
    expect(Buffer.from(await unpack(1, packed, signal)).toString()).toBe(lines);
    await expect(unpack(1, packed.subarray(0, 20), signal)).rejects.toThrow(/early/);
    await expect(unpack(6, packed, signal)).rejects.toThrow(/not known/);
  });
});
