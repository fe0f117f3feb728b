import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { createRng } from '../core/base';
import { encodeTraces } from './otlp-proto';
import type { ReaderRun } from './reader-run.main';

const LOGS = 100_000;
const SPANS = 50_000;
const RUNS = 3;

interface ReaderRow {
  readonly file: string;
  readonly reader: string;
  readonly MB: number;
  readonly 'rows/CPU s': number;
  /** Most that the process had grown by. */
  readonly 'peak MB': number;
  /** Our time over its time. */
  readonly 'ours takes': number | null;
}

/** What reads each file; ours makes typed rows of the case's tables of it, with notices and redaction. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  'logs.jsonl': ['faultline', 'JSON.parse', 'duckdb read_json'],
  'logs.csv': ['faultline', 'duckdb read_csv'],
  'logs.parquet': ['faultline', 'hyparquet', 'duckdb read_parquet'],
  'traces.json': ['faultline', 'JSON.parse whole'],
  'traces.pb': ['faultline', 'protobufjs'],
};

/**
 * Our readers and others on the same files, each in a process of its own, the best of three. The others stop at
 * objects or at columns as they stand in the file. OpenTelemetry's JavaScript packages write OTLP and read none of
 * it: protobufjs stands for them, on the same .proto.
 */
export async function readersBench(): Promise<readonly ReaderRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-readers-'));
  const rows: ReaderRow[] = [];
  try {
    await writeFiles(folder);
    for (const [file, readers] of Object.entries(READERS)) {
      const path = join(folder, file);
      const runs: { readonly reader: string; readonly run: ReaderRun }[] = [];
      for (const reader of readers) runs.push({ reader, run: await bestOf(reader, path) });
      const ours = runs[0]?.run;
      for (const { reader, run } of runs) {
        if (run.rows !== ours?.rows) throw new Error(`${reader} reads ${run.rows} rows of ${file}`);
        rows.push({
          file,
          reader,
          MB: statSync(path).size / 1e6,
          'rows/CPU s': Math.round(run.rows / (run.ms / 1000)),
          'peak MB': run.grownBytes / 1e6,
          'ours takes': run === ours ? null : ours.ms / run.ms,
        });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

async function bestOf(reader: string, path: string): Promise<ReaderRun> {
  const script = join(import.meta.dirname, 'reader-run.mjs');
  let best: ReaderRun | undefined;
  for (let i = 0; i < RUNS; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [script, reader, path]);
    const run = JSON.parse(stdout) as ReaderRun;
    if (!best || run.ms < best.ms) best = run;
  }
  if (!best) throw new Error('Nothing was read.');
  return best;
}

async function writeFiles(folder: string): Promise<void> {
  const random = createRng('readers');
  const jsonl = createWriteStream(join(folder, 'logs.jsonl'));
  const csv = createWriteStream(join(folder, 'logs.csv'));
  csv.write('timestamp,level,service,message,order_id\n');
  for (let i = 0; i < LOGS; i++) {
    const timestamp = new Date(1_714_557_600_000 + i * 7).toISOString();
    const level = i % 29 === 0 ? 'error' : 'info';
    const service = ['checkout', 'cart', 'payment', 'catalogue'][random.int(4)] ?? '';
    const message = `order ${i} of ${random.int(900)} items took ${random.int(4000)} ms`;
    const order_id = String(random.int(1e9));
    jsonl.write(`${JSON.stringify({ timestamp, level, service, message, order_id })}\n`);
    csv.write(`${timestamp},${level},${service},${message},${order_id}\n`);
  }
  for (const stream of [jsonl, csv]) {
    stream.end();
    await finished(stream);
  }
  await writeParquet(folder);
  const { pb, json } = encodeTraces(SPANS, random);
  for (const [name, bytes] of [
    ['traces.pb', pb],
    ['traces.json', json],
  ] as const) {
    const stream = createWriteStream(join(folder, name));
    stream.end(bytes);
    await finished(stream);
  }
}

async function writeParquet(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (FROM read_csv('${join(folder, 'logs.csv')}', all_varchar = true)) TO '${join(folder, 'logs.parquet')}' (FORMAT parquet, ROW_GROUP_SIZE 20000)`,
  );
  connection.closeSync();
  instance.closeSync();
}
