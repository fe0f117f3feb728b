import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import type { SetFolder } from '../task';
import { keysOfLines, verdicts } from './detect';
import { plant } from './planting';
import { quietLogs, type QuietLog } from './quiet-log';
import { runPlantedLogs } from './run';

const rng = createRng(11);

/** 400 stories of three lines each, and a system with errors. */
const stories: QuietLog = {
  name: 'shop',
  system: 'shop',
  lines: Array.from({ length: 1200 }, (_, i) => ({
    body: `${['opened', 'wrote', 'closed'][i % 3]} file ${rng.int(1e6)}`,
    severity: 9,
    event: `E${i % 3}`,
    service: '',
    session: `p${Math.floor(i / 3)}`,
    unit: `p${Math.floor(i / 3)}`,
  })),
};
const errors: QuietLog = {
  name: 'mail',
  system: 'mail',
  lines: Array.from({ length: 40 }, (_, i) => {
    const rest = { service: '', session: '', unit: String(i) };
    return { body: `error: mailbox ${i} is locked`, severity: 17, event: 'M1', ...rest };
  }),
};
const DEALT = { recorded: false, quiet: false };

describe('planting', () => {
  it('puts nothing into a quiet window, and keeps every line', () => {
    const { lines, plantings } = plant(stories, [errors], createRng(1), { ...DEALT, quiet: true });
    expect(plantings).toEqual([]);
    expect(lines.map(({ body }) => body).sort()).toEqual(
      stories.lines.map(({ body }) => body).sort(),
    );
    expect(lines.filter(({ inWindow }) => inWindow)).toHaveLength(240);
  });

  it('is the same for the same seed, and only touches the window', () => {
    const [a, b] = [1, 1].map((seed) => plant(stories, [errors], createRng(seed), DEALT));
    expect(b).toEqual(a);
    const before = a?.lines.filter(({ inWindow }) => !inWindow) ?? [];
    expect(before.every(({ event }) => event.startsWith('E'))).toBe(true);
    const kinds = a?.plantings.map(({ kind }) => kind);
    expect(kinds).toContain('new');
    const planted = a?.plantings.find(({ kind }) => kind === 'new')?.lines ?? [];
    expect(planted.length).toBeGreaterThanOrEqual(3);
    for (const i of planted) expect(a?.lines[i]).toMatchObject({ event: 'M1', inWindow: true });
  });

  it('counts a planting once, by its own kind, and the rest as false', () => {
    const log = plant(stories, [errors], createRng(1), DEALT);
    const keys = keysOfLines(log);
    const [first] = log.plantings;
    const key = keys[first?.lines[0] ?? 0] ?? '';
    const kind = first?.kind ?? 'new';
    const said = [
      { kind, keys: [key] },
      { kind, keys: [key] },
      { kind: 'stopped', keys: [key] },
      { kind, keys: ['of nobody'] },
    ] as const;
    const { found, false: wrong } = verdicts(log, keys, said);
    expect(found[kind]).toBe(1);
    expect(wrong).toMatchObject({ [kind]: 1, stopped: 1 });
  });
});

it('scores plantings by kind, beside what detectors without insight score', () => {
  let ms = 0;
  const score = runPlantedLogs([stories, errors], { only: 'shop', now: () => ms++ });
  expect(score.cases).toBe(20);
  expect(score.metrics['newRecall']).toBeGreaterThan(0.9);
  expect(score.metrics['logPrecision']).toBeGreaterThan(0.8);
  expect(score.metrics['quietAlarms']).toBeLessThan(0.3);
  expect(score.nulls['everyNewRecall']).toBeLessThan(0.5);
  expect(score.intervals['logRecall']?.[0]).toBeGreaterThan(0);
});

it('reads the fault-free minute of cases once each, and never what was wrong', async () => {
  const record = (ts: string, body: string) => ({
    timeUnixNano: ts,
    severityNumber: 9,
    body: { stringValue: body },
    traceId: 'aa',
    spanId: 'bb',
  });
  const line = JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'ts' } }] },
        scopeLogs: [
          {
            logRecords: [
              record('1674981001000000000', '16:30:01 INFO  t.c.Order#12 late'),
              record('1674981000000000000', '16:30:00 INFO  t.c.Order#11 early'),
              record('1674990000000000000', 'in the incident'),
            ],
          },
        ],
      },
    ],
  });
  const given = { from: '2023-01-29T08:30:00.000Z', to: '2023-01-29T08:31:00.000Z' };
  const files: Readonly<Record<string, string>> = {
    'case.json': JSON.stringify({ baseline: given }),
    'logs.otlp.jsonl.gz': `${line}\n`,
    'truth.json': 'not to be read',
  };
  const read: string[] = [];
  const folder: SetFolder = {
    name: 'set',
    list: async (path) => (path ? Object.keys(files) : ['one', 'two', 'index.json']),
    text: async (path) => {
      read.push(path);
      return files[path.slice(4)] ?? '';
    },
    has: async () => true,
  };
  const logs = await quietLogs(folder);
  expect(logs).toHaveLength(1);
  expect(logs[0]?.lines.map(({ event }) => event)).toEqual(['ts t.c.Order#11', 'ts t.c.Order#12']);
  expect(read.some((path) => path.endsWith('truth.json'))).toBe(false);
});
