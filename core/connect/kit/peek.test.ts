import { describe, expect, it } from 'vitest';
import { chunksOf, jsonElementTexts, peekSource, WireReader } from '..';
import { bytesSource } from '../testing/import';

const { signal } = new AbortController();

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of chunksOf(stream, signal))
    text += decoder.decode(chunk, { stream: true });
  return text;
}

describe('peekSource', () => {
  it('shows the start and gives the source from its start, more than once', async () => {
    const peeked = await peekSource(bytesSource('x', 'abcdefghij', 3), signal, 5, () => false);
    expect(new TextDecoder().decode(peeked.start)).toBe('abcdef');
    expect(peeked.whole).toBe(false);
    expect(await textOf(peeked.source.stream())).toBe('abcdefghij');
    expect(await textOf(peeked.source.stream())).toBe('abcdefghij');
  });

  it('ends where enough was seen, or the source does', async () => {
    const enough = (piece: Uint8Array): boolean => piece.includes(10);
    const some = await peekSource(bytesSource('x', 'ab\ncd', 2), signal, 100, enough);
    expect(new TextDecoder().decode(some.start)).toBe('ab\nc');
    const all = await peekSource(bytesSource('x', 'ab', 2), signal, 100, enough);
    expect([all.whole, await textOf(all.source.stream())]).toEqual([true, 'ab']);
    const none = await peekSource(bytesSource('x', ''), signal, 100, enough);
    expect([none.whole, none.start.length, await textOf(none.source.stream())]).toEqual([
      true,
      0,
      '',
    ]);
  });
});

it('jsonElementTexts gives elements as they stand there, also what was cut or is too long', async () => {
  const found: unknown[] = [];
  const source = bytesSource('x', '{"a":[{"n": 1}, "a long text", {"n"', 4);
  for await (const { records } of jsonElementTexts(source, signal, {
    lists: ['a'],
    maxElement: 9,
  })) {
    for (const record of records) {
      if ('value' in record) found.push([record.text, record.value.whole, record.value.tooLong]);
    }
  }
  expect(found).toEqual([
    ['{"n": 1}', true, false],
    ['', true, true],
    ['{"n"', false, false],
  ]);
});

it('WireReader begins with another message', () => {
  const reader = new WireReader(Uint8Array.of(0x0a, 1, 65), 'message');
  expect([reader.field(), reader.number, reader.string(), reader.field()]).toEqual([
    true,
    1,
    'A',
    false,
  ]);
  reader.reset(Uint8Array.of(0x10, 7));
  expect([reader.field(), reader.number, reader.int32(), reader.field()]).toEqual([
    true,
    2,
    7,
    false,
  ]);
});
