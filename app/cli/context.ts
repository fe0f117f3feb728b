import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { FaultlineError } from '../../core/base';
import { openCaseStore, type CaseStore } from '../../core/store';
import { openNativeEngine } from '../node';
import { makeCaseFile } from './make-case';
import { Output } from './output';

export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What every command gets: where to write, when to stop, what time it is. */
export interface Context {
  readonly out: Output;
  readonly signal: AbortSignal;
  readonly now: () => bigint;
}

export function createContext(options: GlobalOptions, signal: AbortSignal): Context {
  const out = new Output({ json: options.json ?? false, quiet: options.quiet ?? false });
  return { out, signal, now: () => BigInt(Date.now()) * 1_000_000n };
}

export interface OpenedCase {
  readonly store: CaseStore;
  readonly path: string;
  close(): Promise<void>;
}

/** Opens a case file on the native engine. 'create' refuses an existing file, 'append' makes a new one. */
export async function openCaseFile(
  file: string,
  mode: 'read' | 'write' | 'append' | 'create',
  now: bigint,
): Promise<OpenedCase> {
  const path = resolve(file);
  const exists = existsSync(path);
  if (exists && mode === 'create') {
    throw new FaultlineError('case/exists', `${file} exists already; it is left as it is.`);
  }
  if (!exists && (mode === 'read' || mode === 'write')) {
    throw new FaultlineError('not-found', `There is no file ${file}.`);
  }
  if (!exists) {
    const name = path.replace(/^.*[/\\]/, '').replace(/\.faultline$/i, '');
    await makeCaseFile(path, name, now);
  }
  const engine = await openNativeEngine({ path, readOnly: mode === 'read' });
  try {
    const store = await openCaseStore(engine, { now });
    return {
      store,
      path,
      close: async () => {
        if (mode !== 'read') await store.checkpoint();
        await store.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Opens, works, closes: also when the work fails. */
export async function withCase<T>(
  file: string,
  mode: 'read' | 'write' | 'append' | 'create',
  context: Context,
  work: (store: CaseStore) => Promise<T>,
): Promise<T> {
  const opened = await openCaseFile(file, mode, context.now());
  try {
    return await work(opened.store);
  } finally {
    await opened.close();
  }
}

const IMPORT_MS = 'import_ms';

/** Milliseconds that this case's imports took, all together; undefined where it has none. */
export async function importMsOf(store: CaseStore): Promise<number | undefined> {
  const text = await store.meta(IMPORT_MS);
  return text === undefined ? undefined : Number(text);
}

export async function addImportMs(store: CaseStore, ms: number): Promise<void> {
  await store.setMeta(IMPORT_MS, String(((await importMsOf(store)) ?? 0) + Math.round(ms)));
}

/** The most memory that this process has had so far. */
export function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
