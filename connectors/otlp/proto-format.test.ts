import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { otlpProto } from './proto-format';
import { shapeOf } from './proto-shape';

describeFormat(otlpProto, { beside: import.meta.url, formats });

const sample = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`samples/${file}`, import.meta.url)));

async function read(bytes: Uint8Array) {
  const { report, batches } = await readAll(bytesSource('x', bytes), formats);
  return { report, tables: tablesOf(batches) };
}

const framed = (...messages: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(
    messages.flatMap((message) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(message.length);
      return [length, Buffer.from(message)];
    }),
  );

describe('OTLP protobuf files', () => {
  it('come to the rows of the same telemetry in JSON', async () => {
    const json = (await read(sample('mixed.jsonl'))).tables;
    const sorted = (rows: readonly unknown[] | undefined): readonly string[] =>
      (rows ?? [])
        .map((row) =>
          JSON.stringify(row, (_, value: unknown) =>
            typeof value === 'bigint' ? `${value}` : value,
          ),
        )
        .sort();
    const files = ['collector.bin', 'collector-zstd.bin', 'native-proto.zst', 'request.pb'];
    for (const file of [...files, 'collector-json-zstd.bin']) {
      const { report, tables } = await read(sample(file));
      expect(report).toMatchObject({ format: 'otlp-proto', state: 'ok' });
      for (const table of ['spans', 'span_events', 'logs', 'samples'] as const) {
        if (tables[table]) expect(sorted(tables[table])).toEqual(sorted(json[table]));
      }
      expect(tables.spans).toHaveLength(15);
    }
  });

  it('tells the signals of single requests apart, also by their beginning', async () => {
    const request = sample('request.pb');
    expect(shapeOf(request)).toEqual({ valid: true, signal: 'spans' });
    expect(shapeOf(request.subarray(0, 700), 0, request.length).signal).toBe('spans');
    expect(shapeOf(request.subarray(0, 700)).valid).toBe(false);
    const { report } = await read(sample('collector.bin'));
    expect(report.parts.map(({ signal, rows }) => [signal, rows])).toEqual([
      ['spans', 15],
      ['logs', 5],
      ['samples', 4],
    ]);
  });

  it('goes on after a message that is none, and stops where a length can be none', async () => {
    const request = sample('request.pb');
    const noise = new TextEncoder().encode('this is no message');
    const some = await read(framed(request, noise, new Uint8Array(), request));
    expect(some.report.parts).toMatchObject([
      {
        rows: 30,
        dropped: 1,
        droppedExamples: [{ where: `message 2 at byte ${request.length + 4}` }],
      },
    ]);
    const lost = await read(Buffer.concat([framed(request), Buffer.from('ffffffff00', 'hex')]));
    expect(lost.report.parts).toMatchObject([{ rows: 15, dropped: 1 }]);
    expect(lost.report.parts[0]?.droppedExamples[0]?.reason).toContain('could not be read');
  });

  it('knows a request that was cut, and says what is lost', async () => {
    const { report } = await read(sample('request.pb').subarray(0, 2000));
    expect(report).toMatchObject({ format: 'otlp-proto', state: 'ok' });
    expect(report.parts).toMatchObject([{ signal: 'spans', dropped: 1 }]);
    expect(report.parts[0]?.rows).toBeGreaterThan(0);
  });

  it('drops a packed message that is damaged and reads the next', async () => {
    const bytes = sample('collector-zstd.bin');
    bytes.fill(0xff, 20, 60);
    const { report } = await read(bytes);
    expect(report.parts).toMatchObject([
      { signal: 'spans', rows: 10, dropped: 1 },
      { signal: 'logs', rows: 5 },
    ]);
  });
});
