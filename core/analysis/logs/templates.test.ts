import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineKeys, maskLine } from './mask';
import { TemplateMiner } from './templates';

function mine(lines: readonly string[]): { miner: TemplateMiner; templates: readonly string[] } {
  const miner = new TemplateMiner();
  const patterns = lines.map((line) => miner.add(line));
  return { miner, templates: patterns.map((pattern) => miner.templateOf(pattern)) };
}

const LINES = [
  'connection refused by 10.0.0.7:80',
  'connection refused by 10.0.0.9:8080',
  'login of anna from web',
  'login of bert from app',
  'login of carl from web',
  'login of dora from app',
  'login of emil from web',
  'login of fred from web',
  'disk full',
];

describe('maskLine', () => {
  it.each([
    ['took 12.5ms at 10.0.0.7:80 id 0xbeef', 'took <*> at <*> id <*>'],
    ['read /var/log/app/now.log, size=none', 'read <*>, size=<*>'],
    ['shards [1, 2, 3] of [7]', 'shards [<*>] of [<*>]'],
    ['and/or stays', 'and/or stays'],
    ['Zeile über ärgerliche Wörter 4', 'Zeile über ärgerliche Wörter <*>'],
    ['', ''],
    ['   ', ''],
    ['first line\n\tat second.line(File.java:31)', 'first line at second.line(File.java:<*>)'],
  ])('%j', (line, text) => expect(maskLine(line).text).toBe(text));

  it('tells very long lines apart by their beginning', () => {
    expect(maskLine(`x ${'y '.repeat(50_000)}`).tokens).toHaveLength(120);
    expect(maskLine('z'.repeat(9000)).text).toHaveLength(2000);
  });
});

describe('LineKeys', () => {
  const text = fc.array(
    fc.oneof(
      fc.constantFrom(
        'a',
        'bc',
        '7',
        'x9',
        '/a/b',
        'a/b',
        '=',
        ',',
        ':',
        '[',
        ']',
        ' ',
        '\t',
        '|',
        'ü',
      ),
      fc.string({ maxLength: 2 }),
    ),
    { maxLength: 14 },
  );

  it('tells lines apart just where the masked ones differ', () => {
    const keys = new LineKeys();
    const masked = (line: string): string =>
      JSON.stringify(maskLine(line).tokens) + maskLine(line).text;
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [one, other] = [a.join(''), b.join('')];
        expect(keys.key(one) === keys.key(other)).toBe(masked(one) === masked(other));
        const grown = `${one} 4, 5: 6=q`;
        expect(keys.key(grown) === keys.key(`${one}  99:6 = other`)).toBe(
          masked(grown) === masked(`${one}  99:6 = other`),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('says that a line is longer than what is looked at', () => {
    const keys = new LineKeys();
    keys.key('x '.repeat(90));
    expect(keys.cut).toBe(false);
    keys.key('x '.repeat(200));
    expect(keys.cut).toBe(true);
    keys.key('y'.repeat(2001));
    expect(keys.cut).toBe(true);
  });
});

describe('TemplateMiner', () => {
  it('makes a variable of a column with many words and keeps one with few', () => {
    expect(mine(LINES).templates).toEqual([
      'connection refused by <*>',
      'connection refused by <*>',
      'login of <*> from web',
      'login of <*> from app',
      'login of <*> from web',
      'login of <*> from app',
      'login of <*> from web',
      'login of <*> from web',
      'disk full',
    ]);
  });

  it('ends with the same templates in whatever order lines come and whenever it is asked', () => {
    const inOrder = mine(LINES).templates;
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...LINES.keys()], { minLength: LINES.length }),
        fc.array(fc.nat(LINES.length - 1)),
        (order, asked) => {
          const miner = new TemplateMiner();
          const patterns = new Map<number, number>();
          for (const [n, line] of order.entries()) {
            const pattern = miner.add(LINES[line] ?? '');
            patterns.set(line, pattern);
            if (asked.includes(n)) miner.templateOf(pattern);
          }
          const found = [...LINES.keys()].map((i) => miner.templateOf(patterns.get(i) ?? -1));
          expect(found).toEqual(inOrder);
        },
      ),
    );
  });

  it('takes any text, and a pattern once', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => {
        const { miner, templates } = mine([...lines, ...lines]);
        expect(templates.slice(0, lines.length)).toEqual(templates.slice(lines.length));
        expect(miner.size).toBeLessThanOrEqual(new Set(lines).size);
      }),
    );
  });
});
