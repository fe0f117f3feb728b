import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { builtCli, jsonOf, runCli, startCli } from './testing/built-cli';
import { errorDocument } from './testing/contract';

const dir = mkdtempSync(join(tmpdir(), 'faultline-bench-test-'));
const sets = join(dir, 'sets');
afterAll(() => rmSync(dir, { recursive: true }));

const share = z.number().min(0).max(1);
const figures = z.record(z.string(), z.number());
const benchDocument = z.looseObject({
  schema: z.literal(1),
  sets: z.array(
    z.looseObject({
      set: z.string(),
      task: z.string(),
      cases: z.number().int().positive(),
      metrics: figures,
      intervals: z.record(z.string(), z.tuple([z.number(), z.number()])),
      nulls: figures,
      seconds: z.strictObject({
        median: z.number().nullable(),
        p95: z.number().nullable(),
        total: z.number(),
      }),
      results: z.array(
        z.strictObject({
          id: z.string(),
          truth: z.string().nullable(),
          rank: z.number().min(1).nullable(),
          top: z.array(z.string()),
          seconds: z.number().nonnegative(),
          verdict: z.string(),
        }),
      ),
    }),
  ),
});

beforeAll(async () => {
  await builtCli();
  for (const [scenario, seed] of [
    ['memory-leak', 3],
    ['quiet', 4],
  ] as const) {
    const out = join(sets, 'of-mine', `${scenario}-${seed}`);
    mkdirSync(join(sets, 'of-mine'), { recursive: true });
    await jsonOf([
      'sample',
      '--scenario',
      scenario,
      '--seed',
      String(seed),
      '--size',
      'small',
      '--out',
      out,
    ]);
  }
  writeFileSync(join(sets, 'README.md'), 'passed over');
}, 120_000);

const bench = async (...args: string[]) => benchDocument.parse(await jsonOf(['bench', ...args]));
type Doc = Awaited<ReturnType<typeof bench>>;
const setOf = (doc: Doc, name: string): Doc['sets'][number] => {
  const found = doc.sets.find(({ set }) => set === name);
  if (!found) throw new Error(`no set ${name}`);
  return found;
};

describe('bench', () => {
  it(
    'finds sets below a folder and scores them as the contract says',
    { timeout: 120_000 },
    async () => {
      const doc = await bench(sets);
      const mine = setOf(doc, 'of-mine');
      expect(mine.cases).toBe(2);
      for (const name of ['top1', 'top3', 'top5', 'avg5', 'top1Lenient', 'lost']) {
        expect(share.parse(mine.metrics[name])).toBeTypeOf('number');
        expect(mine.intervals[name]).toBeDefined();
      }
      expect(Object.keys(mine.nulls).sort()).toEqual(['largestZ', 'prior', 'random']);
      expect(mine.results.map(({ id }) => id)).toEqual(['memory-leak-3', 'quiet-4']);
      const [leak] = mine.results;
      const truth = JSON.parse(
        readFileSync(join(sets, 'of-mine', 'memory-leak-3', 'truth.json'), 'utf8'),
      ) as { root_cause: { service: string } };
      expect(leak?.truth).toBe(truth.root_cause.service);
      // The score follows from the answer that is printed beside it.
      const first = leak?.top[0] === truth.root_cause.service;
      expect(mine.metrics['top1']).toBe(first ? 1 : 0);
      expect(leak?.rank === 1).toBe(first);
      const quiet = setOf(doc, 'quiet windows');
      expect(share.parse(quiet.metrics['silent'])).toBeTypeOf('number');
      expect(quiet.cases).toBeGreaterThanOrEqual(2);
    },
  );

  it(
    'takes the answer from truth.json alone: another truth, another score',
    { timeout: 120_000 },
    async () => {
      const twisted = join(dir, 'twisted', 'memory-leak-3');
      mkdirSync(join(dir, 'twisted'));
      await jsonOf([
        'sample',
        '--scenario',
        'memory-leak',
        '--seed',
        '3',
        '--size',
        'small',
        '--out',
        twisted,
      ]);
      const path = join(twisted, 'truth.json');
      const truth = JSON.parse(readFileSync(path, 'utf8')) as { root_cause: { service: string } };
      const other = { ...truth, root_cause: { ...truth.root_cause, service: 'nobody' } };
      writeFileSync(path, JSON.stringify(other));
      const [was] = setOf(
        await bench(join(sets, 'of-mine'), '--only', 'memory-leak-3'),
        'of-mine',
      ).results;
      const doc = await bench(join(dir, 'twisted'));
      expect(setOf(doc, 'twisted').results[0]).toMatchObject({ rank: null, top: was?.top });
      expect(setOf(doc, 'twisted').metrics['top1']).toBe(0);
    },
  );

  it('says whether rankings stay under other names', { timeout: 120_000 }, async () => {
    const doc = await bench(sets, '--only', 'memory-leak-3', '--scramble', '5');
    const mine = setOf(doc, 'of-mine');
    expect(share.parse(mine.metrics['scrambleAgreement'])).toBeTypeOf('number');
    const plain = setOf(await bench(sets, '--only', 'memory-leak-3'), 'of-mine');
    expect(mine.results[0]?.truth).not.toBe(plain.results[0]?.truth);
  });

  it('prints tables for people', { timeout: 60_000 }, async () => {
    const { code, stdout } = await runCli([
      'bench',
      sets,
      '--only',
      'memory-leak-3',
      '--cuts',
      '0',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/of-mine: .*1 cases/);
    expect(stdout).toMatch(/top1 .*\d\.\d{3} to \d\.\d{3}/);
    expect(stdout).toMatch(/without insight: prior/);
  });

  it.each([
    ['no set there', () => [dir, '--only', 'no-such-case'], 2, 'usage'],
    ['no folder', () => [join(dir, 'nowhere')], 1, 'not-found'],
    ['a folder without a set', () => [join(sets, 'of-mine', 'quiet-4')], 1, 'not-found'],
    ['a seed that is none', () => [sets, '--scramble', 'x'], 2, 'usage'],
    ['no number of seeds', () => ['simulator:none'], 2, 'usage'],
  ] as const)('refuses %s', async (_, args, code, error) => {
    const result = await runCli(['bench', ...args(), '--json']);
    expect(result.code).toBe(code);
    expect(errorDocument.parse(JSON.parse(result.stdout)).error.code).toBe(error);
  });

  it('ends with 130 on an interrupt', { timeout: 60_000 }, async () => {
    const running = await startCli(['bench', 'simulator:3', '--json']);
    // It has begun by then, and takes minutes in all.
    await sleep(6000);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(errorDocument.parse(JSON.parse(stdout)).error.code).toBe('cancelled');
  });
});
