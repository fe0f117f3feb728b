import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtCli, jsonOf, runCli, startCli } from './testing/built-cli';
import { analyzeDocument, errorDocument, importDocument } from './testing/contract';

const dir = mkdtempSync(join(tmpdir(), 'faultline-cli-'));
const at = (name: string): string => join(dir, name);
const sample = at('sample.faultline');
afterAll(() => rmSync(dir, { recursive: true }));

beforeAll(async () => {
  await builtCli();
  await jsonOf(['sample', '--size', 'small', '--seed', '3', '--case', sample]);
  await jsonOf(['analyze', sample]);
}, 120_000);

function sha(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Runs SQL on a case file past Faultline, as somebody with a DuckDB client could. */
async function inDuckdb(path: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(path);
  try {
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRows();
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

async function copyOf(name: string): Promise<string> {
  const path = at(name);
  writeFileSync(path, readFileSync(sample));
  return path;
}

describe('exit codes and errors', () => {
  it.each([
    ['an unknown option', ['analyze', sample, '--colour'], 2, 'usage'],
    ['an unknown command', ['explain'], 2, 'usage'],
    ['no place to import to', ['import', dir], 2, 'usage'],
    [
      'a window that ends before it starts',
      ['analyze', sample, '--incident', 'now..now-1h'],
      2,
      'usage',
    ],
    ['an unknown entity', ['analyze', sample, '--symptom', 'nobody'], 2, 'usage'],
    [
      'an unknown scenario',
      ['sample', '--scenario', 'flood', '--case', at('x.faultline')],
      2,
      'usage',
    ],
    ['a case that is not there', ['check', at('nowhere.faultline')], 1, 'not-found'],
    ['a case that exists', ['sample', '--case', sample], 1, 'case/exists'],
    ['SQL that writes', ['query', sample, 'DELETE FROM spans'], 1, 'store/read-only'],
    [
      'SQL that reads files',
      ['query', sample, "FROM read_text('/etc/hosts')"],
      1,
      'store/query-failed',
    ],
  ] as const)('answers %s with a code and one JSON document', async (_, args, code, error) => {
    const before = sha(sample);
    const result = await runCli([...args, '--json']);
    expect(result.code).toBe(code);
    expect(errorDocument.parse(JSON.parse(result.stdout)).error.code).toBe(error);
    expect(sha(sample)).toBe(before);
  });

  it('says for people what went wrong, on stderr alone', async () => {
    const result = await runCli(['check', at('nowhere.faultline')]);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^faultline: There is no file .*nowhere\.faultline\.\n$/);
  });

  it('shows help with examples for every command', async () => {
    const { stdout } = await runCli(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+)[ [].*/gm)].map(([, name]) => name);
    expect(commands).toEqual(
      expect.arrayContaining(['sample', 'import', 'pull', 'receive', 'analyze', 'report', 'check']),
    );
    for (const name of [
      'sample',
      'import',
      'pull',
      'receive',
      'analyze',
      'report',
      'check',
      'query',
    ]) {
      const help = await runCli([name, '--help']);
      expect(help.code).toBe(0);
      expect(help.stdout).toMatch(/Examples:\n {2}faultline /);
      expect(help.stdout).toMatch(/--json/);
    }
  });

  it(
    'ends with 130 on an interrupt and leaves no half of an import visible',
    { timeout: 180_000 },
    async () => {
      const folder = at('telemetry');
      await jsonOf(['sample', '--size', 'sample', '--seed', '5', '--out', folder]);
      const file = await copyOf('interrupted.faultline');
      const before = await jsonOf<{ data: unknown }>(['query', file, 'SELECT count(*) FROM spans']);
      const running = await startCli(['import', folder, '--case', file, '--json']);
      // The write-ahead log is there from the first commit on.
      while (!existsSync(`${file}.wal`) && running.child.exitCode === null) await sleep(20);
      running.child.kill('SIGINT');
      const { code, stdout } = await running.ended;
      expect(code).toBe(130);
      expect(errorDocument.parse(JSON.parse(stdout)).error.code).toBe('cancelled');
      const after = await jsonOf<{ data: unknown }>(['query', file, 'SELECT count(*) FROM spans']);
      expect(after.data).toEqual(before.data);
      expect(await jsonOf(['check', file])).toMatchObject({ differs: 0 });
    },
  );
});

describe('import', () => {
  it('says what a dry run would take and drop, and writes nothing', async () => {
    const metrics = at('some.om.txt');
    writeFileSync(
      metrics,
      '# TYPE up gauge\nup{job="a"} 1 1700000000\nup{job="a"} x 1700000015\n# EOF\n',
    );
    const dry = importDocument.parse(await jsonOf(['import', metrics, '--dry-run']));
    expect(dry.files[0]?.parts).toMatchObject([{ signal: 'samples', rows: 1, dropped: 1 }]);
    expect(dry.files[0]?.parts[0]?.droppedExamples[0]?.text).toContain('x');
    const file = at('dry.faultline');
    const wet = importDocument.parse(await jsonOf(['import', metrics, '--case', file]));
    expect(wet.files[0]?.parts).toEqual(dry.files[0]?.parts);
    const again = importDocument.parse(await jsonOf(['import', metrics, '--case', file]));
    expect(again.files[0]?.notices).toMatchObject([{ code: 'already-imported' }]);
  });

  it('gives format null to what it does not know', async () => {
    const odd = at('odd.bin');
    writeFileSync(odd, Buffer.from([0, 1, 2, 3, 255, 254, 0, 9]));
    const { files } = importDocument.parse(await jsonOf(['import', odd, '--dry-run']));
    expect(files).toMatchObject([{ format: null, parts: [] }]);
  });
});

describe('analyze', () => {
  it('keeps the contract, names the injected cause and its evidence can be run', async () => {
    const found = analyzeDocument.parse(await jsonOf(['analyze', sample]));
    expect(found.verdict).toBe('ranked');
    const [top] = found.ranking;
    const claims = top?.evidence.filter(({ query }) => query !== '') ?? [];
    expect(claims.length).toBeGreaterThan(1);
    for (const { sql } of claims) {
      const rows = await runCli(['query', sample, sql, '--json']);
      expect([rows.code, sql]).toEqual([0, sql]);
    }
  });

  it('prints time and peak memory of each stage for people', async () => {
    const folder = at('stages');
    await jsonOf(['sample', '--size', 'small', '--out', folder]);
    const file = at('stages.faultline');
    const imported = await runCli(['import', folder, '--case', file]);
    expect(imported.stdout).toMatch(/^import \d+ ms, peak memory \d+/m);
    const { stdout } = await runCli(['analyze', file]);
    expect(stdout).toMatch(/^import +\d+ ms/m);
    expect(stdout).toMatch(/^detect +\d+ ms, peak memory \d+ MB$/m);
    expect(stdout).toMatch(/^rank +\d+ ms, peak memory \d+ MB$/m);
    const { timings } = analyzeDocument.parse(await jsonOf(['analyze', file]));
    expect(timings.importMs).toBeGreaterThan(0);
  });

  it('takes windows and baselines and says whether the answer stays', async () => {
    const { incident, baseline } = analyzeDocument.parse(await jsonOf(['analyze', sample]));
    const file = await copyOf('windows.faultline');
    const middle = new Date(
      (Date.parse(baseline?.from ?? '') + Date.parse(baseline?.to ?? '')) / 2,
    ).toISOString();
    const args = ['--incident', `${incident.from}..${incident.to}`];
    args.push(
      '--baseline',
      `${baseline?.from}..${middle}`,
      '--baseline',
      `${middle}..${baseline?.to}`,
    );
    const found = analyzeDocument.parse(await jsonOf(['analyze', file, ...args]));
    expect(found.incident.given).toBe(true);
    expect(found.robustToBaselines).toBe(true);
  });

  it('answers a quiet case with insufficient-evidence and exit code 0', async () => {
    const file = at('quiet.faultline');
    await jsonOf(['sample', '--scenario', 'quiet', '--size', 'small', '--case', file]);
    const found = analyzeDocument.parse(await jsonOf(['analyze', file]));
    expect(found.verdict).toBe('insufficient-evidence');
    expect(found.ranking).toEqual([]);
  });
});

describe('check', () => {
  it('finds a claim whose figure was changed, and one whose rows were', async () => {
    expect(await jsonOf(['check', sample])).toMatchObject({ differs: 0, notCheckable: 0 });
    const table = await copyOf('tampered-table.faultline');
    await inDuckdb(
      table,
      "UPDATE evidence SET value = '12345' WHERE value IS NOT NULL AND query_id <> ''",
    );
    const rows = await copyOf('tampered-rows.faultline');
    await inDuckdb(rows, 'UPDATE spans SET duration = duration * 3');
    for (const file of [table, rows]) {
      const { code, stdout } = await runCli(['check', file, '--json']);
      expect(code).toBe(3);
      const { differs, checks } = JSON.parse(stdout) as {
        differs: number;
        checks: { state: string }[];
      };
      expect(differs).toBeGreaterThan(0);
      expect(checks.filter(({ state }) => state === 'differs')).toHaveLength(differs);
    }
  });
});

describe('report', () => {
  it('writes Markdown and one HTML page with the evidence and its SQL', async () => {
    const md = await runCli(['report', sample]);
    expect(md.code).toBe(0);
    expect(md.stdout).toMatch(/^# sample\n\n\*\*/);
    expect(md.stdout).toMatch(/```sql/);
    const out = at('report.html');
    expect((await runCli(['report', sample, '--format', 'html', '--out', out])).code).toBe(0);
    const html = readFileSync(out, 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<script|src=|href=/);
    const json = await runCli(['report', sample, '--format', 'json']);
    analyzeDocument.parse(JSON.parse(json.stdout));
  });

  it('says of a case that is not analysed what to do', async () => {
    const file = at('fresh.faultline');
    await jsonOf(['sample', '--size', 'small', '--case', file]);
    const { code, stderr } = await runCli(['report', file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/faultline analyze/);
  });
});

describe('query', () => {
  const sql = `SELECT i::BIGINT AS whole, i / 2 AS half, i % 2 = 0 AS even, 'a"b,' || i AS text,
    CASE WHEN i > 0 THEN [i] END AS list, NULL AS nothing FROM range(3) t(i)`;
  const bytes = async (format: string): Promise<Buffer> => {
    const out = at(`out.${format}`);
    const running = await startCli(['query', sample, sql, '--format', format]);
    const chunks: Buffer[] = [];
    running.child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      chunks.push(Buffer.from(text, 'latin1'));
    });
    expect((await running.ended).code).toBe(0);
    writeFileSync(out, Buffer.concat(chunks));
    return readFileSync(out);
  };

  it('writes a table, CSV and JSON lines', async () => {
    const table = await runCli(['query', sample, sql]);
    expect(table.stdout.split('\n')[0]).toMatch(/^whole +half +even +text +list +nothing/);
    const csv = await runCli(['query', sample, sql, '--format', 'csv']);
    expect(csv.stdout.split('\n').slice(0, 3)).toEqual([
      'whole,half,even,text,list,nothing',
      '0,0,true,"a""b,0",,',
      '1,0.5,false,"a""b,1","[""1""]",',
    ]);
    const lines = await runCli(['query', sample, sql, '--format', 'jsonl']);
    const rows = lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(rows[1]).toMatchObject({ half: 0.5, even: false, text: 'a"b,1', nothing: null });
  });

  it('writes Arrow that Arrow reads', async () => {
    const read = tableFromIPC(await bytes('arrow'));
    expect(read.numRows).toBe(3);
    expect(read.toArray().map((row) => Number(row?.['whole']))).toEqual([0, 1, 2]);
    expect(read.getChild('text')?.get(2)).toBe('a"b,2');
  });

  it('writes Parquet that DuckDB reads', async () => {
    await bytes('parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(
      `SELECT whole::INTEGER, half, even, text FROM '${at('out.parquet')}' ORDER BY whole`,
    );
    expect(read.getRows()).toEqual([
      [0, 0, true, 'a"b,0'],
      [1, 0.5, false, 'a"b,1'],
      [2, 1, true, 'a"b,2'],
    ]);
    connection.closeSync();
    instance.closeSync();
  });

  it('cuts at the limit and says so', async () => {
    const result = await runCli([
      'query',
      sample,
      'FROM range(100)',
      '--limit',
      '5',
      '--format',
      'csv',
    ]);
    expect(result.stdout.trim().split('\n')).toHaveLength(6);
    expect(result.stderr).toMatch(/Only the first 5 rows/);
    const quiet = await runCli(['query', sample, 'FROM range(100)', '--limit', '5', '--quiet']);
    expect(quiet.stderr).toBe('');
  });
});

describe('a case in other hands', () => {
  it('is opened by any DuckDB client and shows its tables', async () => {
    const path = await copyOf('plain.faultline');
    const tables = await inDuckdb(path, 'SELECT table_name FROM duckdb_tables() ORDER BY 1');
    expect(tables.flat()).toEqual(
      expect.arrayContaining([
        'alerts',
        'changes',
        'evidence',
        'logs',
        'meta',
        'rankings',
        'samples',
        'sources',
        'spans',
      ]),
    );
    const [[spans]] = (await inDuckdb(path, 'SELECT count(*)::INTEGER FROM spans')) as [[number]];
    expect(spans).toBeGreaterThan(1000);
    const [[headline, cause]] = (await inDuckdb(
      path,
      'SELECT headline, entity_id FROM runs JOIN rankings USING (run_id) WHERE rank = 1 LIMIT 1',
    )) as [[string, string]];
    expect(headline).toContain(cause.split(':')[1]);
  });

  it('is left alone while another process holds it', async () => {
    const path = await copyOf('held.faultline');
    // Hashed first: closing any handle of the file would give up this process' lock.
    const before = sha(path);
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    const result = await runCli(['analyze', path, '--json']);
    connection.closeSync();
    instance.closeSync();
    expect(result.code).toBe(1);
    expect(errorDocument.parse(JSON.parse(result.stdout)).error.code).toBe('case/locked');
    expect(sha(path)).toBe(before);
    expect(existsSync(`${path}.wal`)).toBe(false);
  });
});
