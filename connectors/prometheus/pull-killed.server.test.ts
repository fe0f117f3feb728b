import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runCli, startCli } from '../../app/cli/testing/built-cli';
import { startGate } from '../../core/connect/testing/upstreams';
import { available, prometheus, type Running } from '../../scripts/servers/index.mjs';

const there = await available(prometheus);
const START = 1_751_000_000;
const SERIES = 100;
const SECONDS = 1800;
const STEP = 1;
const iso = (seconds: number): string => new Date((START + seconds) * 1000).toISOString();
/** The second half, and the first one as its baseline. */
const WINDOW = `${iso(SECONDS / 2)}..${iso(SECONDS)}`;
const TOTAL = (SERIES * SECONDS) / STEP;

let folder = '';
let server: Running | undefined;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  if (!there) return;
  folder = mkdtempSync(join(tmpdir(), 'faultline-killed-'));
  const lines = ['# TYPE jobs counter'];
  for (let s = 0; s < SERIES; s++) {
    for (let t = 0; t < SECONDS; t += STEP) {
      lines.push(`jobs_total{job="svc-${s % 10}",pod="svc-${s}"} ${s * t} ${START + t}`);
    }
  }
  writeFileSync(file('jobs.om'), `${lines.join('\n')}\n# EOF\n`);
  server = await prometheus.start({ openMetrics: [file('jobs.om')] });
}, 240_000);

afterAll(async () => {
  await server?.stop();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

interface Summary {
  readonly totalRows: number;
  readonly resumed: boolean;
}

async function countsOf(caseFile: string): Promise<string> {
  const counts = {
    samples: '(SELECT count(*) FROM samples)',
    apart: '(SELECT count(*) FROM (SELECT DISTINCT series_id, ts FROM samples))',
    series: '(SELECT count(*) FROM metric_series)',
    total: '(SELECT sum(value) FROM samples)',
    written: '(SELECT sum(rows) FROM sources)',
    partial: "(SELECT count(*) FROM sources WHERE state = 'partial')",
    notices: '(SELECT count(*) FROM notices)',
    coverage: '(SELECT count(*) FROM coverage)',
  };
  const columns = Object.entries(counts).map(([name, what]) => `${what}::DOUBLE AS ${name}`);
  const sql = `SELECT ${columns.join(', ')}`;
  const { code, stdout, stderr } = await runCli(['query', caseFile, sql, '--format', 'jsonl']);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return stdout.trim();
}

describe.skipIf(!there)('faultline pull prometheus', { timeout: 240_000 }, () => {
  it('goes on after kill -9, and ends with the rows of an undisturbed pull', async () => {
    // Twelve requests find out what is there; of the four that bring samples the third never returns.
    const gate = await startGate(server?.url ?? '', (_, nth) => nth > 14);
    const args = ['pull', 'prometheus', '--url', gate.url];
    const when = ['--window', WINDOW, '--baseline', 'previous'];
    try {
      const killed = await startCli([...args, ...when, '--case', file('killed.faultline')]);
      await gate.reached;
      killed.child.kill('SIGKILL');
      expect((await killed.ended).signal).toBe('SIGKILL');
      gate.open();
      const before = JSON.parse(await countsOf(file('killed.faultline'))) as Record<string, number>;
      // What is committed is there, and is not shown.
      expect(before).toMatchObject({ partial: 1, samples: 0 });
      expect(before['written']).toBeGreaterThan(0);
      expect(before['written']).toBeLessThan(TOTAL);
      const resumed = await jsonOf<Summary>([
        ...args,
        '--case',
        file('killed.faultline'),
        '--resume',
      ]);
      expect(resumed.resumed).toBe(true);
      await jsonOf<Summary>([...args, ...when, '--case', file('whole.faultline')]);
      const whole = await countsOf(file('whole.faultline'));
      expect(JSON.parse(whole)).toMatchObject({ samples: TOTAL, apart: TOTAL, series: SERIES });
      expect(await countsOf(file('killed.faultline'))).toBe(whole);
      const again = await jsonOf<Summary>([...args, ...when, '--case', file('whole.faultline')]);
      expect(again.totalRows).toBe(resumed.totalRows);
      expect(await countsOf(file('whole.faultline'))).toBe(whole);
    } finally {
      await gate.close();
    }
  });

  it('lists what there is with --dry-run and writes nothing', async () => {
    const args = [
      'pull',
      'prometheus',
      '--url',
      server?.url ?? '',
      '--window',
      WINDOW,
      '--dry-run',
    ];
    const answer = await jsonOf<{ catalog: { items: readonly object[] } }>(args);
    expect(answer.catalog.items).toEqual([
      expect.objectContaining({ id: 'jobs_total', count: SERIES, unit: 'series', selected: true }),
    ]);
    const plan = await runCli([...args.slice(0, -1), '--plan', '--service', 'svc-3']);
    expect([plan.code, plan.stdout]).toEqual([
      0,
      expect.stringMatching(/jobs_total +10 series +9000/),
    ]);
  });

  it('keeps to --budget and writes the coverage', async () => {
    const args = ['pull', 'prometheus', '--url', server?.url ?? '', '--window', WINDOW];
    const made = await jsonOf<Summary & { notices: readonly { code: string }[] }>([
      ...args,
      '--budget',
      '10000',
      '--case',
      file('small.faultline'),
    ]);
    expect(made.notices.map(({ code }) => code)).toContain('step-widened');
    const sql =
      'SELECT rows_total::DOUBLE AS rows_total, rows_kept::DOUBLE AS rows_kept, sampled FROM coverage';
    const { stdout } = await runCli(['query', file('small.faultline'), sql, '--format', 'jsonl']);
    const row = JSON.parse(stdout) as Record<string, unknown>;
    expect(row).toMatchObject({ rows_total: TOTAL / 2, sampled: true });
    expect(row['rows_kept']).toBeLessThanOrEqual(10_000);
  });
});
