import { describe, expect, it } from 'vitest';
import type { Culprit, Entity, EntityKind } from '../../model';
import { sameRanking } from './agreement';
import { foldRanking } from './fold';
import { innerRanks } from './inner';
import { parseTruth } from './truth';

const entity = (kind: EntityKind, name: string): Entity => ({ id: `${kind}:${name}`, kind, name });
const entry = (kind: EntityKind, name: string, score: number) => ({
  entity: entity(kind, name),
  score,
  confidence: score / 10,
});
const NO_FOLDING = { edges: [], aliases: new Map<string, string>() };
const truth = (cause: object, level = 'service') =>
  parseTruth(JSON.stringify({ root_cause: cause, level }), 'truth.json');

describe('a truth', () => {
  it('of one cause, of two, of none', () => {
    expect(truth({ service: 'cart', kind: 'cpu', metric: 'm' })).toMatchObject({
      names: ['cart'],
      kind: 'cpu',
      metrics: ['m'],
      level: 'service',
    });
    const two = JSON.stringify({
      root_causes: [{ service: 'a' }, { service: 'b' }],
      level: 'service',
    });
    expect(parseTruth(two, '').names).toEqual(['a', 'b']);
    expect(parseTruth('{"root_cause":null}', '').names).toEqual([]);
    expect(truth({ service: 's', node: 'n1' }, 'host').names).toEqual(['n1']);
  });

  it('that is none is refused', () => {
    expect(() => parseTruth('{"root_cause":"cart"}', 'x')).toThrow(/x is not a truth/);
  });
});

describe('folding', () => {
  it('puts instances into their service: by the graph, else by the name Kubernetes gives', () => {
    const ranking = [
      entry('service_instance', 'odd-name', 9),
      entry('service_instance', 'cart-5f6585d649-fnmft', 5),
      entry('service', 'cart', 7),
      entry('host', 'cart-1', 1),
    ];
    const edges = [
      { source: 'service:shop', target: 'service_instance:odd-name', kind: 'has_instance' },
    ];
    const folded = foldRanking(ranking, truth({ service: 'cart' }), { ...NO_FOLDING, edges });
    expect(folded.map(({ id, score, correct }) => [id, score, correct])).toEqual([
      ['shop', 9, false],
      ['cart', 7, true],
      ['cart-1', 1, false],
    ]);
    expect(folded[1]?.members).toHaveLength(2);
  });

  it('leaves instances alone where the truth is one, and knows other names', () => {
    const pod = entry('service_instance', 'cart-5f6585d649-fnmft', 5);
    const asked = truth({ service: 'cart', instance: 'cart-5f6585d649-fnmft' }, 'instance');
    expect(foldRanking([pod], asked, NO_FOLDING)[0]).toMatchObject({ correct: true });
    const aliases = new Map([['cart-db', 'mysql']]);
    const folded = foldRanking([entry('database', 'mysql', 1)], truth({ service: 'cart-db' }), {
      edges: [],
      aliases,
    });
    expect(folded[0]?.correct).toBe(true);
  });
});

describe('what is named inside an entity', () => {
  const culprit = (kind: Culprit['kind'], name: string, detail = ''): Culprit => ({
    kind,
    name,
    detail,
  });
  const ranking = [
    { correct: false, culprits: [culprit('metric', 'cpu'), culprit('log-template', 'Retry <*>')] },
    {
      correct: true,
      culprits: [
        culprit('change', 'cart 1.2.0 deployed'),
        culprit('metric', 'cpu'),
        culprit('log-template', '<*> INFO  c.s.CartImpl#31 <*>'),
      ],
    },
  ];

  it('is placed among its kind: the region, the metric of the right entity, the change', () => {
    const asked = truth({
      service: 'cart',
      metric: 'cpu',
      region: ['c.s.CartImpl#31', 'c.s.CartImpl#34'],
      change: { service: 'cart', version: '1.2.0' },
    });
    expect(innerRanks(ranking, asked)).toEqual({ region: 2, metric: 2, change: 1 });
  });

  it('is null where it is not named and undefined where the truth does not say', () => {
    const asked = truth({ service: 'cart', metric: 'memory' });
    expect(innerRanks(ranking, asked)).toEqual({
      region: undefined,
      metric: null,
      change: undefined,
    });
  });
});

describe('two rankings of one case', () => {
  const list = (...scores: [string, number][]) =>
    scores.map(([id, score]) => ({ id, score, confidence: 0, correct: false, members: [] }));
  const same = (name: string): string => name;

  it('are equal where only ties changed places', () => {
    const plain = list(['a', 3], ['b', 2], ['c', 2], ['d', 1]);
    expect(sameRanking(plain, list(['a', 3], ['c', 2], ['b', 2], ['d', 1]), same)).toBe(true);
    expect(sameRanking(plain, list(['b', 3], ['a', 2], ['c', 2], ['d', 1]), same)).toBe(false);
    expect(sameRanking(plain, list(['a', 3]), same)).toBe(false);
    expect(sameRanking(list(['a', 3]), list(['x', 3]), () => 'x')).toBe(true);
    expect(sameRanking(list(['a', 3]), list(['x', 3]), same)).toBe(false);
  });
});
