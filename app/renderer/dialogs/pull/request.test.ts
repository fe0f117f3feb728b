import { describe, expect, it } from 'vitest';
import type { CatalogItem } from '../../../../core/connect';
import { connectionSchema } from '../../../../core/host';
import { secretsOf } from './access';
import { parseAddress } from './address';
import {
  around,
  baselineOf,
  connectionOf,
  edited,
  emptyForm,
  filterItems,
  lacking,
  parseBudget,
  selectionOf,
  selectionText,
  settled,
  typedWindow,
} from './request';

const prometheus = {
  id: 'prometheus',
  title: 'Prometheus',
  signals: ['samples'],
  exampleUrl: 'http://127.0.0.1:9090',
  throughGrafana: true,
  previewBy: [],
  fields: [{ name: 'match', label: 'Series', hint: '', required: true }],
};

describe('an address', () => {
  it('is taken as people paste it', () => {
    expect(parseAddress(' prom:9090/ ')?.url).toBe('http://prom:9090');
    expect(parseAddress('https://a.example/prometheus/')?.url).toBe('https://a.example/prometheus');
    expect(parseAddress('s3://telemetry/lake/')?.url).toBe('s3://telemetry/lake');
    expect(parseAddress('ftp://a')).toBeUndefined();
    expect(parseAddress('')).toBeUndefined();
    expect(parseAddress('http://')).toBeUndefined();
  });

  it('gives its sign-in away, so that it is not kept in clear', () => {
    const form = settled({ ...emptyForm('prometheus'), url: 'http://me:p%40ss@prom:9090' });
    const secrets = { username: 'me', password: 'p@ss' };
    expect(form).toMatchObject({ url: 'http://prom:9090', auth: 'basic', secrets });
    const connection = connectionOf(form, 'x', prometheus);
    expect(JSON.stringify(connection)).not.toContain('p@ss');
    expect(connection.name).toBe('prometheus, prom:9090');
    expect(secretsOf(form)).toEqual({ username: 'me', password: 'p@ss' });
  });
});

describe("an address of Kafka's brokers", () => {
  const kafka = { ...prometheus, id: 'kafka', exampleUrl: 'kafka://127.0.0.1:9092', fields: [] };
  const form = { ...emptyForm('kafka'), url: 'kafka://me:s3cret@A.example,b:9093/' };

  it('may name several, and its sign-in is taken out', () => {
    const clean = settled(form);
    expect(clean).toMatchObject({
      url: 'kafka://a.example:9092,b:9093',
      auth: 'basic',
      secrets: { username: 'me', password: 's3cret' },
    });
    const connection = connectionOf(clean, 'x', { ...prometheus, title: 'Kafka' });
    expect(connection.name).toBe('kafka, a.example:9092');
    expect(connectionSchema.parse(connection).url).toBe('kafka://a.example:9092,b:9093');
    expect(settled({ ...form, url: 'kafka+ssl://[::1]:9093' }).url).toBe('kafka+ssl://[::1]:9093');
  });

  it('is asked for by Kafka alone', () => {
    expect(lacking(form, kafka, true)).toBeUndefined();
    for (const url of [
      'http://a:9092',
      'a:9092',
      'kafka://',
      'kafka://a b',
      'kafka://a:9092?x=1',
    ]) {
      expect(lacking({ ...form, url }, kafka, true)).toContain('kafka+ssl://');
    }
    expect(lacking(form, { ...prometheus, fields: [] }, true)).toContain('HTTP');
  });
});

describe('the form', () => {
  const form = { ...emptyForm('prometheus'), url: 'prom:9090', config: { match: 'up' } };

  it('says what it lacks', () => {
    expect(lacking(form, undefined, false)).toContain('kind');
    expect(lacking({ ...form, url: '' }, prometheus, false)).toContain('127.0.0.1');
    expect(lacking({ ...form, config: { match: ' ' } }, prometheus, false)).toBe(
      'Series is needed.',
    );
    expect(lacking({ ...form, auth: 'bearer' }, prometheus, false)).toBe('Give the token.');
    expect(lacking({ ...form, auth: 'bearer', id: 'x' }, prometheus, true)).toBeUndefined();
    expect(lacking(form, prometheus, false)).toBeUndefined();
  });

  it('lets a name go that only said the address, when the address changes', () => {
    const usual = { ...form, name: 'prometheus, prom:9090' };
    expect(edited(usual, { url: 'b:1' }, 'Prometheus')).toMatchObject({ name: '', url: 'b:1' });
    expect(edited(usual, { auth: 'bearer' }, 'Prometheus').name).toBe('prometheus, prom:9090');
    const named = { ...form, name: 'production' };
    expect(edited(named, { url: 'b:1' }, 'Prometheus').name).toBe('production');
  });

  it('leaves kept credentials alone unless new ones are typed', () => {
    expect(secretsOf({ ...form, auth: 'basic' })).toBeNull();
    const secrets = { token: 't' };
    expect(secretsOf({ ...form, auth: 'bearer', secrets })).toEqual(secrets);
    expect(secretsOf({ ...form, auth: 'none', secrets })).toBeNull();
  });
});

describe('the window', () => {
  const HOUR = 3_600_000_000_000n;
  const now = 1_795_270_690_000_000_000n;

  it('takes relative and absolute times, and says what is wrong', () => {
    expect(typedWindow('now-2h', 'now', now)).toEqual({ from: now - 2n * HOUR, to: now });
    expect(typedWindow('2026-11-21T14:00:00Z', '2026-11-21T15:00:00+00:00', now)).toMatchObject({
      from: BigInt(Date.parse('2026-11-21T14:00:00Z')) * 1_000_000n,
    });
    expect(typedWindow('now', 'now-2h', now)).toContain('ends before');
    expect(typedWindow('yesterday', 'now', now)).toContain('The beginning is no time');
    expect(typedWindow('now-1h', '', now)).toBe('Give the end.');
  });

  it('has baselines of its own length', () => {
    const window = { from: now - HOUR, to: now };
    expect(baselineOf(window, 'previous')).toEqual({ from: now - 2n * HOUR, to: now - HOUR });
    expect(baselineOf(window, '-1d')).toEqual({ from: now - 25n * HOUR, to: now - 24n * HOUR });
    expect(baselineOf(window, '-1w').to).toBe(now - 168n * HOUR);
    expect(around(window)).toEqual({
      from: now - 90n * (HOUR / 60n),
      to: now + 30n * (HOUR / 60n),
    });
  });
});

describe('what to pull', () => {
  const item = (id: string, more: Partial<CatalogItem> = {}): CatalogItem => ({
    id,
    title: id,
    signal: 'samples',
    count: 10,
    unit: 'series',
    selected: true,
    ...more,
  });
  const items = [
    item('http_requests_total'),
    item('go_gc', { selected: false }),
    item('logs-*', { signal: 'logs', unit: 'documents', count: null, mapping: 'time: ts' }),
  ];

  it('is the backend’s own choice until it is changed', () => {
    expect(selectionOf(items, new Set(['http_requests_total', 'logs-*']))).toBeUndefined();
    expect(selectionOf(items, new Set(['go_gc']))).toEqual(['go_gc']);
  });

  it('is found by words in any order, the mapping too', () => {
    expect(filterItems(items, 'total http').map(({ id }) => id)).toEqual(['http_requests_total']);
    expect(filterItems(items, 'time:').map(({ id }) => id)).toEqual(['logs-*']);
    expect(filterItems(items, ' ')).toBe(items);
  });

  it('is summed up by signal, and unknown counts are said', () => {
    expect(selectionText(items, new Set(['http_requests_total', 'go_gc', 'logs-*']))).toBe(
      'samples: 20 series; logs: not counted',
    );
  });

  it('has a budget as people write numbers', () => {
    expect(parseBudget('1 000 000')).toBe(1_000_000);
    expect(parseBudget('200k')).toBe(200_000);
    expect(parseBudget('1.5M')).toBe(1_500_000);
    expect(parseBudget('0')).toBeUndefined();
    expect(parseBudget('many')).toBeUndefined();
  });
});
