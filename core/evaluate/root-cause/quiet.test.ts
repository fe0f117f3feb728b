import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { simulatedCases, seedsOf } from './cases';
import { gapBetween, otherDayCut, quietCut } from './quiet';
import { withDeploys, withDoubledTraffic } from './quiet-texts';
import { quietKinds } from './quiet-variants';
import { comparable } from './silence';

const length = ({ from, to }: { from: bigint; to: bigint }): bigint => to - from;

describe('quiet windows', () => {
  it('lie inside the baseline, as long and as far away as the incident where there is room', () => {
    const rng = createRng(1);
    const size = { lengthNs: 100n, gapNs: 60n };
    for (let i = 0; i < 50; i++) {
      const cut = quietCut({ from: 1000n, to: 2000n }, size, rng);
      if (!cut) throw new Error('no cut');
      const { incident, baseline } = cut;
      expect(length(incident)).toBe(100n);
      expect(incident.from >= 1000n && incident.to <= 2000n).toBe(true);
      expect(baseline.from >= 1000n && baseline.to <= 2000n).toBe(true);
      expect(gapBetween(incident, baseline)).toBe(60n);
      expect(length(baseline) >= 390n).toBe(true);
    }
    const short = quietCut({ from: 0n, to: 100n }, { lengthNs: 100n, gapNs: 500n }, rng);
    expect(short && length(short.incident)).toBe(40n);
    expect(short && gapBetween(short.incident, short.baseline)).toBe(20n);
    expect(quietCut({ from: 0n, to: 0n }, size, rng)).toBeUndefined();
  });

  it('of another day are as long as the incident, and as the recording at most', () => {
    const [mine, there] = [
      { from: 0n, to: 50n },
      { from: 1000n, to: 1100n },
    ];
    const cut = otherDayCut(mine, there, 30n, createRng(2));
    expect(cut.baseline).toEqual(mine);
    expect(length(cut.incident)).toBe(30n);
    expect(cut.incident.from >= 1000n && cut.incident.to <= 1100n).toBe(true);
    expect(otherDayCut(mine, there, 300n, createRng(2)).incident).toEqual(there);
  });

  it('are of every kind in turns, of a simulated case only cut', () => {
    const kinds = [0, 1, 2, 3].flatMap((i) => quietKinds(i, 3, false));
    for (const kind of new Set(kinds)) expect(kinds.filter((one) => one === kind)).toHaveLength(3);
    expect(new Set(kinds).size).toBe(4);
    expect(quietKinds(1, 2, true)).toEqual(['same recording', 'same recording']);
  });

  it('of the simulator are held against the day before, too', () => {
    const cases = simulatedCases({ first: 2, last: 3 }, 'small');
    const others = cases.filter(({ id }) => id.includes('quiet-other-day'));
    expect(others.map(({ truth }) => truth.names)).toEqual([[], []]);
    expect(new Set(others.map(({ system }) => system)).size).toBe(2);
  });

  it.each([
    [['spans', 'logs', 'samples'], ['spans', 'logs'], true],
    [['spans', 'logs'], ['spans'], false],
    [['samples'], ['samples'], true],
    [['samples'], [], false],
    [[], [], false],
  ])('that hold %j and are held against %j are asked about: %s', (now, before, asked) => {
    expect(comparable(new Set(before), new Set(now))).toBe(asked);
  });

  it('come of the seeds that are asked for', () => {
    expect(seedsOf('simulator', 'simulator')).toEqual({ first: 1, last: 3 });
    expect(seedsOf('simulator:20', 'simulator')).toEqual({ first: 1, last: 20 });
    expect(seedsOf('simulator:11-20', 'simulator')).toEqual({ first: 11, last: 20 });
    expect(seedsOf('elsewhere', 'simulator')).toBeUndefined();
    for (const place of ['simulator:0', 'simulator:5-4', 'simulator:x']) {
      expect(() => seedsOf(place, 'simulator')).toThrow(/Which seeds/);
    }
    const [whole, half] = [
      simulatedCases({ first: 1, last: 2 }, 'small'),
      simulatedCases({ first: 2, last: 2 }, 'small'),
    ].map((cases) => cases.map(({ id }) => id));
    expect(half?.every((id) => whole?.includes(id))).toBe(true);
    expect(half).toHaveLength((whole?.length ?? 0) / 2);
  });
});

const SECOND = 1_000_000_000n;

/** A span a second of 40 traces, five spans each, all of one service. */
function spansText(): string {
  const spans = Array.from({ length: 200 }, (_, i) => ({
    traceId: `t${Math.floor(i / 5)}`,
    spanId: `s${i}`,
    startTimeUnixNano: String(BigInt(i) * SECOND),
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };
  return `${JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })}\n`;
}

const tracesOf = (text: string | undefined): string[] =>
  [...(text ?? '').matchAll(/"traceId":"(\w+)"/g)].map(([, id]) => id ?? '');

describe('what is put into quiet windows', () => {
  const logs = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"t0"},{"body":{}}]}]}]}\n`;
  const texts = new Map([
    ['spans.otlp.jsonl', spansText()],
    ['logs.otlp.jsonl', logs],
  ]);

  it('releases lie at its start and name services of the system', () => {
    const window = { from: 100n * SECOND, to: 140n * SECOND };
    const made = withDeploys(texts, window, createRng(3)).get('changes.jsonl') ?? '';
    const changes = made.trim().split('\n');
    expect(changes.length).toBeGreaterThan(0);
    for (const line of changes) {
      const { ts, service } = JSON.parse(line) as { ts: string; service: string };
      expect(service).toBe('cart');
      expect(Date.parse(ts)).toBeGreaterThanOrEqual(100_000);
      expect(Date.parse(ts)).toBeLessThan(110_000);
    }
  });

  it('traffic is doubled: about half of the traces around it go, whole, with their logs', () => {
    const busy = { from: 100n * SECOND, to: 150n * SECOND };
    const made = withDoubledTraffic(texts, busy, 'seed');
    const kept = tracesOf(made.get('spans.otlp.jsonl'));
    const counts = new Map(kept.map((id) => [id, kept.filter((one) => one === id).length]));
    expect(new Set(counts.values())).toEqual(new Set([5]));
    for (let i = 20; i < 30; i++) expect(counts.has(`t${i}`)).toBe(true);
    expect(counts.size - 10).toBeGreaterThan(5);
    expect(counts.size - 10).toBeLessThan(25);
    const logged = made.get('logs.otlp.jsonl') ?? '';
    expect(logged.includes('"t0"')).toBe(counts.has('t0'));
    expect(logged).toContain('"body"');
  });
});
