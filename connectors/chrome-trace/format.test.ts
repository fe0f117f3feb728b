import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RowSink } from '../../core/connect';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf, type Row } from '../../core/connect/testing/import';
import { formats } from '..';
import { chromeTrace } from './format';
import { Nesting } from './slices';

describeFormat(chromeTrace, {
  beside: import.meta.url,
  formats,
  // Spans that did not end, and those whose parent was written after them and is cut off.
  cutRows: 20,
});

async function read(text: string) {
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  expect(report).toMatchObject({ format: 'chrome-trace', state: 'ok' });
  return { report, tables: tablesOf(batches) };
}

const sample = (file: string): string =>
  readFileSync(new URL(`samples/${file}`, import.meta.url), 'utf8');

/** Names of spans with those of their parents, in the order of their starts. */
function tree(spans: readonly Row[] | undefined): readonly unknown[] {
  const rows = [...(spans ?? [])].sort((a, b) => Number(a['start']) - Number(b['start']));
  return rows.map((row) => {
    const parent = rows.find((other) => other['span_id'] === row['parent_span_id']);
    return [row['name'], parent?.['name'] ?? ''];
  });
}

describe('trace events', () => {
  const T0 = 1795932000000000000n;

  it('of a build become spans, logs and samples at the wall clock of the file', async () => {
    const { report, tables } = await read(sample('bazel.json'));
    expect(tree(tables.spans)).toEqual([
      ['Launch Blaze', ''],
      ['evaluateTargetPatterns', ''],
      ['Compiling checkout/server.cc', ''],
      ['subprocess.run', 'Compiling checkout/server.cc'],
      ['upload', ''],
      ['hash', 'upload'],
      ["action 'Linking checkout/server'", ''],
      ['Complete build', ''],
    ]);
    const run = tables.spans?.find((span) => span['name'] === 'subprocess.run');
    expect(run).toMatchObject({
      start: T0 + 1150000000n,
      duration: 700000250n,
      attributes: { 'thread.id': '31', 'thread.name': 'skyframe-evaluator-1' },
    });
    expect(tables.logs).toMatchObject([
      { body: 'upload', ts: T0 + 1450000000n, attributes: { 'args.sent': '512' } },
      { body: 'Initialize command', span_id: expect.stringMatching(/^[0-9a-f]{16}$/) as string },
    ]);
    const series = tables.metric_series?.map((row) => [row['metric'], row['kind'], row['labels']]);
    expect(series).toEqual([
      ['CPU usage (Bazel)', 'gauge', { series: 'cpu' }],
      ['action count', 'gauge', { series: 'action' }],
      ['action count', 'gauge', { series: 'local action cache' }],
      ['Memory usage (Bazel)', 'gauge', { series: 'memory' }],
    ]);
    expect(tables.samples?.map((row) => row['value'])).toEqual([0.8, 2, 1, 4, 0, 512]);
    const named = (id: unknown): unknown =>
      tables.spans?.find((span) => span['span_id'] === id)?.['name'];
    expect(
      tables.span_links?.map((link) => [named(link['linked_span_id']), named(link['span_id'])]),
    ).toEqual([
      ['subprocess.run', 'evaluateTargetPatterns'],
      ['evaluateTargetPatterns', "action 'Linking checkout/server'"],
    ]);
    expect(report.notices.map(({ code }) => code)).toEqual(['service-from-pid']);
  });

  it('nest though a parent is written after its children', async () => {
    const { tables, report } = await read(sample('tsc.json'));
    expect(tree(tables.spans).slice(0, 8)).toEqual([
      ['createProgram', ''],
      ['processRootFiles', 'createProgram'],
      ['findSourceFile', 'processRootFiles'],
      ['createSourceFile', 'findSourceFile'],
      ['resolveLibrary', 'createProgram'],
      ['findSourceFile', 'createProgram'],
      ['createSourceFile', 'findSourceFile'],
      ['findSourceFile', 'findSourceFile'],
    ]);
    expect(tables.resources?.[0]?.['attributes']).toMatchObject({ 'service.name': 'tsc' });
    expect(report.notices).toMatchObject([{ code: 'clock-unknown', severity: 'warning' }]);
  });

  it('are put at the wall clock that the file gives', async () => {
    const event = { name: 'a', ph: 'X', ts: 5_000_000, dur: 1, pid: 1, tid: 1 };
    const startOf = async (beside: object, ts = event.ts) => {
      const { tables, report } = await read(
        JSON.stringify({ ...beside, traceEvents: [{ ...event, ts }] }),
      );
      return [tables.spans?.[0]?.['start'], report.notices[0]?.code];
    };
    const own = 'service-from-pid';
    const offset = { metadata: { 'clock-offset-since-epoch': '1700000000000000' } };
    expect(await startOf(offset)).toEqual([1700000005000000000n, own]);
    expect(await startOf({ baseTimeNanoseconds: 1700000000000000000 })).toEqual([
      1700000005000000000n,
      own,
    ]);
    const captured = { metadata: { 'trace-capture-datetime': '2023-11-14 22:3:5' } };
    expect(await startOf(captured)).toEqual([1699999385000000000n, 'zone-unknown']);
    const panel = { metadata: { startTime: '2023-11-14T22:13:20.000Z' } };
    expect(await startOf(panel)).toEqual([1700000000000000000n, 'clock-from-capture']);
    expect(await startOf({}, 1_700_000_000_000_001.5)).toEqual([
      1700000000000001500n,
      'times-since-epoch',
    ]);
    expect(await startOf({ metadata: { 'clock-offset-since-epoch': '0' } })).toEqual([
      946684800000000000n,
      'clock-unknown',
    ]);
  });

  it('may be an open list, with spans that did not end', async () => {
    const { tables, report } = await read(
      '[{"name":"a","ph":"B","ts":1,"pid":1,"tid":1},{"name":"b","ph":"i","ts":9,"pid":1,"tid":1},\n',
    );
    expect(tables.spans).toMatchObject([{ name: 'a', duration: 8000n }]);
    expect(tables.logs).toMatchObject([{ span_id: tables.spans?.[0]?.['span_id'] }]);
    expect(report.parts.map(({ dropped }) => dropped)).toEqual([0, 0]);
    const codes = report.notices.map(({ code }) => code);
    expect(codes).toContain('spans-unfinished');
    expect(codes).toContain('document-open');
  });

  it('show no secrets of their arguments', async () => {
    const { tables } = await read(
      '[{"name":"a","ph":"X","ts":1,"dur":1,"pid":1,"tid":1,"args":{"data":{"authorization":"Bearer abcdefgh1234"}}}]',
    );
    expect(tables.spans?.[0]?.['attributes']).toMatchObject({
      'args.data': '{"authorization":"[redacted]"}',
    });
  });
});

it('counts what comes too late to be put in order', () => {
  const nesting = new Nesting(new RowSink(), 4);
  const row = { traceId: 'a', name: 'x', start: 0n, duration: 0n, resource: {} };
  for (const ts of [10, 20, 30, 40, 5, 50]) {
    nesting.add({ kind: 'slice', thread: '1', ts, end: ts + 1, spanId: String(ts), row });
  }
  nesting.end();
  expect(nesting.late).toBe(1);
});
