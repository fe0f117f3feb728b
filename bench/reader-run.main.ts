// node dist/bench/reader-run.mjs READER FILE: one reading of a file in a process of its own, as JSON.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { formats } from '../connectors';
import { readFile, type ByteSource } from '../core/connect';
import { SIGNAL_OF } from '../core/model';
import { tracesType } from './otlp-proto';

/** What a reading took. */
export interface ReaderRun {
  readonly rows: number;
  /** Of the processor, on all its cores: what else the machine does is not in it. */
  readonly ms: number;
  /** The process at its largest, over what it was before. */
  readonly grownBytes: number;
}

type Reader = (path: string) => Promise<number>;

const READERS: Readonly<Record<string, Reader>> = {
  faultline,
  'JSON.parse': async (path) => {
    let rows = 0;
    let rest = '';
    for await (const chunk of createReadStream(path, {
      encoding: 'utf8',
      highWaterMark: 1 << 20,
    })) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (JSON.parse(line) !== null) rows++;
    }
    return rows;
  },
  'JSON.parse whole': async (path) =>
    spansIn(JSON.parse(readFileSync(path, 'utf8')) as TracesObject),
  protobufjs: async (path) =>
    spansIn(tracesType().decode(readFileSync(path)) as unknown as TracesObject),
  hyparquet: async (path) => {
    const bytes = readFileSync(path);
    const file = {
      byteLength: bytes.length,
      slice: (from: number, to?: number) =>
        bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + (to ?? bytes.length)),
    };
    return (await parquetReadObjects({ file, compressors })).length;
  },
  'duckdb read_json': duckdb('read_json'),
  'duckdb read_csv': duckdb('read_csv'),
  'duckdb read_parquet': duckdb('read_parquet'),
};

interface TracesObject {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly unknown[] }[];
  }[];
}

const spansIn = ({ resourceSpans }: TracesObject): number =>
  resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans)
    .reduce((sum, { spans }) => sum + spans.length, 0);

async function faultline(path: string): Promise<number> {
  const file = await open(path);
  const source: ByteSource = {
    name: path,
    size: statSync(path).size,
    stream: () =>
      Readable.toWeb(createReadStream(path, { highWaterMark: 1 << 20 })) as ReadableStream,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    },
  };
  let rows = 0;
  await readFile(source, formats, {
    signal: new AbortController().signal,
    onItem: (item) => {
      if (item.kind === 'batch' && SIGNAL_OF[item.batch.table] !== undefined) {
        rows += item.batch.rows;
      }
    },
  });
  await file.close();
  return rows;
}

function duckdb(read: string): Reader {
  return async (path) => {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    await connection.run(`CREATE TABLE t AS FROM ${read}('${path}')`);
    const counted = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM t');
    return Number(counted.getRows()[0]?.[0]);
  };
}

const [name = '', path = ''] = process.argv.slice(2);
const reader = READERS[name];
if (!reader) throw new Error(`There is no reader ${name}.`);
const before = process.memoryUsage().rss;
const started = process.cpuUsage();
const rows = await reader(path);
const { user, system } = process.cpuUsage(started);
const run: ReaderRun = {
  rows,
  ms: (user + system) / 1000,
  grownBytes: Math.max(0, process.resourceUsage().maxRSS * 1024 - before),
};
console.log(JSON.stringify(run));
