import { expect, test } from 'vitest';
import { coverage } from '../detect/coverage';
import { facts as factsOf, type Facts } from '../facts';
import type { GraphEdge } from '../shifts';
import { fetchFrom, frameOf } from '../testing/frames';
import { ALL, runOf } from '../testing/incident';
import { Desk } from './desk';
import { gatherSlowEdges } from './evidence-edges';

const calls = (source: string, target: string, gapZ: number, gapMs: number): GraphEdge => ({
  source,
  target,
  kind: 'calls',
  provenance: 'spans',
  shift: {
    source,
    target,
    base: null,
    incident: { n: 40, errors: 0, p50Ms: 9, p99Ms: 90, standsFor: 1 },
    gapZ,
    gapMs,
  },
});

async function told(edges: readonly GraphEdge[], entityId: string): Promise<Desk> {
  const base = await runOf(factsOf, ALL);
  const facts: Facts = { ...base, graph: { ...base.graph, edges } };
  const gap = frameOf(
    'evidence.edge-gap',
    `baseline_ms incident_ms baseline_calls incident_calls snap_rows snap_hash snap_first
     2 98 120 40 160 abc -`,
  );
  const fetch = fetchFrom({ ...ALL, 'evidence.edge-gap': gap });
  const desk = new Desk(facts, await runOf(coverage, ALL), fetch, entityId);
  await gatherSlowEdges(desk);
  return desk;
}

test('calls that are long on the way are a claim and a place to look, the most time first', async () => {
  const desk = await told(
    [
      calls('service:web', 'service:cart', 9, 40),
      calls('service:order', 'service:cart', 9, 90),
      calls('service:web', 'service:ads', 9, 500),
      calls('service:job', 'service:cart', 2, 900),
    ],
    'service:cart',
  );
  expect(desk.culprits).toEqual([
    { kind: 'edge', name: 'order → cart', detail: '2 ms → 98 ms on the way' },
    { kind: 'edge', name: 'web → cart', detail: '2 ms → 98 ms on the way' },
  ]);
  expect(desk.evidence[0]).toMatchObject({
    stance: 'for',
    query: 'evidence.edge-gap',
    value: 98,
    rows: 160,
    claim:
      'Calls order → cart spend 98 ms outside of the callee (median of 40: network, queueing), 2 ms before',
  });
});

test('an edge that did not slow is none', async () => {
  expect(
    (await told([calls('service:web', 'service:cart', 5, -3)], 'service:cart')).culprits,
  ).toEqual([]);
});
