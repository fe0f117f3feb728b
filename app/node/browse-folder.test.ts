import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultlineError } from '../../core/base';
import { browseFolder } from './browse-folder';
import { createNodeHost } from './host';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'browse-'));
  mkdirSync(join(folder, 'case-10'));
  mkdirSync(join(folder, 'case-9'));
  writeFileSync(join(folder, 'a.faultline'), 'abc');
  writeFileSync(join(folder, '.hidden'), '');
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const hostWith = (can: readonly ('native-dialog' | 'path-access')[]) =>
  createNodeHost({
    kind: 'test',
    version: '0',
    userDir: join(folder, 'user'),
    can,
    makeUpstream: () => {
      throw new Error('No backend here.');
    },
  });

const codeOf = (error: unknown): string => (error as FaultlineError).code;

describe('browsing a folder', () => {
  it('lists folders first, in natural order, without hidden and dangling entries', async () => {
    const { entries, parent, left } = await browseFolder(folder);
    expect(entries.map(({ name }) => name)).toEqual(['case-9', 'case-10', 'a.faultline']);
    expect(entries.at(-1)).toMatchObject({ size: 3, isDirectory: false });
    expect(parent).toBe(tmpdir());
    expect(left).toBe(0);
  });

  it('says what is no folder', async () => {
    expect(await browseFolder(join(folder, 'nope')).catch(codeOf)).toBe('not-found');
    expect(await browseFolder('relative').catch(codeOf)).toBe('usage');
  });

  it('lets the page read what was chosen, and nothing beside it', async () => {
    const { api } = hostWith(['path-access']);
    const path = join(folder, 'a.faultline');
    expect(await api.stat(path).catch(codeOf)).toBe('host/denied');
    expect(await api.choosePaths([path])).toMatchObject([{ name: 'a.faultline' }]);
    expect(await api.stat(path)).toMatchObject({ size: 3 });
    expect(await api.stat(join(folder, 'case-9')).catch(codeOf)).toBe('host/denied');
  });

  it('is left to the native dialog where there is one', async () => {
    const { api } = hostWith(['native-dialog', 'path-access']);
    expect(await api.browse(folder).catch(codeOf)).toBe('host/denied');
    expect(await api.choosePaths([folder]).catch(codeOf)).toBe('host/denied');
  });
});
