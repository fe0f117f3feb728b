import { FaultlineError } from '../../core/base';
import type { CopyEntry, CopyNote, WorkingCopies } from '../../core/session';
import type { Engine } from '../../core/store';
import { openWasmEngine } from './wasm-engine';

const CHUNK = 4 << 20;
const fileName = (id: string): string => `case-${id}.db`;
const noteName = (id: string): string => `case-${id}.json`;
const lockName = (id: string): string => `faultline-case-${id}`;

/** Holds a lock for as long as the returned function is not called; undefined where it is held elsewhere. */
function hold(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(undefined);
          return undefined;
        }
        return new Promise<void>((release) => resolve(() => release()));
      })
      .catch(reject);
  });
}

async function remove(directory: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await directory.removeEntry(name);
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotFoundError';
  }
}

/** A worker or a writer that was ended lets go of its file a moment later: until then it can't be removed. */
async function removeSoon(directory: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  for (let tries = 0; tries < 40; tries++) {
    if (await remove(directory, name)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

const root = (): Promise<FileSystemDirectoryHandle> => navigator.storage.getDirectory();

/** Working copies in the origin private file system, one open tab each. */
export function opfsCopies(): WorkingCopies {
  return {
    open: openCopy,
    put: putCopy,
    read: readCopy,
    list: listCopies,
    note: writeNote,
    remove: removeCopy,
  };
}

/** Locks of copies that were put and are not open yet: until then nobody else takes them for left over. */
const putLocks = new Map<string, () => void>();

async function lock(id: string): Promise<() => void> {
  const release = putLocks.get(id) ?? (await hold(lockName(id)));
  putLocks.delete(id);
  if (!release) throw new FaultlineError('case/locked', 'This case is open in another tab.');
  return release;
}

async function openCopy(id: string): Promise<Engine> {
  const release = await lock(id);
  try {
    const engine = await openWasmEngine(fileName(id));
    const close = engine.close.bind(engine);
    engine.close = async () => {
      await close();
      release();
    };
    return engine;
  } catch (error) {
    release();
    throw error;
  }
}

async function putCopy(id: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const release = await lock(id);
  try {
    await writeCopy(id, chunks);
    putLocks.set(id, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function writeCopy(id: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const directory = await root();
  const file = await directory.getFileHandle(fileName(id), { create: true });
  const writable = await file.createWritable();
  let first = true;
  try {
    for await (const chunk of chunks) {
      if (first) refuseNoCase(chunk);
      first = false;
      await writable.write(chunk as Uint8Array<ArrayBuffer>);
    }
    if (first) refuseNoCase(new Uint8Array(0));
    await writable.close();
  } catch (error) {
    await writable.abort().catch(() => undefined);
    await removeSoon(directory, fileName(id));
    throw error;
  }
}

async function* readCopy(id: string): AsyncIterable<Uint8Array> {
  const file = await (await (await root()).getFileHandle(fileName(id))).getFile();
  for (let at = 0; at < file.size; at += CHUNK) {
    yield new Uint8Array(await file.slice(at, at + CHUNK).arrayBuffer());
  }
}

async function listCopies(): Promise<readonly CopyEntry[]> {
  const directory = await root();
  const held = new Set((await navigator.locks.query()).held?.map(({ name }) => name));
  const entries: CopyEntry[] = [];
  for await (const [name, handle] of directory.entries()) {
    const id = /^case-(.+)\.db$/.exec(name)?.[1];
    if (id === undefined || handle.kind !== 'file') continue;
    const { size } = await handle.getFile();
    const note = await readNote(directory, id);
    entries.push({ ...note, id, size, busy: held.has(lockName(id)) });
  }
  return entries;
}

async function writeNote(id: string, value: CopyNote): Promise<void> {
  const file = await (await root()).getFileHandle(noteName(id), { create: true });
  const writable = await file.createWritable();
  await writable.write(JSON.stringify(value));
  await writable.close();
}

async function removeCopy(id: string): Promise<void> {
  putLocks.get(id)?.();
  putLocks.delete(id);
  const directory = await root();
  if (await removeSoon(directory, fileName(id))) {
    for (const name of [`${fileName(id)}.wal`, noteName(id)]) await remove(directory, name);
  } else {
    // Not offered for recovery, and removed when copies are looked through the next time.
    await writeNote(id, { ...(await readNote(directory, id)), dirty: false });
  }
}

/**
 * A copy gets its note when it has become a case. One without was cut off before: it holds nothing of
 * anybody's, so it is not offered for recovery and goes when copies are looked through.
 */
async function readNote(directory: FileSystemDirectoryHandle, id: string): Promise<CopyNote> {
  try {
    const file = await (await directory.getFileHandle(noteName(id))).getFile();
    return JSON.parse(await file.text()) as CopyNote;
  } catch (error) {
    const cutOff = error instanceof DOMException && error.name === 'NotFoundError';
    return { name: 'Unnamed case', path: null, dirty: !cutOff, changedAt: 0 };
  }
}

/** A DuckDB file says so at byte 8. */
function refuseNoCase(head: Uint8Array): void {
  const magic = String.fromCharCode(...head.subarray(8, 12));
  if (magic !== 'DUCK') {
    throw new FaultlineError('case/not-a-case', 'This file is not a Faultline case.');
  }
}
