import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { simulate, writeCaseFolder } from '../../simulate';
import { blindCase, type Blind } from './blind';
import { createRenaming } from './rename';
import { scrambleCase } from './scramble';

async function caseTexts(scenario: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const sim = simulate({ scenario, seed: 4, size: 0.02, durationS: 240 });
  await writeCaseFolder(sim, async (name, chunks) => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    texts.set(name, text);
  });
  texts.delete('truth.json');
  return texts;
}

const sorted = (text: string, what: RegExp): string[] =>
  [...text.matchAll(what)].map(String).sort();

describe('new names', () => {
  it('keep the pattern and what names share, and are the same for the same seed', () => {
    const names = ['ts-cart-service', 'ts-cart-service-5f6585d649-fnmft', '10.0.0.7'];
    const { name } = createRenaming(names, 1);
    const service = name('ts-cart-service');
    expect(service).toMatch(/^[a-z]{2}-[a-z]{4}-[a-z]{7}$/);
    expect(service).not.toContain('cart');
    expect(name('ts-cart-service-5f6585d649-fnmft')).toMatch(
      new RegExp(`^${service}-\\d[a-z]\\d{4}[a-z]\\d{3}-[a-z]{5}$`),
    );
    expect(name('10.0.0.7')).toMatch(/^[\d.]+$/);
    expect(createRenaming(names, 1).name('ts-cart-service')).toBe(service);
    expect(createRenaming(names, 2).name('ts-cart-service')).not.toBe(service);
  });

  it('replace whole tokens of free text, and the host part of an address', () => {
    const { name, text } = createRenaming(['cart', 'cart-db'], 3);
    expect(text('GET http://cart-db.default:80/cart?x=carton failed.')).toBe(
      `GET http://${name('cart-db')}.default:80/${name('cart')}?x=carton failed.`,
    );
    expect(text('no such name')).toBe('no such name');
  });
});

describe('a scrambled case', () => {
  it('has no old name, every row once, and every time moved by the same whole seconds', async () => {
    const texts = await caseTexts('slow-query');
    const { texts: out, rename } = scrambleCase(texts, 9);
    expect([...out.keys()]).toEqual([...texts.keys()]);
    const spans = texts.get('spans.otlp.jsonl.gz') ?? '';
    const mixed = out.get('spans.otlp.jsonl.gz') ?? '';
    const ids = /"spanId":"[0-9a-f]+"/g;
    expect(sorted(mixed, ids)).toEqual(sorted(spans, ids));
    expect([...mixed.matchAll(ids)].map(String)).not.toEqual([...spans.matchAll(ids)].map(String));
    const services = new Set(
      [...spans.matchAll(/"service.name","value":\{"stringValue":"([^"]+)"/g)].map(
        (m) => m[1] ?? '',
      ),
    );
    expect(services.size).toBeGreaterThan(5);
    for (const service of services) {
      expect(rename.name(service)).not.toBe(service);
      expect(mixed).not.toContain(`"stringValue":"${service}"`);
      expect(mixed).toContain(`"stringValue":"${rename.name(service)}"`);
    }
    const starts = (text: string): bigint[] =>
      [...text.matchAll(/"startTimeUnixNano":"(\d+)"/g)]
        .map((m) => BigInt(m[1] ?? 0))
        .sort((a, b) => (a < b ? -1 : 1));
    const [before, after] = [starts(spans), starts(mixed)];
    const offset = (after[0] ?? 0n) - (before[0] ?? 0n);
    expect(offset % 1_000_000_000n).toBe(0n);
    expect(after).toEqual(before.map((at) => at + offset));
    const metrics = out.get('metrics.om.txt.gz') ?? '';
    expect(metrics.endsWith('# EOF\n')).toBe(true);
    expect(metrics.split('\n').length).toBe(
      (texts.get('metrics.om.txt.gz') ?? '').split('\n').length,
    );
    expect(JSON.parse(out.get('case.json') ?? '{}')).not.toHaveProperty('notes');
    const window = (json: string | undefined): number =>
      Date.parse((JSON.parse(json ?? '{}') as { incident: { from: string } }).incident.from);
    expect(BigInt(window(out.get('case.json')) - window(texts.get('case.json'))) * 1_000_000n).toBe(
      offset,
    );
  });

  it('is the same for the same seed alone', async () => {
    const texts = await caseTexts('memory-leak');
    expect([...scrambleCase(texts, 2).texts]).toEqual([...scrambleCase(texts, 2).texts]);
    expect([...scrambleCase(texts, 2).texts]).not.toEqual([...scrambleCase(texts, 3).texts]);
  });
});

describe('a blind case', () => {
  const series = (times: readonly number[]): string =>
    `# TYPE a gauge\n${times.map((t) => `a{service="x"} 1 ${t}`).join('\n')}\n# EOF\n`;
  const texts = (times: readonly number[]) =>
    new Map([
      ['metrics.om.txt', series(times)],
      [
        'case.json',
        JSON.stringify({
          window: null,
          incident: { from: '1970-01-01T00:16:40Z', to: '1970-01-01T00:18:20Z' },
          baseline: null,
        }),
      ],
    ]);
  const steady = Array.from({ length: 120 }, (_, i) => i * 10);

  const endOf = (blind: Blind | undefined): number =>
    Number([...(blind?.texts.get('metrics.om.txt') ?? '').matchAll(/ 1 (\d+)$/gm)].at(-1)?.[1]);

  it('withholds the windows; its end is cut within the incident or padded', () => {
    const ends = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const blind = blindCase(texts(steady), createRng(seed));
      expect(JSON.parse(blind?.texts.get('case.json') ?? '')).toMatchObject({ incident: null });
      expect(blind && blind.incident.to - blind.incident.from).toBe(100_000_000_000n);
      return endOf(blind);
    });
    expect(new Set(ends).size).toBeGreaterThan(4);
    for (const end of ends) expect(end).toBeGreaterThanOrEqual(1040);
    expect(ends.some((end) => end > 1190)).toBe(true);
    expect(ends.some((end) => end < 1190)).toBe(true);
  });

  it('goes on, where it is padded, series by series and step by step', () => {
    const padded = [1, 2, 3, 4, 5, 6, 7, 8]
      .map((seed) => blindCase(texts(steady), createRng(seed)))
      .find((blind) => endOf(blind) > 1190);
    const text = padded?.texts.get('metrics.om.txt') ?? '';
    const times = [...text.matchAll(/ 1 (\d+)$/gm)].map(([, at]) => Number(at));
    expect(times.slice(1).every((at, i) => at - (times[i] ?? 0) === 10)).toBe(true);
  });

  it('keeps, of a recording in pieces, the one with the incident', () => {
    const far = [0, 10, 20, ...steady.map((t) => t + 86_400 * 30)];
    const moved = new Map(texts(far));
    const at = (t: number): string => new Date((t + 86_400 * 30) * 1000).toISOString();
    moved.set('case.json', JSON.stringify({ incident: { from: at(1000), to: at(1100) } }));
    const blind = blindCase(moved, createRng(1));
    expect(blind?.texts.get('metrics.om.txt')).not.toContain(' 1 20\n');
    expect(endOf(blind)).toBeGreaterThan(86_400 * 30);
  });

  it('is none with traces, or with hardly anything before the incident', () => {
    const rng = createRng(1);
    expect(blindCase(new Map([...texts(steady), ['spans.otlp.jsonl', '']]), rng)).toBeUndefined();
    expect(blindCase(texts(steady.slice(95)), rng)).toBeUndefined();
  });
});
