import { constants, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../model';
import { lineBlocks, readFile, sniffFormats, type FileFormat } from '.';
import { Gunzip, GunzipError } from './import-gunzip';
import { bytesSource, readAll } from './testing/import';

const signal = new AbortController().signal;

function gunzip(bytes: Uint8Array, step: number): { out: Buffer; error: string } {
  const chunks: Uint8Array[] = [];
  const machine = new Gunzip((chunk) => chunks.push(chunk));
  let error = '';
  try {
    for (let at = 0; at < bytes.length; at += step) {
      machine.push(bytes.subarray(at, at + step), false);
    }
    machine.push(new Uint8Array(), true);
  } catch (caught) {
    if (!(caught instanceof GunzipError)) throw caught;
    error = caught.message;
  }
  return { out: Buffer.concat(chunks), error };
}

/** Bytes that compress in part, so that literals, copies and stored blocks all occur. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 400 }))
        .map(([text, n]) => new TextEncoder().encode(text.repeat(n))),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts));

describe('Gunzip', () => {
  it('gives what zlib compressed, in one or several members, in any steps', () => {
    fc.assert(
      fc.property(
        fc.array(content, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 9 }),
        (members, step, level) => {
          const packed = Buffer.concat(members.map((member) => gzipSync(member, { level })));
          const { out, error } = gunzip(packed, step);
          expect(error).toBe('');
          expect(out.equals(Buffer.concat(members))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives all of a large text', () => {
    const text = Array.from({ length: 60_000 }, (_, i) => `line ${i * i} of many\n`).join('');
    const { out, error } = gunzip(gzipSync(text), 65536);
    expect(error).toBe('');
    expect(out.toString()).toBe(text);
  });

  it('hands out a prefix and says so where the file is cut', () => {
    fc.assert(
      fc.property(content, fc.double({ min: 0, max: 1, noNaN: true }), (bytes, share) => {
        const packed = gzipSync(bytes);
        const cut = Math.floor(share * (packed.length - 1));
        const { out, error } = gunzip(packed.subarray(0, cut), 777);
        expect(error).not.toBe('');
        expect(bytes.subarray(0, out.length).equals(out)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('hands out nothing that a cut made up, wherever the cut is', () => {
    const bytes = Buffer.from(' !'.repeat(400) + '\u0000\u0003'.repeat(300));
    for (const level of [1, 6, 9]) {
      for (const strategy of [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED]) {
        const packed = gzipSync(bytes, { level, strategy });
        for (let cut = 0; cut < packed.length; cut++) {
          const { out, error } = gunzip(packed.subarray(0, cut), 777);
          expect(error).not.toBe('');
          expect(bytes.subarray(0, out.length).equals(out)).toBe(true);
        }
      }
    }
  });

  it('notices every changed bit of the content', () => {
    fc.assert(
      fc.property(content, fc.nat(), fc.integer({ min: 0, max: 7 }), (bytes, where, bit) => {
        const packed = gzipSync(bytes);
        // The header's time, name and flags carry no content.
        const at = 10 + (where % (packed.length - 10));
        packed[at]! ^= 1 << bit;
        const { out, error } = gunzip(packed, 1000);
        expect(error !== '' || out.equals(bytes)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses foreign bytes after the end and passes over zeros', () => {
    const packed = gzipSync('content');
    expect(gunzip(Buffer.concat([packed, Buffer.alloc(600)]), 100)).toEqual({
      out: Buffer.from('content'),
      error: '',
    });
    const { out, error } = gunzip(Buffer.concat([packed, Buffer.from('more')]), 100);
    expect(out.toString()).toBe('content');
    expect(error).toContain('after the end');
  });
});

describe('lineBlocks', () => {
  const collect = async (text: string | Uint8Array, step: number, maxLine?: number) => {
    const blocks = [];
    for await (const block of lineBlocks(bytesSource('x', text, step), signal, maxLine)) {
      blocks.push(block);
    }
    return blocks;
  };

  it('gives back every line, whatever the steps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        async (raw, step, ended) => {
          const lines = raw.map((line) => line.replaceAll('\n', ''));
          const text = lines.join('\n') + (ended && lines.length > 0 ? '\n' : '');
          fc.pre(!text.startsWith('\uFEFF'));
          const blocks = await collect(text, step);
          expect(blocks.map((block) => block.text).join('')).toBe(text);
          let line = 1;
          for (const block of blocks) {
            expect(block.firstLine).toBe(line);
            line += block.text.split('\n').length - 1;
          }
          expect(blocks.at(-1)?.unfinished ?? false).toBe(text !== '' && !text.endsWith('\n'));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('passes over a line that is too long and goes on after it', async () => {
    const text = `one\n${'x'.repeat(5000)}\nthree\n`;
    const blocks = await collect(text, 100, 1000);
    expect(blocks.map((block) => block.text).join('')).toBe('one\nthree\n');
    const over = blocks.find((block) => block.passedOver);
    expect(over?.passedOver).toMatchObject({ line: 2, bytes: 5000 });
    expect(over?.firstLine).toBe(3);
  });

  it('names a last line that is too long', async () => {
    const blocks = await collect(`one\n${'x'.repeat(5000)}`, 100, 1000);
    expect(blocks.map((block) => block.text)).toEqual(['one\n', '']);
    expect(blocks[1]?.passedOver).toMatchObject({ line: 2, bytes: 5000 });
  });

  it('takes a byte order mark away and counts what is no UTF-8', async () => {
    const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x0a, 0xc3, 0x28, 0x0a]);
    const blocks = await collect(bytes, 100);
    expect(blocks[0]?.text).toBe('a\uFFFD\n\uFFFD(\n');
    expect(blocks[0]?.malformed).toBe(2);
  });
});

/** Every line is a sample at its number's second; "bad" lines are dropped. */
const numbers: FileFormat = {
  id: 'numbers',
  title: 'Numbers',
  tables: ['samples'],
  sniff: ({ text }) =>
    /^\d/.test(text) ? { confidence: 0.5, why: 'digits' } : { confidence: 0, why: '' },
  describe: () => ({ signals: ['samples'], time: 's', zone: 'UTC', clock: '', guessed: false }),
  read: async function* (source, abort) {
    for await (const block of lineBlocks(source, abort)) {
      const rows = new BatchBuilder('samples');
      for (const [i, line] of block.text.split('\n').entries()) {
        if (/^\d+$/.test(line)) {
          rows.col.series_id.push(1n);
          rows.col.ts.push(BigInt(line) * 1_000_000_000n);
          rows.col.value.push(Number(line));
          rows.endRow();
        } else if (line !== '') {
          const where = `line ${block.firstLine + i}`;
          const record = { signal: 'samples', where, text: line, reason: 'no number' } as const;
          yield { kind: 'dropped', record };
        }
      }
      yield { kind: 'batch', batch: rows.take() };
    }
  },
};

describe('readFile', () => {
  it('counts rows, dropped records, examples and the range', async () => {
    const text = '5\nbad 1\n3\nbad 2\nbad 3\nbad 4\n9\n';
    const { report } = await readAll(bytesSource('n.txt', text), [numbers]);
    expect(report).toMatchObject({ format: 'numbers', why: 'digits', state: 'ok', notices: [] });
    expect(report.parts).toEqual([
      {
        signal: 'samples',
        rows: 3,
        dropped: 4,
        droppedExamples: [
          { where: 'line 2', text: 'bad 1', reason: 'no number' },
          { where: 'line 4', text: 'bad 2', reason: 'no number' },
          { where: 'line 5', text: 'bad 3', reason: 'no number' },
        ],
        from: 3_000_000_000n,
        to: 9_000_000_000n,
      },
    ]);
  });

  it('reads gzip by content, whatever the name, and keeps what comes before a cut', async () => {
    const text = Array.from({ length: 40_000 }, (_, i) => `${i * 7919}\n`).join('');
    const packed = gzipSync(text);
    const whole = await readAll(bytesSource('n.txt', packed), [numbers]);
    expect(whole.report.parts[0]).toMatchObject({ rows: 40_000, dropped: 0 });
    const cut = await readAll(bytesSource('n.gz', packed.subarray(0, packed.length / 2)), [
      numbers,
    ]);
    expect(cut.report.state).toBe('ok');
    expect(cut.report.parts[0]?.rows).toBeGreaterThan(10_000);
    expect(cut.report.notices.map((notice) => notice.code)).toEqual(['file-damaged']);
  });

  it('reports a file that is damaged from its start as failed', async () => {
    const bytes = Uint8Array.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 0, 3, 0xff, 0xff, 0xff, 0xff]);
    const { report } = await readAll(bytesSource('n.gz', bytes), [numbers]);
    expect(report).toMatchObject({ format: null, state: 'failed' });
    expect(report.notices[0]?.code).toBe('format/damaged');
  });

  it('never reads the answers of a labelled set', async () => {
    let opened = 0;
    const source = {
      name: 'a/b/truth.json',
      stream: () => (opened++, bytesSource('', '1').stream()),
    };
    const report = await readFile(source, [numbers], { signal });
    expect(report).toMatchObject({ state: 'skipped', format: null, parts: [] });
    expect(opened).toBe(0);
    for (const [name, text] of [
      ['groups.jsonl', '1\n'],
      ['renamed.json', '{"root_cause":{"service":"x"},"injected_at":"2024-01-01T00:00:00Z"}'],
      ['renamed.jsonl', '{"ts":"x","fingerprint":"y","fault_id":"z"}\n'],
    ] as const) {
      const { report: other } = await readAll(bytesSource(name, text), [numbers]);
      expect(other.state).toBe('skipped');
    }
  });

  it('says what it was where no format fits', async () => {
    const zip = await readAll(bytesSource('x', Uint8Array.from([0x50, 0x4b, 3, 4, 0])), [numbers]);
    expect(zip.report).toMatchObject({ format: null, state: 'failed' });
    expect(zip.report.why).toContain('zip');
    const empty = await readAll(bytesSource('x', ''), [numbers]);
    expect(empty.report.why).toBe('The file is empty.');
    const text = await readAll(bytesSource('x', 'hello world'), [numbers]);
    expect(text.report.why).toContain('hello world');
  });

  it('takes the format a person chose, and rejects an unknown one', async () => {
    const { report } = await readAll(bytesSource('x', 'bad\n7\n'), [numbers], 'numbers');
    expect(report).toMatchObject({ format: 'numbers', why: 'Chosen by hand.' });
    await expect(readAll(bytesSource('x', '7'), [numbers], 'nope')).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it('stops when it is cancelled, and passes on what the taker throws', async () => {
    const control = new AbortController();
    const text = Array.from({ length: 600_000 }, (_, i) => `${i}\n`).join('');
    const taken = readFile(bytesSource('x', text), [numbers], {
      signal: control.signal,
      onItem: () => control.abort(),
    });
    await expect(taken).rejects.toMatchObject({ code: 'cancelled' });
    const failing = readFile(bytesSource('x', text), [numbers], {
      signal,
      onItem: () => {
        throw new RangeError('full');
      },
    });
    await expect(failing).rejects.toThrow('full');
  });

  it('prefers the format that is surest, the first of equals', () => {
    const head = { name: 'x', bytes: new Uint8Array(), text: '1' };
    const other = { ...numbers, id: 'other' };
    expect(sniffFormats(head, [numbers, other])?.format.id).toBe('numbers');
    const sure = { ...numbers, id: 'sure', sniff: () => ({ confidence: 0.9, why: 'sure' }) };
    expect(sniffFormats(head, [numbers, sure])?.format.id).toBe('sure');
    expect(sniffFormats({ ...head, text: 'x' }, [numbers])).toBeNull();
  });
});
