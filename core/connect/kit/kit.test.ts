import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRfc3339 } from '../../base';
import {
  NoticeCounts,
  TimeReader,
  csvFields,
  csvRecords,
  epochNs,
  guessTimeUnit,
  headCsv,
  headJson,
  headLines,
  jsonElements,
  levelInText,
  randomAccess,
  severityOfSyslog,
  severityOfTens,
  severityOfWord,
  shareOfLines,
  textLines,
  zoneOffset,
  type Head,
  type ReadChoices,
  type RecordBlock,
} from '..';
import { bytesSource } from '../testing/import';

const { signal } = new AbortController();
const headOf = (text: string): Head => ({ name: 'x', bytes: new TextEncoder().encode(text), text });

/** Records of blocks: their values, or `!reason`. */
async function valuesOf<V>(blocks: AsyncIterable<RecordBlock<V>>): Promise<readonly unknown[]> {
  const out: unknown[] = [];
  for await (const { records } of blocks) {
    for (const record of records) out.push('value' in record ? record.value : `!${record.reason}`);
  }
  return out;
}

describe('jsonElements', () => {
  const elements = async (
    text: string,
    lists: readonly string[],
    step = 5,
    maxElement?: number,
  ) => {
    const rests: unknown[] = [];
    const onRest = (rest: unknown): number => rests.push(rest);
    const source = bytesSource('x', text, step);
    const found = await valuesOf(jsonElements(source, signal, { lists, onRest, maxElement }));
    return { found, rests };
  };
  const values = (found: readonly unknown[]): readonly unknown[] =>
    found.map((one) => (typeof one === 'string' ? one : (one as { value: unknown }).value));

  it('gives what JSON.parse gives, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 6 }),
        fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(0, 2),
        async (list, beside, step, indent) => {
          const rest = { ...beside, data: { result: [] } };
          const text = JSON.stringify({ ...beside, data: { result: list } }, null, indent);
          const { found, rests } = await elements(text, ['data.result'], step);
          expect(values(found)).toEqual(list.map((v) => JSON.parse(JSON.stringify(v)) as unknown));
          expect(rests).toEqual([JSON.parse(JSON.stringify(rest))]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('finds lists in lists, at the top, and in one document after the other', async () => {
    const text = '{"data":[{"spans":[1,2]},{"spans":[{"a":"]}"}]}]}\n{"data":[{"spans":["x"]}]}';
    const { found } = await elements(text, ['data.*.spans']);
    expect(found).toMatchObject([
      { path: 'data[0].spans', index: 0, document: 0, value: 1 },
      { path: 'data[0].spans', index: 1, value: 2 },
      { path: 'data[1].spans', index: 0, value: { a: ']}' } },
      { path: 'data[0].spans', index: 0, document: 1, value: 'x' },
    ]);
    expect(values((await elements('\uFEFF[{"a":1}, [2], "3"]', [''])).found)).toEqual([
      { a: 1 },
      [2],
      '3',
    ]);
  });

  it('drops what is cut, broken or too long, and goes on where it can', async () => {
    expect(values((await elements('[{"a":1},{"a":2', [''])).found)).toEqual([
      { a: 1 },
      '!the file ends within it',
    ]);
    const broken = await elements('[{"a":nul},{"a":2}]', ['']);
    expect(values(broken.found)[0]).toMatch(/^!it is not valid JSON/);
    expect(values(broken.found)[1]).toEqual({ a: 2 });
    const long = await elements('["xxxxxxxxxxxxxxxxxxxxxxxxx",1]', [''], 5, 10);
    expect(values(long.found)).toEqual(['!it has over 27 bytes as one element', 1]);
    const stray = await elements('{"data":[1}}', ['data']);
    expect(values(stray.found).at(-1)).toMatch(/^!the JSON is broken here/);
  });

  it('says that a document does not end, and ends on any brackets', async () => {
    expect((await elements('{"data":[1]', ['data'])).found).toHaveLength(2);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '"data"', '1', ' '), {
          maxLength: 30,
        }),
        async (marks) => {
          const { found } = await elements(marks.join(''), ['', 'data', '*'], 3);
          expect(found.length).toBeLessThanOrEqual(marks.length + 1);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('CSV', () => {
  const rows = (text: string, step = 4) =>
    valuesOf(csvRecords(bytesSource('x', text, step), signal, ','));
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'é', ' '), maxLength: 8 });

  it('reads what RFC 4180 writes, whatever stands in the fields and pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom('\n', '\r\n'),
        async (table, step, end) => {
          const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
          const text = table.map((row) => row.map(quote).join(',') + end).join('');
          expect(await rows(text, step)).toEqual(table);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps a quote within a field, and loses one line to a quote that never ends', async () => {
    expect(await rows('a,5" disk\nb,c\n')).toEqual([
      ['a', '5" disk'],
      ['b', 'c'],
    ]);
    expect(await rows('a,b\nc,"d\ne,f\n')).toEqual([
      ['a', 'b'],
      '!a quote in the line does not end',
      ['e', 'f'],
    ]);
    expect(csvFields('a;;"b;c";', ';')).toEqual(['a', '', 'b;c', '']);
  });

  it('guesses the delimiter by the lines that fit', () => {
    expect(headCsv(headOf('time;value\n1;2,5\n2;3,5\n'))).toMatchObject({
      delimiter: ';',
      header: ['time', 'value'],
    });
    expect(headCsv(headOf('a\tb\n1\t2'))).toMatchObject({ delimiter: '\t', rows: [['1', '2']] });
    expect(headCsv(headOf('{"a":1,"b":2}\n'))).toBeUndefined();
    expect(headCsv(headOf('one line of text\nanother line'))).toBeUndefined();
  });
});

describe('times', () => {
  const read = (value: unknown, choices: ReadChoices = {}) => {
    const notices = new NoticeCounts();
    const ns = new TimeReader(notices, choices).read(value);
    return {
      at: ns === undefined ? undefined : formatRfc3339(ns),
      codes: notices.take().map((n) => n.code),
    };
  };
  const now = BigInt(Date.UTC(2024, 4, 1)) * 1_000_000n;

  it.each([
    ['2024-05-01T10:00:00.123456789Z', '2024-05-01T10:00:00.123456789Z'],
    ['2024-05-01 10:00:00,123 +0200', '2024-05-01T08:00:00.123Z'],
    ['2024-05-01 10:00:00.5 +0000 UTC m=+0.001', '2024-05-01T10:00:00.500Z'],
    ['01/May/2024:10:00:00 -0700', '2024-05-01T17:00:00Z'],
    ['Wed, 01 May 2024 10:00:00 GMT', '2024-05-01T10:00:00Z'],
    ['20240501T100000Z', '2024-05-01T10:00:00Z'],
    ['5/31/2024 1:05:00 PM UTC', '2024-05-31T13:05:00Z'],
  ])('%s', (text, at) => {
    expect(read(text)).toEqual({ at, codes: [] });
  });

  it.each(['2024-02-30T10:00:00Z', '2023-02-29 10:00:00 UTC', '31/Apr/2024:10:00:00 -0700'])(
    'takes %s for no time',
    (text) => {
      expect(read(text).at).toBeUndefined();
    },
  );

  it('looks for the year of a leap day', () => {
    const later = BigInt(Date.UTC(2027, 4, 1)) * 1_000_000n;
    expect(read('Feb 29 22:14:15', { now: later }).at).toBe('2024-02-29T22:14:15Z');
  });

  it.each([
    ['2024-05-01 10:00:00', '2024-05-01T10:00:00Z', ['zone-unknown']],
    ['May 1, 2024 @ 10:00:00.123', '2024-05-01T10:00:00.123Z', ['zone-unknown']],
    ['01/May/24 1:05 PM', '2024-05-01T13:05:00Z', ['zone-unknown']],
    ['Wed May  1 10:00:00 2024', '2024-05-01T10:00:00Z', ['zone-unknown']],
    ['Apr 11 22:14:15', '2024-04-11T22:14:15Z', ['year-assumed', 'zone-unknown']],
    ['Oct 11 22:14:15', '2023-10-11T22:14:15Z', ['year-assumed', 'zone-unknown']],
    ['Feb 29 22:14:15', '2024-02-29T22:14:15Z', ['year-assumed', 'zone-unknown']],
    ['03/04/2024 10:00', '2024-03-04T10:00:00Z', ['day-or-month-first', 'zone-unknown']],
    ['03.04.2024 10:00:00', '2024-04-03T10:00:00Z', ['zone-unknown']],
    [1714557600.25, '2024-05-01T10:00:00.250Z', ['time-unit-s-guessed']],
    ['1714557600250', '2024-05-01T10:00:00.250Z', ['time-unit-ms-guessed']],
    [1714557600250000, '2024-05-01T10:00:00.250Z', ['time-unit-us-guessed']],
    ['1714557600250000001', '2024-05-01T10:00:00.250000001Z', ['time-unit-ns-guessed']],
  ])('%s says what it assumed', (value, at, codes) => {
    expect(read(value, { now })).toEqual({ at, codes });
  });

  it('takes what a person chose, and nothing for a time that is none', () => {
    expect(read('2024-07-01 10:00:00', { zone: 'Europe/Berlin' }).at).toBe('2024-07-01T08:00:00Z');
    expect(read('2024-01-01 10:00:00', { zone: 'America/New_York' }).at).toBe(
      '2024-01-01T15:00:00Z',
    );
    expect(read('03/04/2024 10:00', { dayFirst: true, zone: 'UTC' })).toEqual({
      at: '2024-04-03T10:00:00Z',
      codes: [],
    });
    expect(read(1714557600250, { timeUnit: 'µs' }).at).toBe('1970-01-20T20:15:57.600250Z');
    for (const none of ['', 'soon', '2024-13-01T10:00:00', 'Foo 1 10:00:00', 5, null, {}]) {
      expect(read(none).at).toBeUndefined();
    }
    expect(zoneOffset('Mars/Base', 0n)).toBeUndefined();
  });

  it('keeps every digit of a number', () => {
    expect(epochNs('1714557600.123456789', 's')).toBe(1714557600123456789n);
    expect(epochNs(240000, 'ms')).toBe(240_000_000_000n);
    expect(epochNs(1e-3, 's')).toBe(1_000_000n);
    expect(epochNs(1e30, 's')).toBeUndefined();
    expect(epochNs('99999999999999999999', 'ns')).toBeUndefined();
    expect([1e7, 1.7e9, 1.7e12, 1.7e15, 1.7e18].map(guessTimeUnit)).toEqual([
      undefined,
      's',
      'ms',
      'µs',
      'ns',
    ]);
  });
});

it('levels by word, number and place in a text', () => {
  expect(['warning', 'ERR', 'Notice', 'F', 'what'].map(severityOfWord)).toEqual([13, 17, 9, 21, 0]);
  expect([0, 3, 7, 9].map(severityOfSyslog)).toEqual([24, 17, 5, 0]);
  expect([10, 30, 50, 60, 5].map(severityOfTens)).toEqual([1, 9, 17, 21, 0]);
  expect(levelInText('ts=1 level=warn msg=x')).toBe('warn');
  expect(levelInText('2024 [error] no room')).toBe('error');
  expect(levelInText('INFORMATION about errors')).toBe('');
});

it('a head gives its first value, lines and share, however it is cut', () => {
  expect(headJson(headOf('{"a":[1,{"b":"c"},{"d":tr'))).toEqual({ a: [1, { b: 'c' }, {}] });
  expect(headJson(headOf('text'))).toBeUndefined();
  expect(headLines(headOf('\uFEFFa\r\n\nb'))).toEqual(['a', 'b']);
  expect(shareOfLines(headOf('a 1\nb\na 2\n'), (line) => line.startsWith('a'))).toBeCloseTo(2 / 3);
});

it('lines without their ends; bytes anywhere', async () => {
  expect(await valuesOf(textLines(bytesSource('x', 'a\r\n\nb'), signal))).toEqual(['a', 'b']);
  const blank = textLines(bytesSource('x', 'a\r\n\n \nb\n\n', 2), signal, { blank: true });
  expect(await valuesOf(blank)).toEqual(['a', '', '', 'b', '']);
  const bytes = await randomAccess(bytesSource('x', 'abcdef', 2), signal);
  expect(bytes.size).toBe(6);
  expect(new TextDecoder().decode(await bytes.read(4, 10))).toBe('ef');
  await expect(randomAccess(bytesSource('x', 'abcdef', 2), signal, 3)).rejects.toMatchObject({
    code: 'format/damaged',
  });
});
