import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unsnappy } from '..';

const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const hex = (value: string): Uint8Array =>
  Uint8Array.from(value.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const unpacked = (...block: readonly number[]) => {
  const { bytes, fault } = unsnappy(Uint8Array.from(block));
  return [new TextDecoder().decode(bytes), fault];
};

describe('snappy blocks', () => {
  it('are literals and copies of all kinds', () => {
    // The example of the format's description: "xab", and a copy of four bytes two bytes back.
    expect(unpacked(7, 2 << 2, ...text('xab'), 1, 2)).toEqual(['xababab', '']);
    expect(unpacked(7, 2 << 2, ...text('xab'), (3 << 2) | 2, 2, 0)).toEqual(['xababab', '']);
    expect(unpacked(7, 2 << 2, ...text('xab'), (3 << 2) | 3, 2, 0, 0, 0)).toEqual(['xababab', '']);
    expect(unpacked(0)).toEqual(['', '']);
  });

  it("are what Google's own library (1.1.9) makes", () => {
    const shop = '5554636865636b6f75742063617274207061796d656e7420761600003a112d0869642c520b00';
    expect(new TextDecoder().decode(unsnappy(hex(shop)).bytes)).toBe(
      'checkout cart payment checkout cart payment checkout: cart paid, cart paid, cart paid',
    );
    const mixed =
      'a001f04900070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef501080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e878787878fe0300560300';
    const content = Array.from({ length: 160 }, (_, i) => (i < 70 ? (i * 7) % 251 : 120));
    expect(unsnappy(hex(mixed))).toEqual({ bytes: Uint8Array.from(content), fault: '' });
  });

  it('have long literals with their length after the tag', () => {
    const long = 'a shop '.repeat(40);
    for (const size of [1, 2, 3, 4]) {
      if (size === 1 && long.length > 256) continue;
      const length = Array.from({ length: size }, (_, i) => ((long.length - 1) >>> (8 * i)) & 255);
      const block = [0x98, 2, (59 + size) << 2, ...length, ...text(long)];
      expect(unpacked(...block)).toEqual([long, '']);
    }
  });

  it('say what is wrong with them, and keep what comes before', () => {
    expect(unpacked(7, 2 << 2, ...text('xab'), 1)).toEqual(['xab', 'it ends within a copy']);
    expect(unpacked(7, 2 << 2, ...text('xa'))).toEqual(['xa', 'it ends within a literal']);
    expect(unpacked(3, 1, 4)[1]).toBe('a copy reaches before its start');
    expect(unpacked(4, 0, 65, (9 << 2) | 2, 1, 0)[1]).toBe('it has more content than it says');
    expect(unpacked(1, 0, 65, 0)[1]).toBe('bytes follow after its end');
    expect(unpacked(9, 0, 65)).toEqual(['A', 'it ends before its content does']);
    expect(unpacked(255, 255)[1]).toBe('its length can not be read');
    expect(unpacked(255, 255, 255, 255, 15)[1]).toMatch(/says that it has 4294967295 bytes/);
  });

  it('never break, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (block) => {
        const { bytes } = unsnappy(block);
        expect(bytes.length).toBeLessThanOrEqual(block.length * 64);
      }),
    );
  });
});
