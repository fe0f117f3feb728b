import { describe, expect, it } from 'vitest';
import { propagationText } from '../../model';
import { facts as factsOf, type Facts } from '../facts';
import type { GraphEdge } from '../shifts';
import { ALL, at, runOf } from '../testing/incident';
import { propagationOf } from './propagation';

const edge = (source: string, target: string, kind = 'calls'): GraphEdge => ({
  source,
  target,
  kind,
  provenance: 'file',
  shift: null,
});
const onset = (s: number): number => Number(at(s) / 1_000_000n);

async function factsWith(
  edges: readonly GraphEdge[],
  onsets: Readonly<Record<string, number>>,
  more: Partial<Facts> = {},
): Promise<Facts> {
  const base = await runOf(factsOf, ALL);
  const callers = new Map<string, string[]>();
  for (const { source, target } of edges)
    callers.set(target, [...(callers.get(target) ?? []), source]);
  return {
    ...base,
    graph: { ...base.graph, edges, callers, callees: new Map() },
    onsets: new Map(Object.entries(onsets).map(([id, s]) => [id, onset(s)])),
    ...more,
  };
}

const waysOf = (facts: Facts, cause: string): readonly string[] =>
  propagationOf(facts, cause).map(propagationText);

const CHAIN = [
  edge('service:web', 'service:cart'),
  edge('service:cart', 'service:stock'),
  edge('service:web', 'service:ads'),
  edge('service:ads', 'service:stock'),
];

describe('propagation', () => {
  it('runs against the calls over what became abnormal, with the delay on each hop', async () => {
    const facts = await factsWith(CHAIN, {
      'service:stock': 600,
      'service:cart': 605,
      'service:web': 620,
    });
    expect(waysOf(facts, 'service:stock')).toEqual(['stock → cart (+5 s) → web (+15 s)']);
    expect(waysOf(facts, 'service:web')).toEqual([]);
  });

  it('rather takes the way that time does not speak against', async () => {
    const facts = await factsWith(CHAIN, {
      'service:stock': 600,
      'service:ads': 590,
      'service:cart': 605,
      'service:web': 620,
    });
    expect(waysOf(facts, 'service:stock')).toEqual([
      'stock → cart (+5 s) → web (+15 s)',
      'stock → ads (\u221210 s) → web (+30 s)',
    ]);
  });

  it('puts the way first whose calls lost most', async () => {
    const at600 = { n: 100, errors: 0, p50Ms: 5, p99Ms: 9, standsFor: 1 };
    const slow = { ...at600, p50Ms: 400, p99Ms: 900 };
    const lossy = CHAIN.map((one) =>
      one.source === 'service:ads'
        ? { ...one, shift: { ...one, base: at600, incident: slow, gapZ: 0, gapMs: 0 } }
        : one,
    );
    const onsets = { 'service:stock': 600, 'service:ads': 602, 'service:cart': 605 };
    const facts = await factsWith(lossy, { ...onsets, 'service:web': 620 });
    expect(waysOf(facts, 'service:stock')[0]).toBe('stock → ads (+2 s) → web (+18 s)');
  });

  it('passes what merely holds others, dated or not', async () => {
    const edges = [
      edge('service:cart', 'service_instance:cart-1', 'has_instance'),
      edge('service_instance:cart-1', 'host:h', 'hosted_on'),
    ];
    const facts = await factsWith(edges, { 'host:h': 600, 'service:cart': 630 });
    expect(waysOf(facts, 'host:h')).toEqual(['h → cart-1 → cart (+30 s)']);
  });

  it('ends at the symptom that was named', async () => {
    const onsets = { 'service:stock': 600, 'service:cart': 605, 'service:web': 620 };
    const facts = await factsWith(CHAIN, onsets, { symptom: 'service:cart' });
    expect(waysOf(facts, 'service:stock')).toEqual(['stock → cart (+5 s)']);
  });
});
