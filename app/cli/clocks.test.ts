import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { builtCli, jsonOf, runCli } from './testing/built-cli';

const dir = mkdtempSync(join(tmpdir(), 'faultline-clocks-'));
const file = join(dir, 'skewed.faultline');
afterAll(() => rmSync(dir, { recursive: true }));

const START = 1_795_269_600_000_000_000n;
const AHEAD = 2_310_000_000n;

/** The same lines as a file of OTLP, by a clock that is ahead. */
function writeLines(name: string, ahead: bigint): string {
  const logRecords = Array.from({ length: 40 }, (_, i) => ({
    timeUnixNano: String(START + BigInt(i) * 5_000_000_007n + ahead),
    traceId: (i + 1).toString(16).padStart(32, '0'),
    spanId: (i + 1).toString(16).padStart(16, '0'),
    body: { stringValue: `order ${i} was placed` },
  }));
  const attributes = [{ key: 'service.name', value: { stringValue: 'shop' } }];
  const resourceLogs = [{ resource: { attributes }, scopeLogs: [{ logRecords }] }];
  writeFileSync(join(dir, name), `${JSON.stringify({ resourceLogs })}\n`);
  return join(dir, name);
}

beforeAll(async () => {
  await builtCli();
  const files = [writeLines('agent.jsonl', 0n), writeLines('gateway.jsonl', AHEAD)];
  await jsonOf(['import', ...files, '--case', file]);
}, 240_000);

const document = z.looseObject({
  raw: z.boolean(),
  sources: z.array(
    z.looseObject({
      name: z.string(),
      state: z.string(),
      offset: z.number(),
      confidence: z.string(),
    }),
  ),
});

const last = async (): Promise<unknown> => {
  const { data } = z
    .looseObject({ data: z.array(z.array(z.unknown())) })
    .parse(await jsonOf(['query', file, 'SELECT max(ts)::VARCHAR AS ts FROM logs']));
  return data[0]?.[0];
};
const LAST = START + 39n * 5_000_000_007n;

it('clocks prints offsets, shifts a source in the view, shows it raw, and takes it back', async () => {
  const found = document.parse(await jsonOf(['clocks', file]));
  expect(found.sources.map(({ state }) => state)).toEqual(['reference', 'offset']);
  expect(found.sources[1]).toMatchObject({ confidence: 'high', offset: Number(AHEAD) });
  expect(await last()).toBe(String(LAST + AHEAD));

  const applied = await runCli(['clocks', file, '--apply', 'gateway.jsonl']);
  expect(applied.code).toBe(0);
  expect(applied.stderr).toContain(`faultline analyze ${file}`);
  expect(applied.stdout).toMatch(
    /gateway\.jsonl +2\.31 s ahead .* 40 log lines in both .* −2\.31 s/,
  );
  expect(await last()).toBe(String(LAST));
  // What is estimated is that of the rows, whatever is shown.
  expect(document.parse(await jsonOf(['clocks', file])).sources[1]?.offset).toBe(Number(AHEAD));
  const said = (await runCli(['query', file, 'SELECT 1'])).stderr;
  expect(said).toContain('Times are on shifted clocks');
  const { notices } = z
    .looseObject({ notices: z.array(z.looseObject({ code: z.string(), message: z.string() })) })
    .parse(await jsonOf(['analyze', file]));
  expect(notices.find(({ code }) => code === 'clock-shifted')?.message).toContain(
    'The clock of gateway.jsonl is shifted by −2.31 s (40 anchors)',
  );

  expect(document.parse(await jsonOf(['clocks', file, '--raw'])).raw).toBe(true);
  expect(await last()).toBe(String(LAST + AHEAD));
  await jsonOf(['clocks', file, '--adjusted', '--unset', '2']);
  expect(await last()).toBe(String(LAST + AHEAD));
}, 400_000);

it('does not shift what is right or unknown, and says so', async () => {
  const right = await runCli(['clocks', file, '--apply', 'agent.jsonl']);
  expect(right.code).toBe(2);
  expect(right.stderr).toContain('is not to be shifted');
  const unknown = await runCli(['clocks', file, '--apply', 'nothing']);
  expect(unknown.stderr).toContain('Known: 1 agent.jsonl, 2 gateway.jsonl');
}, 200_000);
