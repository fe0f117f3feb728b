import { describe, expect, it } from 'vitest';
import { alertsJsonl } from '../../connectors/alerts-jsonl';
import { caseJson } from '../../connectors/case-json';
import { changesJsonl } from '../../connectors/changes-jsonl';
import { openMetrics } from '../../connectors/openmetrics';
import { otlpJson } from '../../connectors/otlp';
import { topologyJson } from '../../connectors/topology-json';
import { readFile, type ByteSource, type FileReport, type FormatItem } from '../connect';
import type { Batch, TelemetryTable } from '../model';
import { simulate, writeCaseFolder } from '.';
import { rowText, rowsOf, type Row } from './testing/rows';

const FORMATS = [otlpJson, openMetrics, alertsJsonl, changesJsonl, topologyJson, caseJson];

const sim = simulate({ scenario: 'slow-query', seed: 11, size: 'small' });

async function written(): Promise<Map<string, Uint8Array[]>> {
  const files = new Map<string, Uint8Array[]>();
  const result = await writeCaseFolder(sim, async (name, chunks) => {
    const list: Uint8Array[] = [];
    files.set(name, list);
    for await (const chunk of chunks) list.push(chunk);
  });
  expect([...result.files].sort()).toEqual([...files.keys()].sort());
  return files;
}

function sourceOf(name: string, chunks: readonly Uint8Array[]): ByteSource {
  // The sink compresses; here the text is read as it is.
  const stream = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
  return { name: name.replace(/\.gz$/, ''), stream };
}

describe('a case folder', async () => {
  const files = await written();
  const batches: Batch[] = [];
  const items: FormatItem[] = [];
  const reports: FileReport[] = [];
  for (const [name, chunks] of files) {
    const report = await readFile(sourceOf(name, chunks), FORMATS, {
      signal: new AbortController().signal,
      onItem: (item) => {
        items.push(item);
        if (item.kind === 'batch') batches.push(item.batch);
      },
    });
    reports.push(report);
  }
  const read = rowsOf(batches);
  const made = rowsOf(sim.batches());

  it('is read whole: nothing dropped, nothing noticed, the truth passed over', () => {
    expect(reports.map(({ path, state }) => `${path} ${state}`).sort()).toEqual([
      'alerts.jsonl ok',
      'case.json ok',
      'changes.jsonl ok',
      'logs.otlp.jsonl ok',
      'metrics.om.txt ok',
      'spans.otlp.jsonl ok',
      'topology.json ok',
      'truth.json skipped',
    ]);
    expect(items.filter(({ kind }) => kind === 'dropped')).toEqual([]);
    expect(items.filter(({ kind }) => kind === 'notice')).toEqual([]);
  });

  const tables: readonly TelemetryTable[] = [
    'spans',
    'span_events',
    'span_links',
    'logs',
    'metric_series',
    'samples',
    'alerts',
    'changes',
    'stated_relations',
  ];
  it.each(tables)('has the same rows of %s as the batches', (table) => {
    const sorted = (rows: readonly Row[]): string[] => rows.map(rowText).sort();
    expect(made[table].length).toBeGreaterThan(0);
    expect(sorted(read[table])).toEqual(sorted(made[table]));
  });

  it('gives the windows and the symptom as hints', () => {
    const found = items.flatMap((item) => (item.kind === 'hints' ? [item.hints] : []));
    expect(found).toEqual([sim.hints]);
  });

  it('has lines of at most 300 records, as the Collector writes them', () => {
    const text = new TextDecoder().decode(files.get('spans.otlp.jsonl.gz')![0]);
    const lines = text.split('\n').filter((line) => line !== '');
    const counts = lines.map((line) => {
      const { resourceSpans } = JSON.parse(line) as {
        resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
      };
      return resourceSpans.reduce((n, r) => n + r.scopeSpans[0]!.spans.length, 0);
    });
    expect(Math.max(...counts)).toBe(300);
  });
});

describe('a sink', () => {
  it('that fails makes the writing fail, and holds up nobody', async () => {
    const done: string[] = [];
    const result = writeCaseFolder(sim, async (name, chunks) => {
      for await (const chunk of chunks) {
        if (name.startsWith('logs') && chunk.length > 0) throw new Error('the disk is full');
      }
      done.push(name);
    });
    await expect(result).rejects.toThrow('the disk is full');
    expect(done).toContain('spans.otlp.jsonl.gz');
  });
});
