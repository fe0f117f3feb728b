import { existsSync, linkSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FaultlineError } from '../../core/base';
import { openCaseStore } from '../../core/store';
import { openNativeEngine } from '../node';

const NEW = /^\.new-(\d+)(\.wal)?$/;

/**
 * Makes an empty case file at `path`, whole or not at all: it is made beside it as `PATH.new-PID` and gets
 * its name when it is complete. Errors: 'case/exists' where another program was faster.
 */
export async function makeCaseFile(path: string, name: string, now: bigint): Promise<void> {
  removeLeftovers(path);
  const made = `${path}.new-${process.pid}`;
  try {
    const engine = await openNativeEngine({ path: made });
    try {
      const store = await openCaseStore(engine, { now, create: { name } });
      await store.checkpoint();
    } finally {
      await engine.close();
    }
    giveName(made, path);
  } finally {
    for (const each of [made, `${made}.wal`]) rmSync(each, { force: true });
  }
}

/** A link, unlike a renaming, never replaces a file; not every file system has links. */
function giveName(made: string, path: string): void {
  try {
    linkSync(made, path);
  } catch {
    if (existsSync(path)) {
      throw new FaultlineError('case/exists', `${path} was just made by another program.`);
    }
    renameSync(made, path);
  }
}

/** What a program that was killed left behind here. */
function removeLeftovers(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  const own = basename(path);
  for (const file of readdirSync(folder)) {
    const pid = file.startsWith(own) ? NEW.exec(file.slice(own.length))?.[1] : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, file), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
