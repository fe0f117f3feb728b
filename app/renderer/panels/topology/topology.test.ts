import { describe, expect, it } from 'vitest';
import type { EdgeStats, Topology } from '../../../../core/model';
import { arranged, crowded, roomOf, spaced } from './arrange';
import { curveOf } from './curves';
import { elementsOf, figureId, withFigures } from './elements';
import { matching } from './find';
import { keptPositions, layered } from './layout';
import {
  changeOf,
  foldLeaves,
  heatIn,
  healthTone,
  hideHealthy,
  viewOf,
  withPlaces,
  worstOf,
  type View,
} from './model';
import { linksOf, pathThrough, spreadOf, stepNode } from './paths';
import { strip } from './scrubber';
import { edgeKey, resolver, trafficOf } from './traffic';
import { momentsOf } from './use-view';

const stats = (calls: number, errors: number, p99Ms: number): EdgeStats => ({
  calls,
  errors,
  p50Ms: p99Ms / 2,
  p99Ms,
});

const node = (name: string, health = 0, kind: 'service' | 'database' = 'service') => ({
  entity: { id: `${kind}:${name}`, kind, name },
  health,
  baseline: null,
  incident: null,
});

const edge = (source: string, target: string, provenance = 'spans') => ({
  source,
  target,
  kind: 'calls',
  provenance,
  baseline: null,
  incident: null,
});

const TOPOLOGY: Topology = {
  nodes: [node('web'), node('shop', 0.9), node('ads'), node('db', 0.3, 'database')],
  edges: [
    edge('service:web', 'service:shop'),
    edge('service:shop', 'database:db'),
    edge('service:web', 'service:ads', 'file'),
  ],
};
const WEB_SHOP = edgeKey('service:web', 'service:shop');
const SHOP_DB = edgeKey('service:shop', 'database:db');

function sample(): View {
  return viewOf({
    topology: TOPOLOGY,
    before: {
      edges: new Map([
        [WEB_SHOP, stats(10, 0, 20)],
        [SHOP_DB, stats(5, 0, 4)],
      ]),
      nodes: new Map([['service:shop', stats(10, 0, 20)]]),
    },
    now: {
      edges: new Map([
        [WEB_SHOP, stats(10, 1, 90)],
        [SHOP_DB, stats(5, 0, 400)],
      ]),
      nodes: new Map([['service:shop', stats(10, 0, 90)]]),
    },
    health: (id) => TOPOLOGY.nodes.find(({ entity }) => entity.id === id)?.health ?? 0,
  });
}

describe('what got worse', () => {
  it('is errors before latency', () => {
    expect(worstOf(stats(10, 0, 20), stats(10, 1, 90))).toMatchObject({
      tone: 'crit',
      figure: 'err 10 %',
    });
    expect(worstOf(stats(5, 0, 4), stats(5, 0, 400))).toMatchObject({
      tone: 'warn',
      figure: 'p99 400 ms  100×',
    });
    expect(worstOf(stats(10, 1, 20), stats(10, 1, 22)).tone).toBe('plain');
    expect(worstOf(stats(10, 0, 0.1), stats(10, 0, 0.5)).tone).toBe('plain');
    expect(worstOf(stats(10, 0, 20), undefined).tone).toBe('plain');
  });

  it('tells what appeared, vanished and degraded', () => {
    expect(changeOf(undefined, stats(1, 0, 1))).toBe('appeared');
    expect(changeOf(stats(1, 0, 1), undefined)).toBe('vanished');
    expect(changeOf(stats(1, 0, 1), stats(0, 0, 0))).toBe('vanished');
    expect(changeOf(stats(1, 0, 10), stats(1, 0, 90))).toBe('degraded');
    expect(changeOf(undefined, undefined)).toBe('same');
  });

  it('reads health from the hotter half of a stretch', () => {
    const row = { entityId: 'a', from: 0n, step: 10n, heat: Float32Array.of(0, 1, 1, 0, 0) };
    expect(heatIn(row, 10n, 30n)).toBe(1);
    expect(heatIn(row, 0n, 40n)).toBe(1);
    expect(heatIn(row, 30n, 50n)).toBe(0);
    expect(heatIn(undefined, 0n, 10n)).toBe(0);
    expect([0, 0.2, 0.9].map(healthTone)).toEqual(['plain', 'warn', 'crit']);
  });
});

describe('view', () => {
  it('colours nodes by own health and edges by what their calls did', () => {
    const { nodes, edges } = sample();
    expect(nodes.map(({ name, tone, figure }) => [name, tone, figure])).toEqual([
      ['web', 'plain', ''],
      ['shop', 'crit', 'p99 90 ms  4.5×'],
      ['ads', 'plain', ''],
      ['db', 'warn', 'p99 400 ms  100×'],
    ]);
    expect(edges.map(({ tone }) => tone)).toEqual(['crit', 'warn', 'plain']);
    expect(edges[0]?.width).toBeGreaterThan(edges[1]?.width ?? 0);
    expect(edges[2]?.change).toBe('same');
  });

  it('hides what is healthy', () => {
    expect(hideHealthy(sample()).nodes.map(({ name }) => name)).toEqual(['web', 'shop', 'db']);
  });

  it('draws stated edges dashed, the diff with figures, figures below their nodes', () => {
    const plain = elementsOf(sample(), { diff: false });
    const stated = plain.find(({ id }) => id === edgeKey('service:web', 'service:ads'));
    expect(stated?.classes).toContain('stated');
    expect(plain.find(({ id }) => id === figureId('service:shop'))?.passive).toBe(true);
    const diff = elementsOf(sample(), { diff: true }).find(({ id }) => id === SHOP_DB);
    expect(diff?.classes).toEqual(['diff-degraded']);
    expect(diff?.data['figure']).toBe('p99 400 ms  100×');
    const placed = withFigures(new Map([['a', { x: 1, y: 2 }]]));
    expect(placed.get(figureId('a'))?.y).toBeGreaterThan(2);
  });

  it('folds instances of a service and hosts with the same neighbours, keeping the worst', () => {
    const places = ['1', '2', '3'].map((n) => ({
      service: 'service:shop',
      instance: `service_instance:shop-${n}`,
      host: 'host:h1',
    }));
    const hot = (id: string): number => (id === 'service_instance:shop-2' ? 0.9 : 0);
    const whole = withPlaces(sample(), places, hot);
    expect(whole.nodes).toHaveLength(8);
    const folded = foldLeaves(whole, new Set());
    const group = folded.nodes.find(({ members }) => members.length === 3);
    expect(group).toMatchObject({ name: '3 instances', tone: 'crit' });
    expect(folded.edges.filter(({ source }) => source === group?.id)).toHaveLength(1);
    expect(foldLeaves(whole, new Set([group?.id ?? ''])).nodes).toHaveLength(8);
  });

  it('finds by part of a name', () => {
    expect(matching(sample(), 'S')).toEqual(['service:ads', 'service:shop']);
    expect(matching(sample(), ' ')).toEqual([]);
  });
});

describe('paths', () => {
  const view = sample();
  const links = linksOf(view);

  it('light everything upstream and downstream, and nothing beside', () => {
    const path = pathThrough(view, links, 'service:shop');
    expect([...path.nodes].sort()).toEqual(['database:db', 'service:shop', 'service:web']);
    expect([...path.edges].sort()).toEqual([SHOP_DB, WEB_SHOP].sort());
  });

  it('are followed by arrow keys', () => {
    const positions = layered(view);
    expect(stepNode('service:web', 'ArrowRight', links, positions)).toMatch(/shop|ads/);
    expect(stepNode('database:db', 'ArrowLeft', links, positions)).toBe('service:shop');
    expect(stepNode('service:web', 'ArrowLeft', links, positions)).toBeUndefined();
    const [top, bottom] = ['service:ads', 'service:shop'].sort(
      (a, b) => (positions.get(a)?.y ?? 0) - (positions.get(b)?.y ?? 0),
    );
    expect(stepNode(top ?? '', 'ArrowDown', links, positions)).toBe(bottom);
  });
});

describe('layout', () => {
  it('goes left to right, the same whatever the order of input', () => {
    const view = sample();
    const one = layered(view);
    const two = layered({
      nodes: [...view.nodes].reverse(),
      edges: [...view.edges].reverse(),
    });
    expect(Object.fromEntries(two)).toEqual(Object.fromEntries(one));
    const x = (id: string): number => one.get(id)?.x ?? Number.NaN;
    expect(x('service:web')).toBeLessThan(x('service:shop'));
    expect(x('service:shop')).toBeLessThan(x('database:db'));
  });

  it('survives cycles and places every node of a large graph once', () => {
    const size = 3000;
    const {
      nodes: [one],
      edges: [line],
    } = sample();
    if (!one || !line) throw new Error('the sample has nodes and edges');
    const nodes = Array.from({ length: size }, (_, i) => ({
      ...one,
      id: `service:${String(i).padStart(4, '0')}`,
    }));
    const edges = nodes.flatMap(({ id }, i) =>
      [i * 2 + 1, (i * 7 + 3) % size].flatMap((j) =>
        j < size && j !== i
          ? [{ ...line, id: `${id}>${j}`, source: id, target: nodes[j]?.id ?? '' }]
          : [],
      ),
    );
    const positions = layered({ nodes, edges });
    expect(positions.size).toBe(size);
    expect(new Set([...positions.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(size);
  });

  it('fills a panel with columns in which no names touch, left to right', () => {
    const template = sample().nodes[0];
    const line = sample().edges[0];
    if (!template || !line) throw new Error('the sample has nodes and edges');
    const name = (i: number): string => `service:${String(i).padStart(2, '0')}`;
    const nodes = Array.from({ length: 26 }, (_, i) => ({
      ...template,
      id: name(i),
      ...(i % 3 === 0 ? { tone: 'crit' as const, figure: 'err 4 %' } : {}),
    }));
    const edges = nodes.flatMap(({ id }, i) =>
      [i + 1, i * 2 + 1, i * 2 + 2].flatMap((j) =>
        j < 26 && i < 9 ? [{ ...line, id: `${id}>${j}`, source: id, target: name(j) }] : [],
      ),
    );
    const view = { nodes, edges };
    const points = arranged(view, { width: 430, height: 335 });
    expect(points).toEqual(
      arranged(
        { nodes: [...nodes].reverse(), edges: [...edges].reverse() },
        { width: 430, height: 335 },
      ),
    );
    const at = (id: string) => points.get(id) ?? { x: Number.NaN, y: Number.NaN };
    for (const a of nodes)
      for (const b of nodes) {
        if (at(a.id).y >= at(b.id).y || Math.abs(at(a.id).x - at(b.id).x) >= 80) continue;
        const apart = at(b.id).y - at(a.id).y;
        expect(apart).toBeGreaterThanOrEqual(roomOf(a).below + roomOf(b).above - 1);
      }
    expect(edges.every(({ source, target }) => at(source).x <= at(target).x)).toBe(true);
    expect(Math.max(...[...points.values()].map(({ x }) => x))).toBeLessThan(430 * 1.25);
    expect(crowded(view, { width: 430, height: 335 })).toBe(false);
    expect(crowded(view, { width: 300, height: 220 })).toBe(true);
  });

  it('keeps a crowd centred on where it wants to be', () => {
    const room = { above: 15, below: 25 };
    expect(spaced([100, 100, 100], [room, room, room], 300)).toEqual([60, 100, 140]);
    expect(spaced([0, 0], [room, room], 300)).toEqual([0, 40]);
    expect(spaced([300, 300], [{ ...room, below: 45 }, room], 300)).toEqual([240, 300]);
  });

  it('bends edges from side to side', () => {
    const ahead = curveOf({ x: 0, y: 0 }, { x: 126, y: 0 }, [13, 13]);
    expect(ahead).toEqual({ course: 'ahead', weights: '0.4500 0.5500', distances: '0.00 0.00' });
    expect(curveOf({ x: 100, y: 0 }, { x: 0, y: 50 }, [13, 13]).course).toBe('back');
    const beside = curveOf({ x: 0, y: 0 }, { x: 0, y: 80 }, [13, 13]);
    expect(beside).toEqual({
      course: 'beside',
      weights: '0.0000 1.0000',
      distances: '-26.00 -26.00',
    });
  });

  it('keeps known nodes where they are; too much that is new asks for a fresh layout', () => {
    const view = sample();
    const known = new Map([
      ['service:web', { x: 5, y: 5 }],
      ['service:shop', { x: 99, y: 7 }],
      ['service:ads', { x: 99, y: 60 }],
    ]);
    const kept = keptPositions(view, known);
    expect(kept?.get('service:shop')).toEqual({ x: 99, y: 7 });
    expect(kept?.get('database:db')?.x).toBeGreaterThan(99);
    expect(keptPositions(view, new Map([['service:web', { x: 0, y: 0 }]]))).toBeUndefined();
  });
});

describe('traffic', () => {
  it('reads buckets, in calls a second, under the names that the graph knows', () => {
    const resolve = resolver([
      { id: 'service:shop', kind: 'service', name: 'shop' },
      { id: 'database:db', kind: 'database', name: 'db' },
    ]);
    expect(resolve('external:db.internal')).toBe('database:db');
    expect(resolve('external:else')).toBe('external:else');
    const [first, second] = trafficOf(
      {
        rows: 3,
        col: {
          bucket: Int32Array.of(0, 0, 1),
          source: ['service:shop', 'service:shop', ''],
          target: ['database:db', 'external:db.internal', 'service:shop'],
          n: Float64Array.of(20, 10, 5),
          errors: Float64Array.of(2, 0, 0),
          p50_ms: Float64Array.of(1, 2, 3),
          p99_ms: Float64Array.of(10, 20, 30),
        },
      },
      2,
      10,
      resolve,
    );
    expect(first?.edges.get(SHOP_DB)).toEqual({ calls: 3, errors: 0.2, p50Ms: 2, p99Ms: 20 });
    expect(second?.nodes.get('service:shop')?.calls).toBe(0.5);
  });

  it('cuts the case into moments', () => {
    const grid = momentsOf({ from: 0n, to: 600n }, 10);
    expect(grid.buckets).toBe(60);
    expect(grid.step * BigInt(grid.buckets)).toBeGreaterThanOrEqual(600n);
    expect(momentsOf({ from: 0n, to: 600n }, 5000).buckets).toBe(24);
    const { left, width } = strip({ from: 0n, step: 10n, buckets: 10 }, { from: 50n, to: 80n });
    expect([left, width]).toEqual(['50%', '30%']);
  });

  it('draws the way of the trouble on the edges it came over, with the delays', () => {
    const step = (entityId: string, delayMs?: number) => ({
      entityId,
      kind: 'calls',
      onset: undefined,
      delayMs,
    });
    const way = { steps: [step('database:db'), step('service:shop', 5000), step('service:web')] };
    const spread = spreadOf([way]);
    expect(spread).toEqual(
      new Map([
        [SHOP_DB, '+5 s'],
        [WEB_SHOP, ''],
      ]),
    );
    const drawn = elementsOf(sample(), { diff: false, spread }).find(({ id }) => id === SHOP_DB);
    expect(drawn?.classes).toContain('spread');
    expect(drawn?.data).toMatchObject({ figure: '+5 s' });
  });
});
