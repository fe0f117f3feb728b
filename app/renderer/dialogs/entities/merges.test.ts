import { describe, expect, it } from 'vitest';
import { parseEntityId } from '../../../../core/model';
import type { EntityMerge } from '../../../../core/store';
import { mergeProblem, mergesOf } from './merges';

const merge = (from: string, into: string, state: EntityMerge['state']): EntityMerge => ({
  mergeId: `${from}>${into}`,
  from: parseEntityId(from),
  into: parseEntityId(into),
  reason: 'They differ only in separators.',
  state,
});
const a = parseEntityId('service:cart');
const b = parseEntityId('service:cart-svc');

describe('merges', () => {
  const merges = [
    merge('service:z', 'service:y', 'proposed'),
    merge('service:cart-svc', 'service:cart', 'proposed'),
    merge('service:x', 'service:w', 'accepted'),
  ];

  it('are listed by state and found by name or reason', () => {
    const ids = (state: EntityMerge['state'], typed: string) =>
      mergesOf(merges, state, typed).map(({ from }) => from.name);
    expect(ids('proposed', '')).toEqual(['cart-svc', 'z']);
    expect(ids('proposed', ' CART ')).toEqual(['cart-svc']);
    expect(ids('accepted', 'separators')).toEqual(['x']);
    expect(ids('rejected', '')).toEqual([]);
  });

  it('by hand are refused where they make no sense', () => {
    expect(mergeProblem(undefined, a, [])).toBe('Choose two names.');
    expect(mergeProblem(a, a, [])).toContain('one name');
    expect(mergeProblem(b, a, [])).toBeUndefined();
    expect(mergeProblem(b, a, merges)).toBeUndefined();
    expect(mergeProblem(b, a, [merge(b.id, a.id, 'accepted')])).toContain('already');
    expect(mergeProblem(a, b, [merge(b.id, a.id, 'accepted')])).toContain('undo that first');
  });
});
