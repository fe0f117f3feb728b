import type { Stats } from 'node:fs';
import { basename } from 'node:path';
import type { FileRef } from '../../core/host';

/** What a page is told of a file or folder of this machine. */
export function fileRef(path: string, info: Stats): FileRef {
  return {
    path,
    name: basename(path),
    size: info.size,
    modifiedMs: Math.round(info.mtimeMs),
    isDirectory: info.isDirectory(),
  };
}
