import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startTempoApi } from '../../connectors/tempo/testing/tempo-api';
import { builtCli, jsonOf, runCli } from './testing/built-cli';

const dir = mkdtempSync(join(tmpdir(), 'faultline-trace-'));
const path = join(dir, 'i.faultline');
const START = 1_790_000_000_000_000_000n;
const traceOf = (digit: string): string => digit.repeat(32);
const GONE = traceOf('f');

let tempo: Awaited<ReturnType<typeof startTempoApi>>;
beforeAll(async () => {
  await builtCli();
  tempo = await startTempoApi(
    ['a', 'b', 'c'].flatMap((digit, i) =>
      ['1', '2'].map((span) => {
        const start = START + BigInt(i) * 60_000_000_000n;
        const end = start + 1_000_000n;
        return {
          traceId: traceOf(digit),
          service: 'cart',
          start,
          end,
          failed: false,
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
          span: {
            traceId: Buffer.from(traceOf(digit), 'hex').toString('base64'),
            spanId: Buffer.from(span.repeat(16), 'hex').toString('base64'),
            name: 'get',
            startTimeUnixNano: String(start),
            endTimeUnixNano: String(end),
          },
        };
      }),
    ),
  );
}, 120_000);
afterAll(async () => {
  rmSync(dir, { recursive: true });
  await tempo.close();
});

const pull = (...more: readonly string[]): string[] => [
  'pull',
  'tempo',
  '--url',
  tempo.url,
  '--case',
  path,
  ...more,
];
const summary = z.looseObject({
  totalRows: z.number(),
  notices: z.array(z.looseObject({ code: z.string() })),
});
const cells = z.looseObject({ data: z.array(z.array(z.unknown())) });
const ask = async (sql: string) => cells.parse(await jsonOf(['query', path, sql])).data;
const codes = (from: unknown): readonly string[] =>
  summary.parse(from).notices.map(({ code }) => code);

it('pull --trace brings single traces without a time, once, and says what is not there', async () => {
  const traces = ['--trace', traceOf('a'), '--trace', `00-${traceOf('c')}-${'1'.repeat(16)}-01`];
  const came = await jsonOf(pull(...traces, '--trace', GONE));
  expect(codes(came)).toEqual(['traces-not-found']);
  expect(await ask('SELECT DISTINCT trace_id FROM spans ORDER BY 1')).toEqual([
    [traceOf('a')],
    [traceOf('c')],
  ]);
  // The same, asked for in other words and with a window that has no say.
  const again = [`--trace=${traceOf('A')} ${traceOf('c')} ${GONE}`, '--window', 'now-1h..now'];
  expect(codes(await jsonOf(pull(...again)))).toEqual(['already-pulled']);
  // A window over all of them brings what is new alone.
  await jsonOf(pull('--window', '1789999000..1790001000'));
  expect(await ask('SELECT count(*), count(DISTINCT trace_id) FROM spans')).toEqual([['6', '3']]);
}, 60_000);

it('leaves nothing behind for a trace that is not there, and says what may be wrong', async () => {
  const before = await ask('SELECT count(*) FROM sources');
  const failed = await runCli(pull('--trace', GONE));
  expect(failed.code).not.toBe(0);
  expect(failed.stderr).toContain(`Tempo does not have the trace ${GONE}.`);
  expect(failed.stderr).toMatch(/retention/);
  expect(await ask('SELECT count(*) FROM sources')).toEqual(before);
}, 60_000);

it.each([
  [['--trace', 'checkout'], /no list of trace ids/],
  [['--trace', traceOf('a'), '--follow'], /--follow/],
  [[], /--window/],
])('refuses %j', async (more, why) => {
  const { code, stderr } = await runCli(pull(...more));
  expect(code).toBe(2);
  expect(stderr).toMatch(why);
});
