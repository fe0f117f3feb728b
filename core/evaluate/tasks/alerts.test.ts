import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import type { SetFolder } from '../task';
import { fixedGap, laidOver, type LabelledAlert } from './alert-streams';
import { alertStreams } from './alerts';

function folderOf(files: Readonly<Record<string, string>>): SetFolder {
  const names = Object.keys(files);
  return {
    name: 'set',
    list: () => Promise.resolve([...new Set(names.map((name) => name.split('/')[0] ?? ''))].sort()),
    text: (path) => Promise.resolve(files[path.replace('./', '')] ?? ''),
    has: (path) => Promise.resolve(names.includes(path.replace('./', ''))),
  };
}

const jsonl = (rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const at = (s: number): string => new Date(Date.UTC(2024, 0, 1) + s * 1000).toISOString();

const nodes = ['cart', 'cart-1', 'cart-2', 'stock-1'].map((id) => ({
  id,
  kind: id === 'cart' ? 'service' : 'service_instance',
}));
const edges = [
  { source: 'cart', target: 'cart-1', kind: 'has_instance' },
  { source: 'cart', target: 'cart-2', kind: 'has_instance' },
  { source: 'cart-1', target: 'stock-1', kind: 'calls' },
];

/** One fault an hour: stock-1 always fires, at its end; the cause at once. */
function system(
  causes: readonly { readonly entity: string; readonly level: string }[],
): Record<string, string> {
  const faults = causes.map(({ entity, level }, i) => ({
    fault_id: String(i),
    root_cause: { entity, kind: level },
    level,
    injected_at: at(3600 * i),
    ended_at: at(3600 * i + 600),
  }));
  const alerts = faults.flatMap(({ fault_id, root_cause: { entity } }, i) => {
    const who = entity === 'cart' ? 'cart-2' : entity;
    const line = (name: string, own: string, s: number) => ({
      ts: at(3600 * i + s),
      fingerprint: `${own}/${name}`,
      name,
      entity: own,
      labels: { source: 'metric', direction: 'up' },
    });
    const lines = ['Broken', 'Slow', 'Hot', 'Down'].map((name, k) => line(name, who, k));
    return [...lines, line('Busy', 'stock-1', 400)].map((alert) => ({ alert, fault_id }));
  });
  return {
    'alerts.jsonl': jsonl(alerts.map(({ alert }) => alert)),
    'groups.jsonl': jsonl(
      alerts.map(({ fault_id, alert: { ts, fingerprint } }) => ({ ts, fingerprint, fault_id })),
    ),
    'truth.jsonl': jsonl(faults),
    'topology.json': JSON.stringify({ nodes, edges }),
  };
}

let ticks = 0;
const options = { now: () => ticks++ };
const CAUSES = [
  { entity: 'cart-1', level: 'instance' },
  { entity: 'cart', level: 'service' },
  { entity: 'cart-2', level: 'instance' },
  { entity: 'cart', level: 'node' },
];
const inFolder = (name: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text]));

describe('alert streams', () => {
  it('takes a stream, or a folder of streams, by what is in it', async () => {
    expect(await alertStreams.recognise(folderOf(system(CAUSES)))).toBe(true);
    expect(await alertStreams.recognise(folderOf(inFolder('a', system(CAUSES))))).toBe(true);
    expect(await alertStreams.recognise(folderOf({ 'alerts.jsonl': '' }))).toBe(false);
  });

  it('accepts an instance for a fault of its service, and for no other level', async () => {
    const score = await alertStreams.run(folderOf(system(CAUSES)), options);
    expect(score.cases).toBe(4);
    expect(score.results.map(({ rank }) => rank)).toEqual([1, 1, 1, null]);
    expect(score.metrics).toMatchObject({ ac1: 0.75, ac3: 0.75, groupAri: 1 });
    expect(score.intervals.ac1?.[0]).toBeLessThan(0.75);
    expect(score.nulls.prior).toBe(0.5);
  });

  it('finds nothing where a fault has no alerts', async () => {
    const files = system(CAUSES.slice(0, 1));
    const silent = { ...JSON.parse(files['truth.jsonl'] ?? ''), fault_id: '9' };
    const score = await alertStreams.run(
      folderOf({ ...files, 'truth.jsonl': `${files['truth.jsonl']}${JSON.stringify(silent)}\n` }),
      options,
    );
    expect(score.results.map(({ rank, verdict }) => [rank, verdict])).toEqual([
      [1, 'ranked'],
      [null, 'insufficient-evidence'],
    ]);
  });

  it('lays systems over each other without telling which an alert is of', async () => {
    const files = { ...inFolder('a', system(CAUSES)), ...inFolder('b', system(CAUSES)) };
    const score = await alertStreams.run(folderOf(files), options);
    expect(score.metrics.overlaidAri).toBeGreaterThan(0.9);
    expect(score.groups?.filter(({ by }) => by === 'system').map(({ name }) => name)).toEqual([
      'a',
      'b',
    ]);
  });
});

describe('scrambled alert streams', () => {
  it('rank the same under three seeds, and score what was scrambled', async () => {
    const files = { ...inFolder('a', system(CAUSES)), ...inFolder('b', system(CAUSES)) };
    const plain = await alertStreams.run(folderOf(files), options);
    expect(plain.metrics).not.toHaveProperty('scrambleAgreement');
    for (const scramble of [1, 2, 3]) {
      const score = await alertStreams.run(folderOf(files), { ...options, scramble });
      expect(score.metrics.scrambleAgreement).toBe(1);
      expect(score.results.map(({ rank }) => rank)).toEqual(plain.results.map(({ rank }) => rank));
      expect(score.results[0]?.truth).not.toBe(plain.results[0]?.truth);
      expect(score.notes?.at(-1)).toContain('0 of 8 faults are ranked differently');
    }
  });
});

describe('fixedGap', () => {
  it('finds the gap that parts two bursts and scores what no gap can part', () => {
    const times = [0, 5, 10, 500, 505].map((s) => ({ fromMs: s * 1000 }));
    expect(fixedGap(times, ['a', 'a', 'a', 'b', 'b'])).toBe(1);
    expect(fixedGap(times, ['a', 'b', 'a', 'b', 'a'])).toBeLessThan(0.5);
  });
});

describe('laidOver', () => {
  const stream = (
    name: string,
    times: readonly number[],
  ): { name: string; alerts: LabelledAlert[] } => ({
    name,
    alerts: times.map((s) => ({
      system: name,
      fault: '0',
      fingerprint: 'f',
      name: 'n',
      entity: 'e',
      atMs: s,
      severity: '',
      about: 'metrics',
      caller: '',
      direction: '',
      fromMs: s,
      toMs: s,
    })),
  });

  it('keeps order, distances and systems apart', () => {
    const mixed = laidOver([stream('a', [0, 10, 100]), stream('b', [7000, 7003])], createRng('x'));
    const times = Float64Array.from(mixed, ({ fromMs }) => fromMs);
    expect(times).toEqual(Float64Array.from(times).sort());
    const own = mixed.filter(({ system }) => system === 'b');
    expect((own[1]?.fromMs ?? 0) - (own[0]?.fromMs ?? 0)).toBeCloseTo(3, 6);
    expect(new Set(mixed.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });
});
