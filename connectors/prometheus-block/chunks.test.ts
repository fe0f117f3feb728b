import { describe, expect, it } from 'vitest';
import { BitReader, XorFloat, crc32c, decodeChunk } from '../../core/connect';
import { ByteReader } from './bytes';
import { compareLabels } from './merge';

/** Writes bits from the highest on. */
class Bits {
  private text = '';
  put(value: number, count: number): this {
    this.text += BigInt.asUintN(count, BigInt(value)).toString(2).padStart(count, '0');
    return this;
  }
  float(value: number): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return this.put(view.getUint32(0), 32).put(view.getUint32(4), 32);
  }
  word(prefix: string): this {
    this.text += prefix;
    return this;
  }
  bytes(): Uint8Array {
    const padded = this.text.padEnd(Math.ceil(this.text.length / 8) * 8, '0');
    return Uint8Array.from({ length: padded.length / 8 }, (_, i) =>
      Number.parseInt(padded.slice(i * 8, i * 8 + 8), 2),
    );
  }
}

it('knows CRC-32C by its test vectors (RFC 3720, B.4)', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
});

it('reads varints as Go writes them', () => {
  const reader = new ByteReader(Uint8Array.of(0xac, 2, 3, 4, 0x80, 0x80, 1));
  expect([reader.uvarint(), reader.varint(), reader.varint(), reader.uvarint()]).toEqual([
    300, -2, 2, 16384,
  ]);
});

describe('bits', () => {
  it('are numbers of every width, negative above the half', () => {
    const bits = new Bits()
      .put(5, 3)
      .put(-3, 14)
      .put(8192, 14)
      .put(2 ** 40 + 1, 56)
      .bytes();
    const reader = new BitReader(bits, 0);
    expect([reader.bits(3), reader.signed(14), reader.signed(14), reader.signed(56)]).toEqual([
      5,
      -3,
      8192,
      2 ** 40 + 1,
    ]);
    expect(() => reader.bits(32)).toThrow(/ends within/);
  });

  it('are varbit numbers by their prefix', () => {
    const writer = new Bits().word('0').word('10').put(-3, 3).word('110').put(32, 6);
    writer
      .word('111110')
      .put(100_000, 18)
      .word('11111110')
      .put(-(2 ** 40), 56);
    const reader = new BitReader(writer.bytes(), 0);
    expect(Array.from({ length: 5 }, () => reader.varbitInt())).toEqual([
      0,
      -3,
      32,
      100_000,
      -(2 ** 40),
    ]);
  });

  it('are floats by what differs', () => {
    const writer = new Bits().float(12).word('0').word('11').put(11, 5).put(1, 6).put(1, 1);
    writer.word('10').put(1, 1).word('11').put(0, 5).put(0, 6).float(-1);
    const reader = new BitReader(writer.bytes(), 0);
    const float = new XorFloat();
    float.first(reader);
    expect(float.value).toBe(12);
    const read = (): number => {
      float.next(reader);
      return float.value;
    };
    // 12 ^ 2^52 is 24, and back again; then all 64 bits, which are 12 ^ -1 bit by bit.
    expect([read(), read(), read()]).toEqual([12, 24, 12]);
    read();
    const view = new DataView(new ArrayBuffer(16));
    view.setFloat64(0, -1);
    view.setFloat64(8, 12);
    expect(float.high).toBe((view.getUint32(0) ^ view.getUint32(8)) >>> 0);
    expect(float.low).toBe((view.getUint32(4) ^ view.getUint32(12)) >>> 0);
  });
});

describe('a chunk', () => {
  it('has times by differences of differences, and stale markers are no values', () => {
    const writer = new Bits().put(4, 16).put(0x90, 8).put(0x4e, 8).float(1.5);
    writer.put(0x98, 8).put(0x75, 8).word('0');
    writer.word('10').put(-5, 14).word('0').word('0');
    // Stale: all bits of the marker against 1.5.
    writer
      .word('11')
      .put(0, 5)
      .put(0, 6)
      .put(0x3ff80000 ^ 0x7ff00000, 32)
      .put(2, 32);
    expect(decodeChunk(1, writer.bytes())).toEqual({
      ts: [5000, 20_000, 34_995],
      values: [1.5, 1.5, 1.5],
      natives: [],
      stale: 1,
    });
  });

  it('of custom bounds is open below and above', () => {
    const layout = new Bits().put(1, 16).put(0, 8).put(0, 8).word('1110').put(-53, 9);
    // One span of three buckets from 0 on, none below zero; the bounds 0.1 and 1/3.
    layout.word('10').put(1, 3).word('10').put(3, 3).word('0').word('0');
    layout
      .word('10')
      .put(2, 3)
      .word('1110')
      .put(101, 9)
      .word('0')
      .float(1 / 3);
    // Time 1000, count 6, zero 0, sum 2.5, counts 1, 3, 2.
    layout.word('11110').put(1000, 12).word('110').put(6, 6).word('0').float(2.5);
    layout.word('10').put(1, 3).word('10').put(2, 3).word('10').put(-1, 3);
    expect(decodeChunk(2, layout.bytes())?.natives).toEqual([
      {
        count: 6,
        sum: 2.5,
        buckets: [
          [Number.NEGATIVE_INFINITY, 0.1, 1],
          [0.1, 1 / 3, 3],
          [1 / 3, Number.POSITIVE_INFINITY, 2],
        ],
      },
    ]);
  });

  it('of another encoding is not guessed at', () => {
    expect(decodeChunk(7, new Uint8Array(8))).toBeUndefined();
    expect(() => decodeChunk(1, Uint8Array.of(0, 9, 1))).toThrow(/ends within/);
  });
});

it('orders labels by their bytes, not by UTF-16', () => {
  const of = (value: string) => [['a', value]] as const;
  expect(compareLabels(of('\uff5e'), of('\u{1f600}'))).toBeLessThan(0);
  expect(compareLabels(of('b'), of('b'))).toBe(0);
  expect(compareLabels(of('b'), [...of('b'), ['c', '']])).toBeLessThan(0);
});
