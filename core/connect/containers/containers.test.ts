import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { lineBlocks, prepareSources, readFile, type ByteSource, type FileFormat } from '..';
import { BatchBuilder } from '../../model';
import { crc32 } from '../import-crc32';
import { bytesSource } from '../testing/import';

const { signal } = new AbortController();
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Lines of digits: enough to see what came out of where. */
const digits: FileFormat = {
  id: 'digits',
  title: 'Digits',
  tables: ['changes'],
  sniff: ({ text }) => ({ confidence: /^\d/.test(text) ? 0.5 : 0, why: 'digits' }),
  describe: () => ({ signals: ['changes'], time: null, zone: 'UTC', clock: '', guessed: false }),
  read: async function* (source, abort) {
    const rows = new BatchBuilder('changes');
    for (const part of source.parts ?? [source]) {
      for await (const block of lineBlocks(part, abort)) {
        for (const line of block.text.split('\n')) {
          if (line === '') continue;
          const { col } = rows;
          col.ts.push(0n);
          col.kind.push('line');
          col.title.push(line);
          col.version.push('');
          col.resource_id.push(0n);
          col.attributes.push({});
          rows.endRow();
        }
      }
    }
    yield { kind: 'batch', batch: rows.take() };
  },
  group: async (files) => {
    const names = files.map(({ name }) => name).filter((name) => name.includes('set/'));
    return names.length < 2 ? [] : [{ name: 'set', files: names, why: 'a set' }];
  },
};

interface Member {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly method?: number;
  /** Sizes follow the data, as streaming writers do it. */
  readonly streamed?: boolean;
  readonly encrypted?: boolean;
}

/** A zip archive as a writer makes it; `directory: false` leaves its directory out, as a cut does. */
function zipOf(members: readonly Member[], { directory = true, wide = false } = {}): Uint8Array {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, method = 8, streamed = false, encrypted = false } of members) {
    const data = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
    const crc = ~crc32(-1, bytes, 0, bytes.length) >>> 0;
    const flags = (streamed ? 8 : 0) | (encrypted ? 1 : 0);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    if (!streamed) local.writeUInt32LE(crc, 14);
    if (!streamed) local.writeUInt32LE(data.length, 18);
    if (!streamed) local.writeUInt32LE(bytes.length, 22);
    local.writeUInt16LE(name.length, 26);
    const descriptor = Buffer.alloc(streamed ? 16 : 0);
    if (streamed) {
      descriptor.writeUInt32LE(0x08074b50, 0);
      descriptor.writeUInt32LE(crc, 4);
      descriptor.writeUInt32LE(data.length, 8);
      descriptor.writeUInt32LE(bytes.length, 12);
    }
    const extra = Buffer.alloc(wide ? 28 : 0);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(bytes.length), 4);
      extra.writeBigUInt64LE(BigInt(data.length), 12);
      extra.writeBigUInt64LE(BigInt(offset), 20);
    }
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(crc, 16);
    entry.writeUInt32LE(wide ? 0xffffffff : data.length, 20);
    entry.writeUInt32LE(wide ? 0xffffffff : bytes.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(wide ? 0xffffffff : offset, 42);
    central.push(entry, Buffer.from(name), extra);
    parts.push(local, Buffer.from(name), data, descriptor);
    offset += 30 + name.length + data.length + descriptor.length;
  }
  if (!directory) return Buffer.concat(parts);
  const list = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...parts, list, end]));
}

/** A tar archive; a name over 100 bytes gets a pax header. */
function tarOf(members: readonly Member[], { end = true } = {}): Uint8Array {
  const blocks: Buffer[] = [];
  const put = (name: string, type: string, bytes: Uint8Array): void => {
    const header = Buffer.alloc(512);
    header.write(name.slice(0, 100), 0);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write('ustar\0', 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512));
  };
  for (const { name, bytes } of members) {
    if (name.length > 100) {
      const record = ` path=${name}\n`;
      put('pax', 'x', encode(`${record.length + 3}${record}`));
    }
    put(name, name.endsWith('/') ? '5' : '0', bytes);
  }
  return new Uint8Array(Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)]));
}

const withRead = (source: ByteSource, bytes: Uint8Array): ByteSource => ({
  ...source,
  read: async (offset, length) => bytes.slice(offset, offset + length),
});

async function open(name: string, bytes: Uint8Array, random = true) {
  const source = bytesSource(name, bytes, 1000);
  const given = random ? withRead(source, bytes) : source;
  const prepared = await prepareSources([given], [digits], signal);
  const found: Record<string, unknown> = {};
  for (const one of prepared.sources) {
    const titles: string[] = [];
    const report = await readFile(one, [digits], {
      signal,
      onItem: (item) => {
        if (item.kind !== 'batch') return;
        const column = item.batch.columns[2];
        if (column?.type === 'utf8') titles.push(...column.data.map(String));
      },
    });
    found[one.name] = [titles.join(' '), ...report.notices.map(({ code }) => code)];
  }
  const about = prepared.reports.map(({ path, state, notices }) => [
    path,
    state,
    ...notices.map(({ code }) => code),
  ]);
  return { found, about };
}

const members: readonly Member[] = [
  { name: 'logs/', bytes: encode('') },
  { name: 'logs/a.txt', bytes: encode('1\n2\n') },
  { name: './b', bytes: encode('3\n'), method: 0 },
  { name: '.hidden', bytes: encode('4\n') },
  { name: '__MACOSX/b', bytes: encode('5\n') },
  { name: 'packed.gz', bytes: gzipSync('6\n7\n') },
];
const plain = { 'x/logs/a.txt': ['1 2'], 'x/b': ['3'], 'x/packed.gz': ['6 7'] };

describe('zip', () => {
  it.each([
    ['by its directory', zipOf(members)],
    ['with zip64 fields', zipOf(members, { wide: true })],
    ['with sizes after the data', zipOf(members.map((one) => ({ ...one, streamed: true })))],
  ])('is opened %s', async (_, bytes) => {
    expect(await open('x', bytes)).toEqual({ found: plain, about: [] });
    expect(await open('x', bytes, false)).toEqual({ found: plain, about: [] });
    expect(await open('x', gzipSync(bytes), false)).toEqual({ found: plain, about: [] });
  });

  it('gives what comes before a cut, and says so', async () => {
    for (const streamed of [true, false]) {
      const big = Array.from({ length: 5000 }, (_, i) => `${i * i}\n`).join('');
      const list = [
        { name: 'a', bytes: encode('1\n') },
        { name: 'b', bytes: encode(big) },
      ];
      const whole = zipOf(
        list.map((one) => ({ ...one, streamed })),
        { directory: false },
      );
      const { found, about } = await open('x', whole.subarray(0, whole.length - 9000));
      expect(about).toEqual([['x', 'skipped', 'archive-damaged']]);
      expect(found['x/a']).toEqual(['1']);
      expect(String((found['x/b'] as string[])[0])).toMatch(/^0 1 4 9 16/);
      expect((found['x/b'] as string[])[1]).toBe('file-damaged');
    }
  });

  it('names what it leaves out', async () => {
    const bytes = zipOf([
      { name: 'secret', bytes: encode('1\n'), encrypted: true },
      { name: 'odd', bytes: encode('2\n'), method: 14 },
      { name: 'good', bytes: encode('3\n') },
    ]);
    const { found, about } = await open('x', bytes);
    expect(found).toEqual({ 'x/good': ['3'] });
    expect(about).toEqual([['x', 'skipped', 'archive-encrypted', 'archive-entries-left-out']]);
    expect((await open('x', zipOf([]))).about).toEqual([['x', 'failed', 'archive-empty']]);
  });

  it('notices a changed byte in a member', async () => {
    const bytes = zipOf([{ name: 'a', bytes: encode('1\n2\n'), method: 0 }]);
    bytes[31] = 0x33;
    expect((await open('x', bytes)).found).toEqual({ 'x/a': ['3 2', 'file-damaged'] });
  });
});

describe('tar', () => {
  const long = `${'d/'.repeat(70)}c`;
  const list = [...members, { name: long, bytes: encode('8\n') }];
  const all = { ...plain, [`x/${long}`]: ['8'] };

  it('is opened plain, compressed, and within a zip', async () => {
    const bytes = tarOf(list);
    expect(await open('x', bytes)).toEqual({ found: all, about: [] });
    expect(await open('x', gzipSync(bytes))).toEqual({ found: all, about: [] });
    const { found } = await open('all.zip', zipOf([{ name: 'x', bytes: gzipSync(bytes) }]));
    expect(found).toEqual(
      Object.fromEntries(Object.entries(all).map(([name, value]) => [`all.zip/${name}`, value])),
    );
  });

  it('gives what comes before a cut, and says so', async () => {
    const big = Array.from({ length: 9000 }, (_, i) => `${i * i}\n`).join('');
    const bytes = tarOf([
      { name: 'a', bytes: encode('1\n') },
      { name: 'b', bytes: encode(big) },
    ]);
    const cut = await open('x', bytes.subarray(0, 20_000));
    expect(cut.about).toEqual([['x', 'skipped', 'archive-damaged']]);
    expect(cut.found['x/a']).toEqual(['1']);
    expect((cut.found['x/b'] as string[])[1]).toBe('file-damaged');
    const packed = gzipSync(bytes);
    const half = await open('x', packed.subarray(0, packed.length - 5000));
    expect(half.found['x/a']).toEqual(['1']);
    expect((half.found['x/b'] as string[])[1]).toBe('file-damaged');
  });
});

describe('zstd', () => {
  // printf '1\n2\n' | zstd -c; printf '3\n' | zstd -c --no-check
  const [first, second] = ['28b52ffd0458210000310a320a9147a739', '28b52ffd0058110000330a'] as const;
  const raw = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

  it('is read over several frames, in pieces of any size', async () => {
    const bytes = Buffer.concat([raw(first), raw(second)]);
    for (const step of [1, 5, 1000]) {
      const report = await readFile(bytesSource('x', bytes, step), [digits], { signal });
      expect(report).toMatchObject({ format: 'digits', state: 'ok', notices: [] });
      expect(report.parts[0]?.rows).toBe(3);
    }
  });

  it('keeps what comes before a cut', async () => {
    const bytes = Buffer.concat([raw(first), raw(second).subarray(0, 9)]);
    const report = await readFile(bytesSource('x', bytes), [digits], { signal });
    expect(report.parts[0]?.rows).toBe(2);
    expect(report.notices.map(({ code }) => code)).toEqual(['file-damaged']);
  });
});

it('stops at a file that grows out of all proportion', async () => {
  const member = gzipSync(Buffer.alloc(1 << 20, '1'), { level: 9 });
  const bytes = Buffer.concat(Array.from({ length: 300 }, () => member));
  const report = await readFile(bytesSource('x', bytes), [digits], {
    signal,
    onItem: () => undefined,
  });
  expect(report.notices.map(({ code }) => code)).toContain('file-grows-too-much');
});

it('puts together what a format reads as one, out of archives too', async () => {
  const bytes = zipOf([
    { name: 'set/1', bytes: encode('1\n') },
    { name: 'alone', bytes: encode('9\n') },
    { name: 'set/2', bytes: gzipSync('2\n') },
  ]);
  expect((await open('x', bytes)).found).toEqual({ set: ['1 2'], 'x/alone': ['9'] });
});
