import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonOf, runCli } from './testing/built-cli';
import { analyzeDocument, importDocument } from './testing/contract';

const ROOT = process.env['FAULTLINE_BENCHMARKS'] ?? join(process.cwd(), '../shared/benchmarks');
const SETS = ['nezha-trainticket', 'nezha-onlineboutique', 'petshop', 'alerts'];
const present = SETS.filter((set) => existsSync(join(ROOT, set)));
const missing = SETS.filter((set) => !present.includes(set));
if (missing.length > 0) {
  console.warn(`SKIPPED: benchmarks: no data at FAULTLINE_BENCHMARKS for ${missing.join(', ')}`);
}
describe.skipIf(missing.length > 0).each(missing)('a case of %s', () => {
  it('imports and is analysed', () => expect(missing).toEqual([]));
});

const dir = mkdtempSync(join(tmpdir(), 'faultline-sets-'));
afterAll(() => rmSync(dir, { recursive: true }));

function firstCase(set: string): string {
  const name = readdirSync(join(ROOT, set))
    .sort()
    .find((entry) => existsSync(join(ROOT, set, entry, 'case.json')));
  return join(ROOT, set, name ?? '');
}

// scripts/analyze-sets.mjs does the same with every case of the sets.
describe.each(present)('a case of %s', (set) => {
  it('imports and is analysed with what case.json says', { timeout: 300_000 }, async () => {
    const folder = firstCase(set);
    const file = join(dir, `${set}.faultline`);
    const imported = importDocument.parse(await jsonOf(['import', folder, '--case', file]));
    const truth = imported.files.filter(({ path }) => /(truth|groups)\./.test(path));
    expect(truth.every(({ format, parts }) => format === null && parts.length === 0)).toBe(true);
    const rows = imported.files.flatMap(({ parts }) => parts).reduce((n, p) => n + p.rows, 0);
    expect(rows).toBeGreaterThan(100);
    const found = analyzeDocument.parse(await jsonOf(['analyze', file]));
    expect(found.timings.importMs).toBeGreaterThan(0);
    const hints = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as {
      incident: { from: string } | null;
      baseline: { from: string } | null;
    };
    expect(found.incident.given).toBe(hints.incident !== null);
    if (hints.incident) {
      expect(Date.parse(found.incident.from)).toBe(Date.parse(hints.incident.from));
    }
    if (hints.baseline) {
      expect(Date.parse(found.baseline?.from ?? '')).toBe(Date.parse(hints.baseline.from));
    }
    const checked = await runCli(['check', file, '--json']);
    expect([checked.code, JSON.parse(checked.stdout)]).toMatchObject([0, { differs: 0 }]);
  });
});
