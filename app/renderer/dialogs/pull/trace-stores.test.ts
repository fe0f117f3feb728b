import { expect, it } from 'vitest';
import type { Connection } from '../../../../core/host';
import {
  hasTraces,
  namedIn,
  settingsIn,
  traceFault,
  traceKinds,
  traceStores,
} from './trace-stores';

const field = (name: string, timeless = false) => ({
  name,
  label: name,
  hint: '',
  required: false,
  timeless,
});
const kind = (id: string, ...fields: readonly ReturnType<typeof field>[]) => ({
  id,
  title: id,
  signals: [],
  exampleUrl: '',
  throughGrafana: true,
  previewBy: [],
  fields,
});
const jaeger = kind('jaeger', field('trace', true), field('limit'));
const kinds = [kind('prometheus', field('match')), jaeger, { ...jaeger, id: 'tempo' }];
const kept = (id: string, connector: string): Connection => ({
  id,
  connector,
  name: id,
  url: `http://${id}`,
  auth: 'none',
  caFile: '',
  config: {},
});

it('what names single things is told apart from the settings of a backend', () => {
  const config = { trace: ' ab ', limit: '9' };
  expect(namedIn(config, jaeger)).toEqual({ trace: 'ab' });
  expect(settingsIn(config, jaeger)).toEqual({ limit: '9' });
  expect(namedIn({ trace: ' ' }, jaeger)).toEqual({});
  expect(namedIn(config, kinds[0])).toEqual({});
  expect(settingsIn(config, undefined)).toEqual(config);
  expect([...kinds, undefined].map(hasTraces)).toEqual([false, true, true, false]);
});

it('stores of traces stand in the order of their last use in the case, then the newest first', () => {
  const known = [
    kept('a', 'tempo'),
    kept('p', 'prometheus'),
    kept('b', 'jaeger'),
    kept('c', 'tempo'),
  ];
  const names = (...used: readonly (readonly [string, string, bigint])[]): readonly string[] => {
    const sources = used.map(([connector, endpoint, pulledAt]) => ({
      connector,
      endpoint,
      pulledAt,
    }));
    return traceStores(known, kinds, sources).map(({ id }) => id);
  };
  expect(names()).toEqual(['c', 'b', 'a']);
  expect(names(['tempo', 'http://a', 5n], ['jaeger', 'http://b', 9n])).toEqual(['b', 'a', 'c']);
  expect(names(['jaeger', 'http://a', 5n], ['prometheus', 'http://p', 9n])).toEqual([
    'c',
    'b',
    'a',
  ]);
});

it('search clusters come after those that keep traces alone', () => {
  const search = { ...jaeger, id: 'elasticsearch', signals: ['logs', 'spans'] };
  expect(traceKinds([search, ...kinds]).map(({ id }) => id)).toEqual([
    'jaeger',
    'tempo',
    'elasticsearch',
  ]);
  const known = [kept('a', 'tempo'), kept('e', 'elasticsearch')];
  const used = [{ connector: 'elasticsearch', endpoint: 'http://e', pulledAt: 9n }];
  expect(traceStores(known, [search, ...kinds], used).map(({ id }) => id)).toEqual(['a', 'e']);
});

it('says what is wrong with trace ids', () => {
  expect(traceFault('')).toBeUndefined();
  expect(traceFault(`${'a'.repeat(32)}, ${'b'.repeat(16)}`)).toBeUndefined();
  expect(traceFault('checkout')).toMatch(/hex digits/);
});
