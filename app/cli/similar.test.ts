import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtCli, jsonOf, runCli } from './testing/built-cli';

const dir = mkdtempSync(join(tmpdir(), 'faultline-similar-'));
const now = join(dir, 'now.faultline');
const past = join(dir, 'past');
afterAll(() => rmSync(dir, { recursive: true }));

beforeAll(async () => {
  await builtCli();
  mkdirSync(past);
  await jsonOf(['sample', '--size', 'small', '--seed', '3', '--case', now]);
  await jsonOf(['analyze', now]);
  copyFileSync(now, join(past, 'same.faultline'));
  const other = join(past, 'other.faultline');
  await jsonOf(['sample', '--scenario', 'cache-outage', '--size', 'small', '--case', other]);
  copyFileSync(other, join(past, 'raw.faultline'));
  await jsonOf(['analyze', other]);
  writeFileSync(join(past, 'damaged.faultline'), 'not a case');
}, 120_000);

interface SimilarDocument {
  readonly compared: number;
  readonly similar: readonly { readonly path: string; readonly score: number }[];
  readonly notices: readonly { readonly message: string }[];
}

it('finds past incidents that looked like this one, and names files that it passed over', async () => {
  const found = await jsonOf<SimilarDocument>(['similar', now, past]);
  expect(found.compared).toBe(2);
  expect(found.similar.map(({ path }) => path)).toEqual([
    join(past, 'same.faultline'),
    join(past, 'other.faultline'),
  ]);
  expect(found.similar[0]?.score).toBeCloseTo(1);
  expect(found.similar[1]?.score).toBeLessThan(0.5);
  const said = found.notices.map(({ message }) => message).sort();
  expect(said[0]).toContain('damaged.faultline');
  expect(said[1]).toContain('raw.faultline is not analysed yet');
}, 60_000);

it('asks for an analysis first', async () => {
  const { code, stderr } = await runCli(['similar', join(past, 'raw.faultline'), past]);
  expect(code).toBe(2);
  expect(stderr).toContain('faultline analyze');
}, 60_000);
