import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openNativeDatabase } from '../app/node';
import { formatsMarkdown, sampleFolders } from '../core/connect/testing/formats-doc';
import { readSample, sampleFiles } from '../core/connect/testing/samples';
import { formats } from '.';

const connectors = fileURLToPath(new URL('.', import.meta.url));
const page = resolve(connectors, '../docs/FORMATS.md');
const folders = sampleFolders(connectors);

describe('the formats', () => {
  it('have ids of their own, and each a sample and a damaged one', () => {
    const ids = formats.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const samples = folders.flatMap((folder) => folder.samples);
    for (const id of ids) {
      const own = samples.filter(({ format }) => format === id).map(({ file }) => file);
      expect(
        own.filter((file) => file.startsWith('damaged-')),
        `of ${id}`,
      ).not.toEqual([]);
      expect(
        own.filter((file) => !file.startsWith('damaged-')),
        `of ${id}`,
      ).not.toEqual([]);
    }
    for (const { format } of samples) expect(ids).toContain(format);
  });

  it('are on docs/FORMATS.md as they are (write it: node scripts/formats.mjs --write)', () => {
    const text = formatsMarkdown(formats, folders);
    if (process.env['FAULTLINE_WRITE_DOCS']) writeFileSync(page, text);
    // Branches that add lines side by side may leave them in any order.
    const lines = (of: string): readonly string[] => of.trimEnd().split('\n').sort();
    expect(lines(readFileSync(page, 'utf8'))).toEqual(lines(text));
  });

  it('know their samples among all others', async () => {
    for (const { path, samples } of folders) {
      for (const { file, format } of samples) {
        const { reports } = await readSample(sampleFiles(path, file), formats, {
          tools: { openDatabase: openNativeDatabase },
        });
        const taken = reports.filter(({ title }) => !title.endsWith(' archive'));
        expect(
          taken.map((report) => report.format),
          `${path} ${file}`,
        ).toEqual(taken.map(() => format));
      }
    }
  });
});
