import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../base';
import { TELEMETRY_TABLES } from '../../model';
import { droppedCounts, sniffFormats, type FileFormat, type Head, type ReadTools } from '..';
import { bytesSource, readAll, tablesOf } from './import';
import { mutate } from './mutate';
import {
  inventedIn,
  pinSample,
  readSample,
  rowCounts,
  sampleFiles,
  samplesOf,
  summaryOf,
  totalOf,
  type SampleFile,
  type SampleOptions,
  type SampleOrigin,
  type SampleResult,
} from './samples';

/** A reading that takes longer hangs. */
const HANG_MS = 5000;
const TRIALS = 40;

export interface FormatSubject {
  /** `import.meta.url` of the test: samples/ stands beside it. */
  readonly beside: string;
  /** Every format, from connectors/index.ts: none of the others may be surer of these samples. */
  readonly formats: readonly FileFormat[];
  /** What a shell lends to the format. */
  readonly tools?: ReadTools;
  /** Records in a genuine sample, counted in another way than the format does; files as they are on disk. */
  readonly records?: (files: readonly SampleFile[]) => number;
  /**
   * Rows that a cut may make which the whole file has not: 1 where the last line may be cut within a
   * message (the default), more only with a reason.
   */
  readonly cutRows?: number;
}

/** What every file format keeps, on its own samples (samples/origin.json). */
export function describeFormat(format: FileFormat, subject: FormatSubject): void {
  const folder = fileURLToPath(new URL('.', subject.beside));
  const samples = samplesOf(folder).filter((sample) => sample.format === format.id);
  describe(`format ${format.id}`, () => {
    it('has a genuine sample and a damaged one', () => {
      expect(samples.some(({ file }) => !file.startsWith('damaged-'))).toBe(true);
      expect(samples.some(({ file }) => file.startsWith('damaged-'))).toBe(true);
    });
    for (const sample of samples) describeSample(format, subject, folder, sample);
    describeEdges(format, subject);
  });
}

function describeSample(
  format: FileFormat,
  { formats, tools, records, cutRows = 1 }: FormatSubject,
  folder: string,
  sample: SampleOrigin,
): void {
  const files = sampleFiles(folder, sample.file);
  const damaged = sample.file.startsWith('damaged-');
  const read = (given = files, options: SampleOptions = {}) =>
    quick(() => readSample(given, formats, { tools, ...options }));

  it(`${sample.file}: is taken for what it is, and gives what origin.json says`, async () => {
    const result = await read();
    for (const report of result.reports) {
      if (report.title.endsWith(' archive')) continue;
      expect(report).toMatchObject({ format: format.id });
      for (const other of report.others ?? []) expect(other.confidence).toBeLessThan(1);
      expect(report.why).not.toBe('');
      expect(report.described?.signals.length).toBeGreaterThanOrEqual(0);
      if (!damaged) expect(report.state).toBe('ok');
    }
    const summary = summaryOf(result);
    const { dropped, notices } = summary;
    expectPlaced(result);
    if (process.env['FAULTLINE_WRITE_SAMPLES']) pinSample(folder, sample.file, summary);
    else expect({ ...sample, ...summary }).toEqual(sample);
    for (const { table } of result.batches) expect(format.tables).toContain(table);
    if (damaged) expect(dropped + notices.length).toBeGreaterThan(0);
    else if (records) expect(totalOf(rowCounts(result)) + dropped).toBe(records(files));
  });

  it(`${sample.file}: comes out alike in pieces of any size`, async () => {
    const whole = tablesOf((await read()).batches);
    const small = tablesOf((await read(files, { step: 7 })).batches);
    for (const table of TELEMETRY_TABLES) expect(small[table]).toEqual(whole[table]);
  });

  it(`${sample.file}: a cut anywhere keeps what comes before and invents nothing`, async () => {
    const all = rowCounts(await read(files, { as: format.id }));
    const random = createRng(`cut ${format.id} ${sample.file}`);
    for (let trial = 0; trial < TRIALS; trial++) {
      const { cut, what } = cutOne(files, random);
      const result = await read(cut, { as: format.id });
      const invented = inventedIn(rowCounts(result), all);
      expect(invented.slice(cutRows), `${what} of ${sample.file}`).toEqual([]);
      noticed(result.reports, what);
    }
  });

  it(`${sample.file}: changed bytes break nothing and make no rows`, async () => {
    const rows = totalOf(rowCounts(await read(files, { as: format.id })));
    const random = createRng(`changed ${format.id} ${sample.file}`);
    for (let trial = 0; trial < TRIALS; trial++) {
      const at = Math.floor(random.next() * files.length);
      const file = files[at];
      if (!file) continue;
      const { bytes, what, mayAdd } = mutate(file.bytes, random);
      const given = replaced(files, at, bytes);
      const result = await read(given, { as: format.id });
      expect(totalOf(rowCounts(result)), `${what} in ${file.name}`).toBeLessThanOrEqual(
        rows + mayAdd,
      );
      noticed(result.reports, what);
      expectPlaced(result);
    }
  });
}

/** Of the dropped records some have a place in time; each is one of those that the report counts, and counted once. */
function expectPlaced(result: SampleResult): void {
  const counts = droppedCounts(result.dropped);
  const sum = (of: typeof counts): number => of.reduce((all, { records }) => all + records, 0);
  const { dropped } = summaryOf(result);
  expect(sum(counts)).toBe(dropped);
  expect(sum(counts.filter(({ window }) => window !== null))).toBeLessThanOrEqual(
    result.dropped.filter(({ at }) => at !== undefined).length,
  );
}

function describeEdges(format: FileFormat, { formats }: FormatSubject): void {
  it('takes nothing out of nothing, and is not sure of it', async () => {
    expect(format.sniff(headOf(new Uint8Array())).confidence).toBe(0);
    const { batches, report } = await readAll(bytesSource('empty', ''), formats, format.id);
    expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(0);
    expect(report.parts.reduce((sum, part) => sum + part.dropped, 0)).toBe(0);
  });

  it('sniffs anything without a fault, and noise for nothing', () => {
    const random = createRng(`noise ${format.id}`);
    for (let trial = 0; trial < 200; trial++) {
      const bytes = Uint8Array.from({ length: Math.floor(random.next() * 400) }, () =>
        Math.floor(random.next() * 256),
      );
      const head = headOf(bytes);
      expect(format.sniff(head).confidence).toBeLessThan(0.5);
      format.describe(head);
    }
    for (const open of ['{', '[', '{"a":', '"', '<', '\n']) {
      const head = headOf(new TextEncoder().encode(open.repeat(60_000)));
      const started = performance.now();
      expect(sniffFormats(head, [format])?.confidence ?? 0).toBeLessThan(0.5);
      expect(performance.now() - started).toBeLessThan(1000);
    }
  });

  it('stops when it is cancelled', async () => {
    const control = new AbortController();
    control.abort();
    const read = async (): Promise<void> => {
      const items = format.read(bytesSource('x', '{"a":1}\n'), control.signal);
      for await (const item of items) expect(item.kind).not.toBe('batch');
    };
    await expect(read()).rejects.toMatchObject({ code: 'cancelled' });
  });
}

function headOf(bytes: Uint8Array): Head {
  const start = bytes.subarray(0, 64 << 10);
  return { name: 'x', bytes: start, text: new TextDecoder().decode(start) };
}

/** One file of a sample cut at a random byte; the files after it as they are. */
function cutOne(
  files: readonly SampleFile[],
  random: Rng,
): { cut: readonly SampleFile[]; what: string } {
  const at = Math.floor(random.next() * files.length);
  const file = files[at];
  if (!file) return { cut: files, what: 'nothing' };
  const length = Math.floor(random.next() * file.bytes.length);
  const bytes = file.bytes.slice(0, length);
  return { cut: replaced(files, at, bytes), what: `${file.name} cut at ${length}` };
}

/** What failed says why. */
function noticed(
  reports: readonly { state: string; notices: readonly unknown[] }[],
  what: string,
): void {
  for (const { state, notices } of reports) {
    if (state === 'failed') expect({ what, notices }).not.toEqual({ what, notices: [] });
  }
}

async function quick<T>(run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await run();
  expect(performance.now() - started).toBeLessThan(HANG_MS);
  return result;
}

function replaced(
  files: readonly SampleFile[],
  at: number,
  bytes: Uint8Array,
): readonly SampleFile[] {
  return files.map((file, i) => (i === at ? { name: file.name, bytes } : file));
}
