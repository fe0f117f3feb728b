import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { openCaseStore } from '../../core/store';
import { openNativeEngine } from '../node';
import { makeCaseFile } from './make-case';
import { builtCli, jsonOf, startCli } from './testing/built-cli';

const dir = mkdtempSync(join(tmpdir(), 'faultline-make-'));
afterAll(() => rmSync(dir, { recursive: true }));

const receive = (path: string): readonly string[] => [
  'receive',
  '--case',
  path,
  '--http',
  '127.0.0.1:0',
  '--grpc',
  '127.0.0.1:0',
];

/** Starts a command that makes the case and kills it at the first sight of a file of this name's beginning. */
async function killedAt(path: string, begins: string): Promise<readonly string[]> {
  const { child, ended } = await startCli(receive(path));
  const seen = (): boolean => readdirSync(dir).some((file) => file.startsWith(begins));
  while (!seen() && child.exitCode === null) await turn();
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  return readdirSync(dir);
}

describe('a case that is being made', () => {
  it('has its name only when it is whole; what a kill leaves behind goes with the next', async () => {
    await builtCli();
    const path = join(dir, 'killed.faultline');
    const left = await killedAt(path, 'killed.faultline.new-');
    expect(left).not.toContain('killed.faultline');
    expect(left.some((file) => file.startsWith('killed.faultline.new-'))).toBe(true);
    await makeCaseFile(path, 'killed', 1n);
    expect(readdirSync(dir)).toEqual(['killed.faultline']);
    const { rows } = await jsonOf<{ rows: number }>(['query', path, 'FROM sources']);
    expect(rows).toBe(0);
  });

  it('is a case from the moment that its name is there', async () => {
    const path = join(dir, 'named.faultline');
    await killedAt(path, 'named.faultline');
    if (!existsSync(path)) await killedAt(path, 'named.faultline');
    // Whichever of the two names came first: the commands go on.
    const { rows } = await jsonOf<{ rows: number }>([...receive(path), '--for', '10ms']);
    expect(rows).toBe(0);
  });

  it('leaves alone what is there, and what another program is making', async () => {
    const path = join(dir, 'held.faultline');
    const other = `${path}.new-${process.ppid}`;
    const engine = await openNativeEngine({ path: other });
    await makeCaseFile(path, 'held', 1n);
    expect(existsSync(other)).toBe(true);
    await engine.close();
    await expect(makeCaseFile(path, 'again', 2n)).rejects.toMatchObject({ code: 'case/exists' });
    const store = await openCaseStore(await openNativeEngine({ path }), { now: 3n });
    expect(await store.meta('name')).toBe('held');
    await store.close();
  });
});
