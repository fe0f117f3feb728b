import { describe, expect, it } from 'vitest';
import type { AlertGroup } from '../../../../core/model';
import { alertLane } from './alert-lane';

const group = (groupId: string, from: bigint, why?: string): AlertGroup => ({
  groupId,
  title: 'Slow on cart',
  ...(why === undefined ? {} : { why }),
  severity: 'critical',
  from,
  to: from + 1_000_000_000n,
  entityIds: ['service:cart'],
  fingerprints: 1,
  notifications: 2,
  members: [],
});

const laneOf = (groups: readonly AlertGroup[], ...opened: readonly string[]) => {
  const [lane] = alertLane({
    analysis: { alertGroups: groups },
    data: { alerts: undefined },
    origin: 0n,
    whole: { from: 0, to: 60_000 },
    opened: { alerts: false, groups: new Set(opened) },
  });
  return lane?.body.kind === 'alerts' ? { ...lane.body, height: lane.height } : undefined;
};

describe('alertLane', () => {
  it('names a group by its title and says in its tip why it is one', () => {
    const bar = laneOf([group('a', 0n, '2 notifications at once.')])?.bars[0];
    expect(bar?.label).toBe('Slow on cart · 2');
    expect(bar?.title).toBe(
      'Slow on cart (critical): 2 notifications of 1 alert, cart. 2 notifications at once.',
    );
    expect(laneOf([])).toBeUndefined();
  });

  it('gives the reason of an opened group a line of its own, those of older runs none', () => {
    const groups = [group('a', 0n, 'At once.'), group('b', 30_000_000_000n)];
    const closed = laneOf(groups);
    expect(closed?.notes).toEqual([]);
    const opened = laneOf(groups, 'a', 'b');
    const rowOf = (id: string): number | undefined =>
      opened?.bars.find(({ groupId }) => groupId === id)?.row;
    expect(opened?.notes).toEqual([{ row: 1 + (rowOf('a') ?? 0), groupId: 'a', text: 'At once.' }]);
    expect(rowOf('b')).toBe(2 + (rowOf('a') ?? 0));
    expect(opened?.height).toBeGreaterThan(closed?.height ?? 0);
  });
});
