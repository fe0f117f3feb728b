import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { formats } from '../../connectors';
import { TemplateMiner } from '../analysis';
import { logLines } from '../model/queries';
import { openCaseStore, type CaseStore } from '../store';
import { importFiles } from './import';

const ns = (s: number): bigint => BigInt(1_700_000_000 + s) * 1_000_000_000n;
const windows = { baseFrom: ns(0), baseTo: ns(1000), from: ns(1000), to: ns(2000) };

/** What masking must not tell apart, and what it must. */
const BODIES = [
  'took 9 ms',
  'took 12 ms',
  'user=ann id=7',
  'user=bob id=8',
  'at /var/log/x y3/z and /a/b',
  'list a1,b2;c3|d4 (5) [6] {7} "8" \'9\' <10>',
  'tab\there\u000bvt \u0001 1\u000b2',
  'żółć7 ünï 9€ x€9y',
  '٣ arabic three and 3',
  'no digit at all',
  `long ${'word '.repeat(90)}7`,
];
const TIMES = 40;

let store: CaseStore;

beforeAll(async () => {
  store = await openCaseStore(await openNativeEngine({}), { now: 1n, create: { name: 't' } });
  const logRecords = Array.from({ length: TIMES * BODIES.length }, (_, i) => ({
    timeUnixNano: String(ns(0) + BigInt(i) * 4_500_000_000n),
    severityNumber: 9,
    body: { stringValue: BODIES[i % BODIES.length] },
    traceId: (i >> 2).toString(16).padStart(32, '7'),
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] };
  const text = JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
  const blob = new Blob([text]);
  const source = { name: 'logs.jsonl', size: blob.size, stream: () => blob.stream() };
  await importFiles(store, [source], 1n, { formats, signal: new AbortController().signal });
}, 60_000);
afterAll(() => store.close());

describe('log lines of the two windows', () => {
  it('have the templates that their full texts have', async () => {
    const { rows, col } = await store.run(logLines({ ...windows, limit: 1e6 }));
    const [full, read] = [new TemplateMiner(), new TemplateMiner()];
    const wanted = Array.from({ length: rows }, (_, i) =>
      full.add(BODIES[i % BODIES.length] ?? ''),
    );
    const known = new Map<number, number>();
    const got = Array.from({ length: rows }, (_, i) => {
      const key = col.text_key[i] ?? 0;
      const pattern = known.get(key) ?? read.add(col.body[i] ?? '');
      known.set(key, pattern);
      return pattern;
    });
    expect(rows).toBe(TIMES * BODIES.length);
    expect(col.all_lines[0]).toBe(rows);
    expect(known.size).toBeLessThan(BODIES.length);
    expect(got.slice(0, 9).map((one) => read.templateOf(one))).toEqual(
      wanted.slice(0, 9).map((one) => full.templateOf(one)),
    );
    expect(col.service.filter((one) => one !== '')).toHaveLength(known.size);
    expect([...col.cut].filter((cut) => cut === 1)).toHaveLength(TIMES);
  });

  it('beyond the limit are some sessions, each as a whole', async () => {
    const all = TIMES * BODIES.length;
    const { rows, col } = await store.run(logLines({ ...windows, limit: all / 4 }));
    expect(col.all_lines[0]).toBe(all);
    expect(rows).toBeGreaterThan(all / 8);
    expect(rows).toBeLessThan(all / 2);
    const lines = new Map<number, number>();
    for (const session of col.session) lines.set(session, (lines.get(session) ?? 0) + 1);
    expect([...lines.values()].every((n) => n === 4)).toBe(true);
  });
});
