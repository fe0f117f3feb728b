import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRng, type Rng } from '../core/base';

type Row = Readonly<Record<string, string | number | null>>;

const T0 = 1_764_000_000;
const SMALL = 64 * 2 ** 20;
const LARGE = 2 * 2 ** 30;
const CLI = join(process.cwd(), 'dist/cli/faultline.mjs');

/**
 * Files of 64 MiB, with --full of 2 GiB, imported by the command line on the native engine: rows, seconds and peak
 * resident memory of the whole process, the database's included. It should stay below 1 GB whatever the file has.
 */
export async function largeBench(options: { readonly full: boolean }): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-large-'));
  const rows: Row[] = [];
  try {
    for (const bytes of options.full ? [SMALL, LARGE] : [SMALL]) {
      for (const [name, block] of BLOCKS) {
        const file = join(folder, name);
        await write(file, bytes, block);
        rows.push({ file: name, megabytes: bytes / 1e6, ...(await imported(folder, file)) });
        rmSync(file);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

interface ImportJson {
  readonly timings: { readonly importMs: number; readonly peakRssBytes: number };
  readonly files: readonly {
    readonly parts: readonly { readonly rows: number; readonly dropped: number }[];
  }[];
}

async function imported(folder: string, file: string): Promise<Row> {
  const into = join(folder, 'large.faultline');
  const args = [CLI, 'import', file, '--case', into, '--json', '--quiet'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { timings, files } = JSON.parse(stdout) as ImportJson;
  rmSync(into);
  const parts = files.flatMap((one) => one.parts);
  const sum = (of: 'rows' | 'dropped'): number => parts.reduce((all, part) => all + part[of], 0);
  return {
    rows: sum('rows'),
    dropped: sum('dropped'),
    seconds: timings.importMs / 1000,
    'rows a second': sum('rows') / (timings.importMs / 1000),
    'peak MB': timings.peakRssBytes / 1e6,
  };
}

type Block = (rng: Rng, n: number) => { readonly text: string; readonly records: number };

async function write(file: string, bytes: number, block: Block): Promise<void> {
  const out = createWriteStream(file);
  const rng = createRng('large');
  for (let done = 0, records = 0; done < bytes;) {
    const { text, records: more } = block(rng, records);
    done += text.length;
    records += more;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** A line of the Collector's file exporter with 100 spans of eight to a trace. */
const spanBlock: Block = (rng, n) => {
  const spans = Array.from({ length: 100 }, (_, i) => {
    const id = n + i + 8;
    const start = `${T0 + Math.floor(id / 1000)}${String(rng.int(9e8)).padStart(9, '0')}`;
    const route = `/api/route-${i % 20}`;
    return {
      traceId: hex(id >> 3, 32),
      spanId: hex(id, 16),
      parentSpanId: id % 8 === 0 ? '' : hex(id - (id % 8), 16),
      name: `GET ${route}`,
      kind: 2,
      startTimeUnixNano: start,
      endTimeUnixNano: String(BigInt(start) + BigInt(rng.int(1e8))),
      attributes: [
        { key: 'http.request.method', value: { stringValue: 'GET' } },
        { key: 'http.route', value: { stringValue: route } },
        { key: 'url.path', value: { stringValue: `${route}/${rng.int(1e6)}` } },
      ],
      status: {},
    };
  });
  const service = { key: 'service.name', value: { stringValue: `shop-${(n / 100) % 7}` } };
  const line = {
    resourceSpans: [
      { resource: { attributes: [service] }, scopeSpans: [{ scope: { name: 'http' }, spans }] },
    ],
  };
  return { text: `${JSON.stringify(line)}\n`, records: 100 };
};

/** 500 lines as Docker writes them. */
const logBlock: Block = (rng, n) => {
  const lines = Array.from({ length: 500 }, (_, i) => {
    const time = new Date((T0 + (n + i) / 2000) * 1000).toISOString();
    const level = i % 50 === 0 ? 'error' : 'info';
    const text = `request ${rng.int(1e6)} of user ${rng.int(1e4)} took ${rng.int(900)} ms`;
    const log = `level=${level} msg="${text}" route=/api/route-${i % 20}\n`;
    return `${JSON.stringify({ log, stream: 'stdout', time })}\n`;
  });
  return { text: lines.join(''), records: 500 };
};

const BLOCKS: readonly (readonly [string, Block])[] = [
  ['spans.otlp.jsonl', spanBlock],
  ['container-json.log', logBlock],
];
