import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SIGNAL_OF, type Batch, type Signal } from '../../model';
import {
  prepareSources,
  readFile,
  type ByteSource,
  type FileFormat,
  type DroppedRecord,
  type FileReport,
  type FormatItem,
  type ReadChoices,
  type ReadTools,
} from '..';
import { bytesSource, rowsOf } from './import';

/** One sample of a format, as `samples/origin.json` says it. */
export interface SampleOrigin {
  /** A file or folder within `samples`. A damaged one begins with "damaged-". */
  readonly file: string;
  /** Format id. */
  readonly format: string;
  /** What wrote it, e.g. "jaeger 2.20.0"; for a damaged twin, the sample that it was made of. */
  readonly tool: string;
  /** The commands or steps that made it. */
  readonly how: string;
  /** False where the real tool does not start here and it was written after its documentation (`how` says which). */
  readonly genuine: boolean;
  readonly licence: string;
  /** What comes of it: rows by signal, and dropped records. */
  readonly rows: Readonly<Partial<Record<Signal, number>>>;
  readonly dropped: number;
  /** Codes of the notices that it gives, sorted. */
  readonly notices: readonly string[];
}

/** The samples of a folder under connectors/, by their origin.json. */
export function samplesOf(folder: string): readonly SampleOrigin[] {
  const text = readFileSync(join(folder, 'samples/origin.json'), 'utf8');
  return (JSON.parse(text) as { samples: readonly SampleOrigin[] }).samples;
}

/** Writes what comes of a sample into origin.json; look at the difference before it is committed. */
export function pinSample(folder: string, file: string, summary: Summary): void {
  const path = join(folder, 'samples/origin.json');
  const samples = samplesOf(folder).map((sample) =>
    sample.file === file ? { ...sample, ...summary } : sample,
  );
  writeFileSync(path, `${JSON.stringify({ samples }, null, 2)}\n`);
}

export interface SampleFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The files of a sample: itself, or everything in its folder, in order. */
export function sampleFiles(folder: string, file: string): readonly SampleFile[] {
  const path = join(folder, 'samples', file);
  if (statSync(path).isFile()) return [{ name: file, bytes: new Uint8Array(readFileSync(path)) }];
  return readdirSync(path)
    .sort()
    .flatMap((child) => sampleFiles(folder, `${file}/${child}`));
}

export interface SampleResult {
  readonly reports: readonly FileReport[];
  readonly batches: readonly Batch[];
  readonly dropped: readonly DroppedRecord[];
}

export interface SampleOptions {
  readonly as?: string;
  readonly choices?: ReadChoices;
  /** Bytes in a piece. */
  readonly step?: number;
  readonly tools?: ReadTools;
  readonly signal?: AbortSignal;
}

/** The import of a fixed day: times without a year must not move. */
const NOW = BigInt(Date.UTC(2026, 10, 29)) * 1_000_000n;

/** Reads files as an import does: archives opened, sets put together. */
export async function readSample(
  files: readonly SampleFile[],
  formats: readonly FileFormat[],
  { as, choices, step = 65536, signal = new AbortController().signal, tools }: SampleOptions = {},
): Promise<SampleResult> {
  const sources = files.map(({ name, bytes }) => withRead(bytesSource(name, bytes, step), bytes));
  const prepared = await prepareSources(sources, formats, signal);
  const reports: FileReport[] = [...prepared.reports];
  const batches: Batch[] = [];
  const dropped: DroppedRecord[] = [];
  for (const source of prepared.sources) {
    const onItem = (item: FormatItem): void => {
      if (item.kind === 'batch') batches.push(item.batch);
      if (item.kind === 'dropped') dropped.push(item.record);
    };
    const options = { signal, as: source.grouping ? undefined : as, onItem, tools };
    reports.push(
      await readFile(source, formats, { ...options, choices: { now: NOW, ...choices } }),
    );
  }
  return { reports, batches, dropped };
}

function withRead(source: ByteSource, bytes: Uint8Array): ByteSource {
  return { ...source, read: async (offset, length) => bytes.slice(offset, offset + length) };
}

export interface Summary {
  readonly rows: Readonly<Partial<Record<Signal, number>>>;
  readonly dropped: number;
  readonly notices: readonly string[];
}

/** What origin.json states of a sample. */
export function summaryOf({ reports }: SampleResult): Summary {
  const rows: Partial<Record<Signal, number>> = {};
  let dropped = 0;
  for (const part of reports.flatMap(({ parts }) => parts)) {
    if (part.rows > 0) rows[part.signal] = (rows[part.signal] ?? 0) + part.rows;
    dropped += part.dropped;
  }
  const notices = reports.flatMap((report) => report.notices.map(({ code }) => code)).sort();
  return { rows, dropped, notices };
}

/** Rows that carry a signal, each as text, with how often it stands there. */
export function rowCounts({ batches }: SampleResult): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const batch of batches) {
    if (SIGNAL_OF[batch.table] === undefined) continue;
    for (const row of rowsOf(batch)) {
      const text = JSON.stringify([batch.table, row], (_, value: unknown) =>
        typeof value === 'bigint' ? `${value}n` : value,
      );
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return counts;
}

export const totalOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

/** Rows of `some` that `all` does not have (as often). */
export function inventedIn(
  some: ReadonlyMap<string, number>,
  all: ReadonlyMap<string, number>,
): readonly string[] {
  return [...some].filter(([row, count]) => count > (all.get(row) ?? 0)).map(([row]) => row);
}

/** Rows of tables that carry a signal, and dropped records. */
export function rowTotals({ reports }: SampleResult): {
  readonly rows: number;
  readonly dropped: number;
} {
  const parts = reports.flatMap((report) => report.parts);
  return {
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    dropped: parts.reduce((sum, part) => sum + part.dropped, 0),
  };
}
