import { describe, expect, it } from 'vitest';
import { AlertHistory, type FiredAlert } from './alert-history';
import { alertTopology } from './alert-topology';
import { rankByAlerts } from './rank-by-alerts';

const KINDS = new Map([
  ['web', 'service'],
  ['cart', 'service'],
  ['stock', 'service'],
  ...['web-1', 'web-2', 'cart-1', 'cart-2', 'stock-1', 'stock-2'].map(
    (id) => [id, 'service_instance'] as const,
  ),
]);
const edges = [
  { source: 'web', target: 'cart', kind: 'calls' },
  { source: 'cart', target: 'stock', kind: 'calls' },
  ...['web', 'cart', 'stock'].flatMap((service) =>
    [1, 2].map((n) => ({ source: service, target: `${service}-${n}`, kind: 'has_instance' })),
  ),
];
const topology = alertTopology(KINDS, edges);

const fired = (
  entity: string,
  name: string,
  s: number,
  more: Partial<FiredAlert> = {},
): FiredAlert => ({
  fingerprint: `${entity}/${more.caller ?? ''}/${name}/${more.direction ?? ''}`,
  name,
  entity,
  atMs: s * 1000,
  severity: '',
  about: 'metrics',
  caller: '',
  direction: '',
  ...more,
});
const call = (caller: string, callee: string, name: string, s: number): FiredAlert =>
  fired(callee, name, s, { about: 'calls', caller });

function historyOf(troubles: readonly (readonly FiredAlert[])[]): AlertHistory {
  const history = new AlertHistory();
  for (const trouble of troubles) history.add(trouble, topology.kindOf);
  return history;
}

function order(during: readonly FiredAlert[], history: AlertHistory): readonly string[] {
  return [...rankByAlerts(history.surprises(during), history, topology)]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([entity]) => entity);
}

/** Ten troubles, measured every 20 s, in which web-1 is busy at once and cart-1 at their end. */
const USUAL = Array.from({ length: 10 }, (_, i) => [
  fired('web-1', 'Busy', 1000 * i),
  fired('web-1', 'Sweep', 1000 * i + 20 + 20 * (i % 3)),
  fired('stock-2', 'Sweep', 1000 * i + 300),
  fired('cart-1', 'Busy', 1000 * i + 500),
]);

describe('AlertHistory', () => {
  it('is surprised by what is rare, and by what is early for it', () => {
    const history = historyOf(USUAL);
    const nats = (during: readonly FiredAlert[]): Record<string, number> =>
      Object.fromEntries(
        history.surprises(during).map(({ alert, nats: own }) => [alert.fingerprint, own]),
      );
    const now = nats([
      fired('web-1', 'Busy', 0),
      fired('cart-1', 'Busy', 0.1),
      fired('stock-1', 'Full', 0.2),
      fired('web-2', 'Late', 600),
    ]);
    expect(now['cart-1//Busy/']).toBeGreaterThan(1.5 * (now['web-1//Busy/'] ?? 0));
    expect(now['stock-1//Full/']).toBeGreaterThan(1.5 * (now['web-1//Busy/'] ?? 0));
    expect(now['web-2//Late/']).toBeLessThan(now['stock-1//Full/'] ?? 0);
  });

  it('counts a fingerprint once in a trouble, by its first alert', () => {
    const history = historyOf(USUAL);
    const once = [fired('stock-1', 'Full', 0), fired('web-1', 'Busy', 60)];
    const again = [...once, fired('stock-1', 'Full', 30)];
    expect(history.surprises(again).map(({ nats }) => nats)).toEqual(
      history.surprises(once).map(({ nats }) => nats),
    );
    expect(history.surprises([])).toEqual([]);
  });

  it('forgets what is to be left out as if it had not been', () => {
    const rare = [fired('stock-1', 'Full', 9000), fired('web-1', 'Busy', 9001)];
    const during = [fired('stock-1', 'Full', 0), fired('web-1', 'Busy', 60)];
    const whole = historyOf([...USUAL, rare]);
    const without = whole.surprises(during, [10]).map(({ nats }) => nats);
    const never = historyOf(USUAL)
      .surprises(during)
      .map(({ nats }) => nats);
    const kept = whole.surprises(during).map(({ nats }) => nats);
    expect(kept[0]).toBeLessThan(0.8 * (without[0] ?? 0));
    expect((without[0] ?? 0) / (never[0] ?? 1)).toBeGreaterThan(0.9);
  });

  it('takes one of many alerts that say the same for granted', () => {
    const cores = (s: number, n: number): FiredAlert[] =>
      Array.from({ length: n }, (_, i) => fired('web-2', `core_${(i * 7 + s) % 40}`, s + 20 * i));
    const history = historyOf(Array.from({ length: 12 }, (_, i) => cores(i, 10)));
    const [core, full] = history.surprises([
      fired('web-2', 'core_41', 0),
      fired('web-2', 'Full', 0),
      fired('web-1', 'Busy', 200),
    ]);
    expect(core?.nats).toBeLessThan(0.7 * (full?.nats ?? 0));
  });
});

describe('rankByAlerts', () => {
  it('puts what is rare and early first', () => {
    const during = [
      fired('web-1', 'Busy', 0),
      fired('stock-1', 'Full', 1),
      fired('stock-2', 'Sweep', 300),
      fired('cart-1', 'Busy', 500),
    ];
    expect(order(during, historyOf(USUAL))[0]).toBe('stock-1');
    expect(order([], historyOf(USUAL))).toEqual([]);
  });

  it('follows failing calls down to where they end', () => {
    const during = [
      call('web-1', 'cart-1', 'errors', 0),
      call('web-2', 'cart-1', 'errors', 0.5),
      call('cart-1', 'stock-1', 'errors', 0.2),
      call('cart-2', 'stock-1', 'errors', 0.7),
      call('web-1', 'cart-2', 'errors', 0.7),
    ];
    expect(order(during, historyOf(USUAL))[0]).toBe('stock-1');
  });

  it('reads the complaints of callers as evidence against what they call', () => {
    const complaint = (entity: string, s: number): FiredAlert =>
      fired(entity, 'template_1', s, { about: 'logs', severity: 'error' });
    const own = fired('stock-1', 'template_2', 2, { about: 'logs', severity: 'error' });
    const callers = [complaint('cart-1', 0), complaint('cart-2', 1), fired('web-1', 'Sweep', 300)];
    expect(order(callers, historyOf(USUAL))[0]).toMatch(/^cart/);
    expect(order([...callers, own], historyOf(USUAL))[0]).toBe('stock-1');
  });

  it('weighs lines of a log by severity', () => {
    const line = (entity: string, severity: string, s: number): FiredAlert =>
      fired(entity, `template_${s}`, s, { about: 'logs', severity });
    const during = [line('web-1', 'info', 0), line('web-2', 'ERROR', 0)];
    expect(order(during, historyOf(USUAL)).slice(0, 2)).toEqual(['web-2', 'web-1']);
  });

  it('lists silent neighbours behind, of kinds that have alerts at all', () => {
    const ranked = order([call('cart-1', 'stock-1', 'slow', 0)], historyOf(USUAL));
    expect(ranked.slice(0, 2)).toEqual(['stock-1', 'cart-1']);
    expect(ranked).toContain('stock-2');
    expect(ranked).not.toContain('stock');
  });

  it('depends on no name and no order', () => {
    const rename = (id: string): string => (id === '' ? '' : `x${id.replace('-', '_')}`);
    const renamed = (alert: FiredAlert): FiredAlert => ({
      ...alert,
      entity: rename(alert.entity),
      caller: rename(alert.caller),
      fingerprint: rename(alert.fingerprint),
    });
    const during = [
      fired('web-1', 'Busy', 0),
      call('web-1', 'cart-1', 'errors', 0),
      call('cart-1', 'stock-2', 'errors', 0.2),
      fired('cart-1', 'template_1', 3, { about: 'logs', severity: 'error' }),
      fired('stock-1', 'Full', 4),
    ];
    const other = alertTopology(
      new Map([...KINDS].map(([id, kind]) => [rename(id), kind])),
      edges.map(({ source, target, kind }) => ({
        source: rename(source),
        target: rename(target),
        kind,
      })),
    );
    const history = new AlertHistory();
    for (const trouble of USUAL) history.add(trouble.map(renamed), other.kindOf);
    const plain = rankByAlerts(historyOf(USUAL).surprises(during), historyOf(USUAL), topology);
    const scrambled = rankByAlerts(
      history.surprises([...during].reverse().map(renamed)),
      history,
      other,
    );
    for (const [entity, score] of plain) {
      expect(scrambled.get(rename(entity))).toBeCloseTo(score, 9);
    }
  });
});
