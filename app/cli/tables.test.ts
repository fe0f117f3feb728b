import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { builtCli, jsonOf, runCli } from './testing/built-cli';

const dir = mkdtempSync(join(tmpdir(), 'faultline-tables-'));
const at = (name: string): string => join(dir, name);
afterAll(() => rmSync(dir, { recursive: true }));

const strange = at('strange.csv');
const mapping = {
  target: 'logs',
  fields: { time: { column: 'k1' }, body: { column: 'k2' }, service: { constant: 'web' } },
  time: { zone: 'Europe/Berlin' },
};

beforeAll(async () => {
  await builtCli();
  writeFileSync(strange, 'k1,k2\n2024-05-01 10:00:00,up\n2024-05-01 10:00:01,down\nnever,up\n');
  writeFileSync(at('m.json'), JSON.stringify({ version: 1, ...mapping }));
}, 120_000);

const reports = z.looseObject({
  files: z.array(
    z.looseObject({
      format: z.string(),
      mapped: z.looseObject({ mapping: z.unknown(), guessed: z.boolean() }),
      parts: z.array(z.looseObject({ rows: z.number(), dropped: z.number() })),
    }),
  ),
});
const cells = z.looseObject({ data: z.array(z.array(z.unknown())) });

const ask = async (path: string, sql: string) =>
  cells.parse(await jsonOf(['query', path, sql])).data;

it('import --mapping reads a table by it, and the case keeps it with the source', async () => {
  const given = ['import', strange, '--mapping', at('m.json')];
  const dry = reports.parse(await jsonOf([...given, '--dry-run']));
  expect(dry.files).toMatchObject([
    {
      format: 'csv-table',
      mapped: { mapping, guessed: false },
      parts: [{ rows: 2, dropped: 1 }],
    },
  ]);
  const path = at('mapped.faultline');
  await jsonOf([...given, '--case', path]);
  expect(
    await ask(path, 'SELECT body, make_timestamp_ns(ts)::VARCHAR FROM logs ORDER BY ts'),
  ).toEqual([
    ['up', '2024-05-01 08:00:00'],
    ['down', '2024-05-01 08:00:01'],
  ]);
  const [[query] = []] = await ask(path, 'SELECT query FROM sources');
  expect(JSON.parse(z.string().parse(query))).toMatchObject({ mapping });
}, 60_000);

it('a guess is printed, kept, and is a mapping that can be given', async () => {
  const plain = at('plain.csv');
  writeFileSync(plain, 'time,message,region\n2024-05-01 10:00:00,up,eu\nnever,down,eu\n');
  const guessed = reports.parse(await jsonOf(['import', plain, '--dry-run']));
  const [file] = guessed.files;
  expect(file?.mapped.guessed).toBe(true);
  writeFileSync(at('guess.json'), JSON.stringify({ version: 1, ...Object(file?.mapped.mapping) }));
  const again = reports.parse(
    await jsonOf(['import', plain, '--dry-run', '--mapping', at('guess.json')]),
  );
  expect(again.files[0]?.mapped).toEqual({ mapping: file?.mapped.mapping, guessed: false });
  expect(again.files[0]?.parts).toEqual(file?.parts);
}, 60_000);

it('a mapping that does not fit is a mistake of the command', async () => {
  writeFileSync(at('bad.json'), '{"version": 1, "target": "logs", "fields": {}}');
  const bad = await runCli(['import', strange, '--dry-run', '--mapping', at('bad.json')]);
  expect(bad).toMatchObject({ code: 2 });
  expect(bad.stderr).toContain('a column for time is missing');
}, 60_000);

it('export writes a lake and a timeline, and leaves what is there alone', async () => {
  const path = at('export.faultline');
  await jsonOf(['import', strange, '--mapping', at('m.json'), '--case', path]);
  const lake = at('lake');
  expect(await jsonOf(['export', path, '--to', lake])).toMatchObject({
    format: 'parquet',
    rows: { logs: 2 },
    files: 1,
  });
  expect(readdirSync(join(lake, 'signal=logs/date=2024-05-01/hour=08'))).toHaveLength(1);
  expect(await jsonOf(['export', path, '--to', lake])).toMatchObject({
    files: 0,
    notices: [{ code: 'lake-unchanged', count: 1 }],
  });
  const back = at('back.faultline');
  await jsonOf(['import', lake, '--case', back]);
  const sql = 'SELECT ts::VARCHAR, body FROM logs ORDER BY ts';
  expect(await ask(back, sql)).toEqual(await ask(path, sql));
  const pulled = at('pulled.faultline');
  const day = ['--window', '2024-05-01T08:00:00Z..2024-05-01T09:00:00Z'];
  await jsonOf(['pull', 'lake', '--url', lake, ...day, '--case', pulled]);
  expect(await ask(pulled, sql)).toEqual(await ask(path, sql));
  const timeline = at('timeline.jsonl');
  await jsonOf(['export', path, '--format', 'timesketch', '--to', timeline]);
  expect(readFileSync(timeline, 'utf8').split('\n')).toHaveLength(3);
  const taken = await runCli(['export', path, '--format', 'timesketch', '--to', timeline]);
  expect(taken.stderr).toContain('exists already');
}, 120_000);

it('a case of changes alone is of their time, and says that it names no cause', async () => {
  const line = (time: string): string =>
    JSON.stringify({ time, kind: 'deploy', title: 'Deploy', service: 'cart', version: '2' });
  const lines = ['2026-11-21T14:00:00Z', '2026-11-21T14:05:00Z'].map(line);
  writeFileSync(at('changes.jsonl'), `${lines.join('\n')}\n`);
  await jsonOf(['import', at('changes.jsonl'), '--case', at('changes.faultline')]);
  const found = z
    .looseObject({ verdict: z.string(), incident: z.looseObject({ from: z.string() }) })
    .parse(await jsonOf(['analyze', at('changes.faultline')]));
  expect(found.verdict).toBe('insufficient-evidence');
  expect(found.incident.from >= '2026-11-21T14:00:00Z').toBe(true);
});
