import { describe, expect, it } from 'vitest';
import type { AlertFact } from '../shifts';
import { describeGroup, groupSurroundings } from './describe-group';
import type { Trouble } from './group-alerts';

const edges = [
  { source: 'service:web', target: 'service:cart', kind: 'calls' },
  { source: 'service:cart', target: 'database:db', kind: 'data' },
];
let row = 0n;
const alert = (name: string, entityId: string, s: number, severity = 'warning'): AlertFact => ({
  sourceId: 1,
  rowNo: row++,
  fingerprint: `${name}/${entityId}`,
  name,
  entityId,
  severity,
  from: BigInt(s) * 1_000_000_000n,
  to: BigInt(s + 30) * 1_000_000_000n,
  about: 'metrics',
  caller: '',
  direction: '',
});
const trouble = (members: number, of: Partial<Trouble> = {}): Trouble => ({
  members: Int32Array.from({ length: members }, (_, i) => i),
  placed: true,
  gapMs: 150_000,
  begins: 'pause',
  lullMs: 0,
  everyMs: 0,
  ...of,
});
const told = (
  alerts: readonly AlertFact[],
  of: Partial<Trouble> = {},
  labels: readonly (readonly [string, string, string])[] = [],
) => describeGroup(alerts, trouble(alerts.length, of), groupSurroundings(edges, labels));

describe('describeGroup', () => {
  it('calls a group by what fired most and where', () => {
    expect(told([alert('Slow', 'service:web', 0)]).title).toBe('Slow on web');
    const two = [
      alert('Errors', 'service:web', 0),
      alert('Slow', 'service:web', 1),
      alert('Slow', 'service:cart', 2),
    ];
    expect(told(two)).toMatchObject({ title: 'Slow and Errors on web and cart' });
    expect(told(two).names).toEqual(['Slow', 'Errors']);
    const many = [...two, alert('Full', 'service:pay', 3), alert('Late', 'service:web', 4)];
    expect(told(many).title).toBe('Slow, Errors and 2 more on 3 services, web most');
    const mixed = [...many, alert('Full', 'database:db', 5)];
    expect(told(mixed).title).toContain(' on 4 entities, web most');
    expect(told([alert('Slow', '', 0)]).title).toBe('Slow');
    expect(told([alert('', '', 0), alert('', '', 1)]).title).toBe('1 alerts');
  });

  it('keeps its notifications distinct and takes the worst severity', () => {
    const again = [
      alert('Slow', 'service:web', 0),
      alert('Slow', 'service:web', 40, 'critical'),
      alert('Slow', 'service:web', 60),
    ];
    const group = told(again);
    expect(group).toMatchObject({ fingerprints: 1, notifications: 3, severity: 'critical' });
    expect(new Set(group.members.map(({ rowNo }) => rowNo)).size).toBe(3);
    expect(group.to).toBe(90_000_000_000n);
  });

  it('says why by time', () => {
    const alerts = [alert('Slow', 'service:web', 0), alert('Slow', 'service:cart', 40)];
    expect(told(alerts).why).toBe(
      '2 notifications within 40 s, no pause over 40 s; one of 2.5 min ends a group here. In the topology, web calls cart.',
    );
    expect(told(alerts.slice(0, 1)).why).toBe('By itself: a pause of 2.5 min ends a group here.');
    expect(told(alerts, { lullMs: 200_000 }).why).toContain('Went on after a lull of 3.33 min');
    expect(told(alerts, { begins: 'repeats' }).why).toContain('the same alerts came again');
    const clock = told(alerts.slice(0, 1), { everyMs: 60_000 });
    expect(clock.title).toBe('Slow on web every 1 min');
    expect(clock.why).toContain('every 1 min or so whatever else happens');
  });

  it('says why by topology', () => {
    const why = (...ids: readonly string[]): string | undefined =>
      told(ids.map((id, i) => alert('Slow', id, i))).why;
    expect(why('service:web', 'database:db')).toContain(
      'The 2 entities are connected in the topology by way of others.',
    );
    expect(why('service:web', 'service:cart', 'database:db')).toContain(
      'In the topology, web calls cart and cart uses db.',
    );
    expect(why('', '')).not.toContain('topology');
    const same = [alert('Slow', 'service:web', 0), alert('Errors', 'service:web', 1)];
    expect(told(same).why).toContain('All on web.');
    const unplaced = [alert('Slow', 'service:x', 0), alert('Slow', 'service:y', 1)];
    expect(told(unplaced, { placed: false }).why).toContain('Not in the topology');
  });

  it('says why by labels that all of them carry and others do not', () => {
    const alerts = [alert('Slow', 'service:web', 0), alert('Slow', 'service:cart', 1)];
    const labels = ['Slow/service:web', 'Slow/service:cart', 'Full/database:db'].flatMap(
      (fingerprint, i) => [
        [fingerprint, 'alertname', fingerprint.split('/')[0] ?? ''] as const,
        [fingerprint, 'team', 'shop'] as const,
        [fingerprint, 'zone', i < 2 ? 'b' : 'a'] as const,
        [fingerprint, 'pod', String(i)] as const,
      ],
    );
    expect(told(alerts, {}, labels).why).toMatch(/ All carry zone=b\.$/);
    const alone = labels.filter(([fingerprint]) => fingerprint !== 'Slow/service:cart');
    expect(told(alerts, {}, alone).why).not.toContain('carry');
  });
});
