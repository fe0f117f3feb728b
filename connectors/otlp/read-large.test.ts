import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource, tablesOf } from '../../core/connect/testing/import';
import type { FormatItem } from '../../core/connect';
import { JsonFileReader } from './read-json';
import { OtlpRows } from './rows';

const { signal } = new AbortController();

/** Rows as texts in any order, and dropped records, where no element over `elementMax` bytes is held. */
async function read(text: string, elementMax?: number) {
  const rows = new OtlpRows();
  const reader = new JsonFileReader(rows, elementMax);
  const items: FormatItem[] = [];
  for await (const item of reader.read(bytesSource('x', text), signal)) items.push(item);
  items.push(...rows.items(true));
  const tables = tablesOf(items.flatMap((item) => (item.kind === 'batch' ? [item.batch] : [])));
  const texts = Object.entries(tables).flatMap(([table, list]) =>
    list.map((row) =>
      JSON.stringify([table, row], (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    ),
  );
  const dropped = items.flatMap((item) => (item.kind === 'dropped' ? [item.record] : []));
  return { rows: texts.sort(), dropped };
}

const sample = (file: string): string =>
  readFileSync(new URL(`samples/${file}`, import.meta.url), 'utf8');
const pretty = (file: string): string =>
  sample(file)
    .trim()
    .split('\n')
    .map((line) => JSON.stringify(JSON.parse(line), null, 1))
    .join('\n');

describe('resources that are too large to be held whole', () => {
  it('are read in parts, to the same rows', async () => {
    const wrapped = `{\n"trace": ${pretty('tempo.json')}}`;
    for (const text of [
      sample('pretty.json'),
      pretty('mixed.jsonl'),
      sample('snake.json'),
      wrapped,
    ]) {
      const all = await read(text);
      expect(all.rows.length).toBeGreaterThan(4);
      for (const max of [1400, 2500]) expect(await read(text, max)).toEqual(all);
    }
  });

  it('are read as far as a file that was cut has them', async () => {
    const text = sample('pretty.json');
    const cut = text.slice(0, text.length - 900);
    const all = await read(cut);
    const parts = await read(cut, 1600);
    expect(parts.rows).toEqual(all.rows);
    expect(parts.dropped).toHaveLength(1);
  });

  it('are dropped with why where what they belong to is not known, or a record is too large itself', async () => {
    const text = sample('pretty.json');
    const nameless = text.replaceAll('"resource":', '"other":');
    const { rows, dropped } = await read(nameless, 1600);
    expect(rows.filter((row) => row.startsWith('["spans"')).length).toBeLessThan(15);
    expect(dropped[0]?.reason).toContain('could not be read in parts');
    const small = await read(text, 400);
    expect(small.rows.filter((row) => row.startsWith('["spans"'))).toHaveLength(0);
    expect(small.dropped).toHaveLength(15);
  });
});
