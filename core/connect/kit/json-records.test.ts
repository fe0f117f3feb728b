import { describe, expect, it } from 'vitest';
import { jsonRecords, type JsonObject } from '..';
import { bytesSource } from '../testing/import';

const { signal } = new AbortController();

async function read(text: string, lists: readonly string[], step = 5) {
  const rests: JsonObject[] = [];
  const found: unknown[] = [];
  const onRest = (rest: JsonObject): number => rests.push(rest);
  for await (const { records } of jsonRecords(bytesSource('x', text, step), signal, {
    lists,
    onRest,
  })) {
    for (const record of records) {
      found.push('value' in record ? [record.value.path, record.value.value] : `!${record.reason}`);
    }
  }
  return { found, rests };
}

describe('jsonRecords', () => {
  it('gives elements of lists, and documents without lists as they are, in order', async () => {
    const text = `${JSON.stringify({ items: [{ a: 1 }, { a: 2 }], kind: 'List' }, null, 2)}
${JSON.stringify({ b: { c: 1 } }, null, 2)}${JSON.stringify({ items: [] }, null, 2)}[{"d": 1}]`;
    for (const step of [3, 10_000]) {
      expect(await read(text, ['items', ''], step)).toEqual({
        found: [
          ['items', { a: 1 }],
          ['items', { a: 2 }],
          [undefined, { b: { c: 1 } }],
          ['', { d: 1 }],
        ],
        rests: [{ items: [], kind: 'List' }, { items: [] }],
      });
    }
  });

  it('says what stands beside a list when its elements have been taken', async () => {
    const order: unknown[] = [];
    const source = bytesSource('x', '{"at": 1, "items": [{"a": 1}, {"a": 2}], "end": 3}', 10_000);
    const onRest = (rest: JsonObject): number => order.push(Object.keys(rest));
    for await (const { records } of jsonRecords(source, signal, { lists: ['items'], onRest })) {
      for (const { where } of records) order.push(where);
    }
    expect(order).toEqual(['items[0]', 'items[1]', ['at', 'items', 'end']]);
  });

  it('reads JSON lines line by line, so that a broken one costs one', async () => {
    const { found } = await read('{"a":1}\n{"a":]\n{"a":3}\n', ['items']);
    expect(found).toEqual([
      [undefined, { a: 1 }],
      '!the line is not a JSON object',
      [undefined, { a: 3 }],
    ]);
  });

  it('takes one compact document for a document', async () => {
    const { found } = await read('{"items":[{"a":1},2]}', ['items']);
    expect(found).toEqual([['items', { a: 1 }], '!it is not a JSON object']);
  });

  it('shows of a record what it is told to, and nothing of one that can not be read', async () => {
    const texts: string[] = [];
    const source = bytesSource('x', '{"a":"secret"}\n{"a":"secr');
    const shown = (value: JsonObject): string => Object.keys(value).join(' ');
    for await (const { records } of jsonRecords(source, signal, { lists: [], shown })) {
      texts.push(...records.map(({ text }) => text));
    }
    expect(texts).toEqual(['a', 'what it holds is not shown']);
  });

  it('says where a document ends too early', async () => {
    expect((await read('{"a": {"b": 1', ['items'])).found).toEqual([
      '!the file ends before its document does',
    ]);
  });
});
