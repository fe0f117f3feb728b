import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { FaultlineError, throwIfAborted } from '../../core/base';
import { publish, type Published, type StagedFile } from './lake-publish';
import { folderTarget, type LakeTarget } from './lake-target';
import { writeLake, type LakeOptions, type LakeReport } from './native-lake';

export interface LakeExportOptions extends LakeOptions {
  readonly onProgress?: (done: number, total: number, key: string) => void;
}

export type LakeExport = Omit<LakeReport, 'written' | 'caseId'> & Published;

/**
 * Brings the complete sources of a closed case into a lake: written beside it first, then put where they belong. The
 * same case once more changes nothing; a case that has grown replaces its own files of the hours that have grown.
 */
export async function exportToFolder(
  casePath: string,
  folder: string,
  options: LakeExportOptions,
): Promise<LakeExport> {
  throwIfAborted(options.signal);
  const isNew = await refuseOtherFolders(folder);
  await mkdir(folder, { recursive: true });
  const staging = await mkdtemp(join(folder, '.writing-'));
  try {
    return await exportTo(folderTarget(folder), casePath, staging, options);
  } catch (error) {
    if (isNew) await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** As `exportToFolder`, to a bucket; what is uploaded lies in the system's folder for temporary files until then. */
export async function exportToBucket(
  casePath: string,
  bucket: LakeTarget,
  options: LakeExportOptions,
): Promise<LakeExport> {
  throwIfAborted(options.signal);
  const staging = await mkdtemp(join(tmpdir(), 'faultline-lake-'));
  try {
    return await exportTo(bucket, casePath, staging, options);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function exportTo(
  target: LakeTarget,
  casePath: string,
  staging: string,
  options: LakeExportOptions,
): Promise<LakeExport> {
  const { written, caseId, ...report } = await writeLake(casePath, join(staging, 'lake'), options);
  const staged: StagedFile[] = [];
  for (const { path, rows } of written)
    staged.push(await stagedFile(join(staging, 'lake'), path, rows));
  return { ...report, ...(await publish(target, caseId, staged, options)) };
}

async function stagedFile(root: string, path: string, rows: number): Promise<StagedFile> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  const partition = relative(root, dirname(path)).replaceAll('\\', '/');
  return { path, partition, rows, bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

/** True where there is nothing yet; throws where something else than a lake is there. */
async function refuseOtherFolders(folder: string): Promise<boolean> {
  const info = await stat(folder).catch(() => undefined);
  if (!info) return true;
  const names = info.isDirectory() ? await readdir(folder) : ['a file'];
  if (
    names.length === 0 ||
    names.some((name) => name === '.faultline' || name.startsWith('signal='))
  ) {
    return false;
  }
  const why = `${folder} exists already and is no lake; it is left as it is.`;
  throw new FaultlineError('case/exists', why);
}
