import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readFile, type ByteSource, type FileReport } from '../core/connect';
import { formats } from '.';

const ROOT = process.env['FAULTLINE_BENCHMARKS'] ?? join(process.cwd(), '../shared/benchmarks');
const SETS = ['nezha-trainticket', 'nezha-onlineboutique', 'petshop', 'alerts'];
const present = SETS.filter((set) => existsSync(join(ROOT, set)));
const missing = SETS.filter((set) => !present.includes(set));
if (missing.length > 0) {
  console.warn(`SKIPPED: benchmarks: no data at FAULTLINE_BENCHMARKS for ${missing.join(', ')}`);
}
describe.skipIf(missing.length > 0).each(missing)('benchmark files of %s', () => {
  it('are read whole', () => expect(missing).toEqual([]));
});

function source(path: string): ByteSource {
  const stream = (): ReadableStream<Uint8Array> =>
    Readable.toWeb(
      createReadStream(path, { highWaterMark: 1 << 20 }),
    ) as ReadableStream<Uint8Array>;
  return { name: path, size: statSync(path).size, stream };
}

interface Counted {
  readonly records: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** Records and range of a file, counted by searching its text, without any parser of the project. */
function count(
  path: string,
  record: RegExp,
  times: RegExp,
  toNs: (word: string) => bigint,
): Counted {
  const raw = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(raw) : raw).toString();
  let from = 2n ** 63n;
  let to = 0n;
  for (const [, word] of text.matchAll(times)) {
    const ts = toNs(word!);
    if (ts < from) from = ts;
    if (ts > to) to = ts;
  }
  return { records: text.match(record)?.length ?? 0, from, to };
}

const ms = (word: string): bigint => BigInt(Date.parse(word)) * 1_000_000n;

/** How each file of a case is counted, and what it must be taken for. */
const FILES: Readonly<
  Record<string, { format: string; signal: string; count: (path: string) => Counted }>
> = {
  'spans.otlp.jsonl.gz': {
    format: 'otlp-json',
    signal: 'spans',
    count: (path) => count(path, /"startTimeUnixNano"/g, /TimeUnixNano":"(\d+)"/g, BigInt),
  },
  'logs.otlp.jsonl.gz': {
    format: 'otlp-json',
    signal: 'logs',
    count: (path) => count(path, /[{,]"timeUnixNano":"/g, /[{,]"timeUnixNano":"(\d+)"/g, BigInt),
  },
  'metrics.om.txt.gz': {
    format: 'openmetrics',
    signal: 'samples',
    count: (path) => count(path, /^[^#\n]/gm, /^[^#\n].* (\d+)$/gm, (s) => BigInt(s) * 10n ** 9n),
  },
  'changes.jsonl.gz': {
    format: 'changes-jsonl',
    signal: 'changes',
    count: (path) => count(path, /^\{/gm, /^\{"ts": ?"([^"]+)"/gm, ms),
  },
  'alerts.jsonl.gz': {
    format: 'alerts-jsonl',
    signal: 'alerts',
    count: (path) => count(path, /^\{/gm, /^\{"ts": ?"([^"]+)"/gm, ms),
  },
};

const control = new AbortController();
const reportOf = (path: string): Promise<FileReport> =>
  readFile(source(path), formats, { signal: control.signal });

describe.each(present)('benchmark files of %s', (set) => {
  const cases = existsSync(join(ROOT, set))
    ? readdirSync(join(ROOT, set), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
    : [];

  it('are read whole, with the counts and ranges that their text shows', async () => {
    expect(cases.length).toBeGreaterThan(0);
    const wrong: unknown[] = [];
    for (const name of cases) {
      for (const file of readdirSync(join(ROOT, set, name))) {
        const path = join(ROOT, set, name, file);
        const known = FILES[file];
        if (!known) continue;
        const report = await reportOf(path);
        const { records, from, to } = known.count(path);
        const [part] = report.parts;
        const fits =
          report.format === known.format &&
          report.parts.length === 1 &&
          // People's logs hold passwords, also those of recorded incidents.
          report.notices.every(({ code }) => code === 'secrets-redacted') &&
          part?.signal === known.signal &&
          part.rows === records &&
          part.dropped === 0 &&
          part.from === from &&
          part.to === to;
        if (!fits) wrong.push({ path, report, records, from, to });
      }
    }
    expect(wrong).toEqual([]);
  }, 300_000);

  it('agree with the index of the set', async () => {
    const index = JSON.parse(readFileSync(join(ROOT, set, 'index.json'), 'utf8')) as {
      cases?: Record<string, unknown>[];
    };
    const listed = (index.cases ?? []).filter((entry) => cases.includes(String(entry['id'])));
    const sums = new Map<string, number>();
    for (const entry of listed.slice(0, 5)) {
      const folder = join(ROOT, set, String(entry['id']));
      for (const file of readdirSync(folder)) {
        if (!FILES[file]) continue;
        for (const { signal, rows } of (await reportOf(join(folder, file))).parts) {
          if (typeof entry[signal] !== 'number') continue;
          expect([folder, signal, rows]).toEqual([folder, signal, entry[signal]]);
          sums.set(signal, (sums.get(signal) ?? 0) + rows);
        }
      }
    }
    expect(set === 'alerts' || sums.size > 0).toBe(true);
  }, 300_000);

  it('are hints, topology or skipped answers beside the telemetry', async () => {
    for (const name of cases) {
      for (const file of readdirSync(join(ROOT, set, name))) {
        if (FILES[file]) continue;
        const path = join(ROOT, set, name, file);
        const { format, state, parts } = await reportOf(path);
        if (/^(truth|groups)\./.test(basename(path))) {
          expect([path, state, format]).toEqual([path, 'skipped', null]);
        } else if (file === 'case.json') {
          expect([path, state, format]).toEqual([path, 'ok', 'case-json']);
        } else if (file === 'topology.json') {
          const graph = JSON.parse(readFileSync(path, 'utf8')) as { nodes: []; edges: [] };
          const records = graph.nodes.length + graph.edges.length;
          expect([path, state, format]).toEqual([path, 'ok', 'topology-json']);
          expect([path, parts[0]?.rows, parts[0]?.dropped]).toEqual([path, records, 0]);
        } else {
          expect([dirname(path), file]).toEqual(['a known file', '']);
        }
      }
    }
  });
});
