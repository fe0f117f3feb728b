import { describe, expect, it } from 'vitest';
import { jsonElements } from '..';
import { bytesSource } from '../testing/import';
import { levelOf } from './log-level';
import { renderTemplate } from './log-template';
import { spanIdOf, traceIdOf, traceparentOf } from './trace-ids';

describe('levels of any logger', () => {
  it.each([
    ['level', 10, 1],
    ['level', 30, 9],
    ['level', 60, 21],
    ['level', '40', 13],
    ['level', 3, 17],
    ['levelno', 30, 13],
    ['level_value', 5000, 1],
    ['severity_number', 17, 17],
    ['level', 'Verbose', 5],
    ['level', 'dpanic', 21],
    ['level', 'custom', 0],
    ['status', 'error', 17],
  ])('%s %j', (path, value, severity) => {
    expect(levelOf(path, value)).toMatchObject({ severity, text: String(value) });
  });

  it.each([
    ['status', 200],
    ['status', 'shipped'],
    ['priority', 'gold'],
    ['detected_level', 'unknown'],
    ['level', null],
    ['level', 8],
    ['severity_number', 30],
  ])('%s %j is none', (path, value) => expect(levelOf(path, value)).toBeUndefined());
});

it('renders message templates with their formats', () => {
  const properties = { Name: 'cart', N: 3, Took: 1.5, Of: { a: 1 } };
  const render = (template: string, renderings?: unknown) =>
    renderTemplate(template, properties, renderings);
  expect(render('{Name} has {N,-5} of {@Of}')).toBe('cart has 3 of {"a":1}');
  expect(render('{Took:0.00} s, {N:000}', ['1.50', '003'])).toBe('1.50 s, 003');
  expect(render('{{N}} {Missing}')).toBe('{N} {Missing}');
});

it('reads ids in all their spellings, and nothing else', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  expect(traceIdOf(id.toUpperCase())).toBe(id);
  expect(traceIdOf('4bf92f35-77b3-4da6-a3ce-929d0e0e4736')).toBe(id);
  expect(traceIdOf('Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1')).toBe(
    '5759e988bd862e3fe1be46a994272793',
  );
  expect(traceIdOf('1234567890', true)).toBe('000000000000000000000000499602d2');
  expect(spanIdOf('18446744073709551615', true)).toBe('ffffffffffffffff');
  expect(spanIdOf('00f067aa0ba902b7')).toBe('00f067aa0ba902b7');
  expect(traceparentOf(`00-${id}-00f067aa0ba902b7-01`)).toEqual({
    traceId: id,
    spanId: '00f067aa0ba902b7',
  });
  for (const none of ['', '0'.repeat(32), 'order-17', `${id}0`, 12.5, null, {}]) {
    expect(traceIdOf(none)).toBe('');
  }
});

it('tells what stands before a list, and keeps no more than that', async () => {
  const text =
    '{"a":1,"r":[{"k":"x","v":[1,2],"z":0},{"k":"y","v":[3]},{"v":[],"k":"late"}],"b":2}';
  const lists: unknown[] = [];
  let rest: unknown;
  const values: unknown[] = [];
  const { signal } = new AbortController();
  const options = {
    lists: ['r.*.v'],
    onList: (enclosing: unknown, path: string) => lists.push([path, enclosing]),
    onRest: (of: unknown) => (rest = of),
  };
  for await (const { records } of jsonElements(bytesSource('x', text, 3), signal, options)) {
    for (const record of records) if ('value' in record) values.push(record.value.value);
  }
  expect(values).toEqual([1, 2, 3]);
  expect(lists).toEqual([
    ['r[0].v', { k: 'x', v: null }],
    ['r[1].v', { k: 'y', v: null }],
    ['r[2].v', { v: null }],
  ]);
  expect(rest).toEqual({ a: 1, r: [0, 0, 0], b: 2 });
});
