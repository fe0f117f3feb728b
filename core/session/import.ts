import { sha256 } from '@noble/hashes/sha256';
import { bytesToHex } from '@noble/hashes/utils';
import { asFaultlineError, isCancelled, throwIfAborted, type FaultlineError } from '../base';
import {
  DroppedTally,
  inZone,
  placeOfSource,
  prepareSources,
  readFile,
  type ByteSource,
  type CaseHints,
  type FileFormat,
  type FileReport,
  type ReadChoices,
  type ReadTools,
} from '../connect';
import { entityId, type AnalysisRequest, type Entity, type Notice } from '../model';
import type { CaseStore, SourceIdentity, SourceWriter } from '../store';

export interface ImportOptions {
  readonly formats: readonly FileFormat[];
  readonly signal: AbortSignal;
  /** Format ids that a person chose, by file name (of a report's `path`), '' for all. */
  readonly as?: Readonly<Record<string, string>>;
  /** What a person decided where files leave it open; by file name, '' for all. */
  readonly choices?: Readonly<Record<string, ReadChoices>>;
  readonly tools?: ReadTools;
  /** Members of archives that are not wanted, by the `path` of their reports. */
  readonly leave?: readonly string[];
  readonly onProgress?: (doneBytes: number, totalBytes: number | null, label: string) => void;
}

/** Rows that gather before they are committed. */
const COMMIT_ROWS = 100_000;

/**
 * Dry run: reads every file to its end and says what it would bring. Nothing is written. With a store,
 * files that it holds already are 'skipped', as they would be on import.
 */
export async function inspectFiles(
  files: readonly ByteSource[],
  now: bigint,
  options: ImportOptions,
  store?: CaseStore,
): Promise<readonly FileReport[]> {
  const prepared = await prepareSources(files, options.formats, options.signal);
  const progress = fileProgress(prepared.sources, options);
  const reports: FileReport[] = [...prepared.reports];
  for (const file of prepared.sources) {
    throwIfAborted(options.signal);
    const repeat = store && (await repeatOf(store, file, options));
    reports.push(
      repeat ??
        (await readFile(file, options.formats, {
          ...readOptions(file, now, options),
          onItem: (item) => {
            if (item.kind === 'progress') progress.bytes(file, item.bytes);
          },
        })),
    );
    progress.finished(file);
  }
  return reports;
}

function readOptions(file: ByteSource, now: bigint, { as, choices, signal, tools }: ImportOptions) {
  return {
    as: as?.[file.name] ?? as?.[''],
    choices: { now, ...choices?.[''], ...choices?.[file.name] },
    signal,
    tools,
  };
}

async function repeatOf(
  store: CaseStore,
  file: ByteSource,
  options: ImportOptions,
): Promise<FileReport | undefined> {
  return alreadyImported(store, file, await hashSource(file, options.signal), options);
}

interface Imported {
  readonly report: FileReport;
  readonly writer?: SourceWriter;
  readonly sha256?: string;
  readonly hints?: CaseHints;
}

/**
 * Imports files into the case. Nothing becomes visible before every file has been read; on cancel, or
 * where the case can't be written, all that this import wrote is taken out again.
 */
export async function importFiles(
  store: CaseStore,
  files: readonly ByteSource[],
  now: bigint,
  options: ImportOptions,
): Promise<readonly FileReport[]> {
  const prepared = await prepareSources(files, options.formats, options.signal);
  const wanted = prepared.sources.filter(({ name }) => !options.leave?.includes(name));
  const progress = fileProgress(wanted, options);
  const done: Imported[] = [];
  try {
    for (const file of wanted) {
      throwIfAborted(options.signal);
      done.push(
        await importFile(store, file, now, options, (bytes) => progress.bytes(file, bytes)),
      );
      progress.finished(file);
    }
    const reports: FileReport[] = [...prepared.reports];
    for (const { report, writer, sha256: hash } of done) {
      const notices = writer ? await writer.finish(hash) : [];
      reports.push({ ...report, notices: [...report.notices, ...notices] });
    }
    await applyHints(
      store,
      done.flatMap(({ hints }) => hints ?? []),
    );
    return reports;
  } catch (error) {
    for (const { writer } of done) if (writer) await store.removeSource(writer.sourceId);
    throw error;
  }
}

async function importFile(
  store: CaseStore,
  file: ByteSource,
  now: bigint,
  options: ImportOptions,
  onBytes: (bytes: number) => void,
): Promise<Imported> {
  const hash = await hashSource(file, options.signal);
  const target: { writer?: SourceWriter; hints?: CaseHints; skip: number; seen: number } = {
    skip: 0,
    seen: 0,
  };
  const repeat = await alreadyImported(store, file, hash, options);
  if (repeat) return { report: repeat };
  const { choices } = readOptions(file, now, options);
  const left = new DroppedTally();
  try {
    const report = await readFile(file, options.formats, {
      ...readOptions(file, now, options),
      onItem: async (item, format) => {
        if (item.kind === 'progress') onBytes(item.bytes);
        if (item.kind === 'hints') target.hints = item.hints;
        if (item.kind === 'dropped')
          left.add({ ...item.record, ...inZone(item.record, choices.zone) });
        if (item.kind !== 'batch') return;
        if (!target.writer) {
          target.writer = await store.beginSource(identityOf(file, format.id, hash, choices), now);
          target.skip = committedBatches(target.writer.cursor);
        }
        // A resumed import reads the file again and passes over what is in the case already.
        if (target.seen++ < target.skip) return;
        target.writer.add(item.batch);
        if (target.writer.pending >= COMMIT_ROWS) {
          await target.writer.commit(JSON.stringify({ batches: target.seen }));
        }
      },
    });
    for (const notice of report.notices) target.writer?.notice(notice);
    for (const count of left.take()) target.writer?.left(count);
    for (const notice of droppedNotice(file, report)) target.writer?.notice(notice);
    if (report.state === 'failed' && target.writer) {
      await store.removeSource(target.writer.sourceId);
      return { report };
    }
    return { report, writer: target.writer, sha256: hash, hints: target.hints };
  } catch (error) {
    if (target.writer) await store.removeSource(target.writer.sourceId);
    if (isCancelled(error) || asFaultlineError(error).code !== 'format/damaged') throw error;
    return { report: failedReport(file, asFaultlineError(error)) };
  }
}

function droppedNotice(file: ByteSource, { parts }: FileReport): readonly Notice[] {
  const count = parts.reduce((sum, part) => sum + part.dropped, 0);
  if (count === 0) return [];
  const message = `${count} records of ${file.name} could not be taken over.`;
  const examples = parts.flatMap((part) =>
    part.droppedExamples.map((e) => `${e.where}: ${e.reason}`),
  );
  return [{ code: 'records-dropped', severity: 'warning', count, message, detail: { examples } }];
}

/** The same bytes read by another mapping are another source. */
function identityOf(
  file: ByteSource,
  format: string,
  hash: string,
  { mapping, tables }: ReadChoices,
): SourceIdentity {
  const query = JSON.stringify({
    sha256: hash,
    ...(mapping ? { mapping } : {}),
    ...(tables ? { tables } : {}),
  });
  return { connector: format, name: baseName(file.name), endpoint: '', query, window: null };
}

async function alreadyImported(
  store: CaseStore,
  file: ByteSource,
  hash: string,
  options: ImportOptions,
): Promise<FileReport | undefined> {
  const { choices } = readOptions(file, 0n, options);
  for (const format of options.formats) {
    const known = await store.findSource(identityOf(file, format.id, hash, choices));
    if (known?.state !== 'complete') continue;
    return {
      ...placeOfSource(file),
      format: format.id,
      title: format.title,
      why: 'The same bytes are in this case already.',
      parts: [],
      notices: [
        {
          code: 'already-imported',
          severity: 'info',
          count: known.rows,
          message: `${file.name} is in this case already (${known.rows} rows); nothing was added.`,
        },
      ],
      state: 'skipped',
    };
  }
  return undefined;
}

function committedBatches(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const parsed: unknown = JSON.parse(cursor);
  const batches = (parsed as { batches?: unknown }).batches;
  return typeof batches === 'number' ? batches : 0;
}

function failedReport(file: ByteSource, error: FaultlineError): FileReport {
  return {
    ...placeOfSource(file),
    format: null,
    title: 'Damaged',
    why: error.message,
    parts: [],
    notices: [{ code: error.code, severity: 'error', count: 1, message: error.message }],
    state: 'failed',
  };
}

async function hashSource(file: ByteSource, signal: AbortSignal): Promise<string> {
  const hash = sha256.create();
  const reader = file.stream().getReader();
  for (;;) {
    throwIfAborted(signal);
    const { done, value } = await reader.read();
    if (done) return bytesToHex(hash.digest());
    hash.update(value);
  }
}

/** Windows and symptom of a case.json become the case's request; a person's own are kept. */
async function applyHints(store: CaseStore, hints: readonly CaseHints[]): Promise<void> {
  if (hints.length === 0) return;
  const { request } = await store.facts();
  const entities = await store.entities();
  const merged = hints.reduce<AnalysisRequest>(
    (all, hint) => ({
      ...all,
      incident: all.incident ?? hint.incident,
      baselines: all.baselines?.length
        ? all.baselines
        : hint.baseline
          ? [hint.baseline]
          : undefined,
      symptom: all.symptom ?? symptomEntity(hint, entities),
      symptomMetric: all.symptomMetric ?? hint.symptom?.['metric'],
    }),
    request,
  );
  await store.setRequest(merged);
}

function symptomEntity(hint: CaseHints, entities: readonly Entity[]): string | undefined {
  const name = hint.symptom?.['service'] ?? hint.symptom?.['entity'];
  if (name === undefined) return undefined;
  return entities.find((entity) => entity.name === name)?.id ?? entityId('service', name);
}

export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function fileProgress(files: readonly ByteSource[], options: ImportOptions) {
  const known = files.every((file) => file.size !== undefined);
  const total = known ? files.reduce((sum, file) => sum + (file.size ?? 0), 0) : null;
  let before = 0;
  return {
    bytes: (file: ByteSource, bytes: number) =>
      options.onProgress?.(before + Math.min(bytes, file.size ?? bytes), total, file.name),
    finished: (file: ByteSource) => {
      before += file.size ?? 0;
      options.onProgress?.(before, total, file.name);
    },
  };
}
