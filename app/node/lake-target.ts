import {
  open,
  readFile,
  readdir,
  mkdir,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FaultlineError, throwIfAborted } from '../../core/base';
import {
  objectPath,
  readObjectList,
  send,
  xmlText,
  type ConnectorEnv,
  type UpstreamRequest,
} from '../../core/connect';

/** Where a lake is written: a folder or the part of a bucket below a prefix. Keys are below its root. */
export interface LakeTarget {
  /** Sizes in bytes of what begins with `prefix`, by key. */
  list(prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /** Undefined where there is nothing. */
  readText(key: string, signal: AbortSignal): Promise<string | undefined>;
  writeText(key: string, text: string, signal: AbortSignal): Promise<void>;
  /** The object is there whole or not at all. The file may be moved. */
  put(key: string, file: string, signal: AbortSignal): Promise<void>;
  /** Nothing happens where there is none. */
  remove(key: string, signal: AbortSignal): Promise<void>;
}

/** A folder on the file system that `put`'s files are on. */
export function folderTarget(root: string): LakeTarget {
  const place = (key: string): string => join(root, ...key.split('/'));
  return {
    async list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const names = await readdir(place(folder), { recursive: true, withFileTypes: true }).catch(
        () => [],
      );
      const sizes = new Map<string, number>();
      for (const entry of names) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const key = path.slice(root.length + 1).replaceAll('\\', '/');
        if (key.startsWith(prefix)) sizes.set(key, (await stat(path)).size);
      }
      return sizes;
    },
    readText: (key) => readFile(place(key), 'utf8').catch(() => undefined),
    async writeText(key, text) {
      const path = place(key);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.part`, text);
      await rename(`${path}.part`, path);
    },
    async put(key, file, signal) {
      throwIfAborted(signal);
      await mkdir(dirname(place(key)), { recursive: true });
      await rename(file, place(key));
    },
    async remove(key) {
      await rm(place(key), { force: true });
      // Folders that are empty now go, too.
      for (let above = dirname(key); above !== '.'; above = dirname(above)) {
        const gone = await rmdir(place(above)).then(
          () => true,
          () => false,
        );
        if (!gone) return;
      }
    },
  };
}

export interface BucketOptions {
  /** Files above this size go in pieces of it, at least 5 MiB as S3 wants it: 16 MiB unless said. */
  readonly partBytes?: number;
}

/** A bucket over its half of the host's, which signs; answers 429 and 503 and broken connections are tried again. */
export function bucketTarget(
  env: ConnectorEnv,
  { partBytes = 16 << 20 }: BucketOptions = {},
): LakeTarget {
  const ask = (request: UpstreamRequest, signal: AbortSignal, accept?: readonly number[]) =>
    send(env, request, { signal, accept, bytes: true });
  return {
    list: (prefix, signal) => listed(env, prefix, signal),
    async readText(key, signal) {
      const request = { method: 'GET', path: objectPath(key) } as const;
      const { status, body } = await ask(request, signal, [404]);
      return status === 404 ? undefined : new TextDecoder().decode(body);
    },
    async writeText(key, text, signal) {
      await ask({ method: 'PUT', path: objectPath(key), body: text }, signal);
    },
    async put(key, file, signal) {
      const { size } = await stat(file);
      if (size > partBytes) return putInParts(env, key, { file, size, partBytes }, signal);
      await ask({ method: 'PUT', path: objectPath(key), body: await readFile(file) }, signal);
    },
    async remove(key, signal) {
      await ask({ method: 'DELETE', path: objectPath(key) }, signal, [404]);
    },
  };
}

async function listed(
  env: ConnectorEnv,
  prefix: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  let token: string | undefined;
  do {
    const query: [string, string][] = [
      ['list-type', '2'],
      ['encoding-type', 'url'],
      ['prefix', prefix],
    ];
    if (token !== undefined) query.push(['continuation-token', token]);
    const { body } = await send(env, { method: 'GET', path: '/', query }, { signal, bytes: true });
    const page = readObjectList(new TextDecoder().decode(body), prefix);
    for (const { key, size } of page.objects) sizes.set(key, size);
    token = page.next;
  } while (token !== undefined);
  return sizes;
}

interface LargeFile {
  readonly file: string;
  readonly size: number;
  readonly partBytes: number;
}

/** CreateMultipartUpload, UploadPart …, CompleteMultipartUpload; what was begun is aborted where it fails. */
async function putInParts(
  env: ConnectorEnv,
  key: string,
  large: LargeFile,
  signal: AbortSignal,
): Promise<void> {
  const path = objectPath(key);
  const begun = await send(env, { method: 'POST', path, query: [['uploads', '']] }, { signal });
  const uploadId = xmlText(new TextDecoder().decode(begun.body), 'UploadId');
  if (uploadId === undefined) throw badAnswer('began no upload in parts');
  try {
    const parts = await putParts(env, path, uploadId, large, signal);
    const list = parts.map(
      (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`;
    const query = [['uploadId', uploadId]] as const;
    const done = await send(env, { method: 'POST', path, query, body }, { signal });
    // An answer 200 may still be an error.
    const text = new TextDecoder().decode(done.body);
    if (text.includes('<Error>')) {
      throw badAnswer(`did not put the parts together (${xmlText(text, 'Code') ?? ''})`);
    }
  } catch (error) {
    const request = { method: 'DELETE', path, query: [['uploadId', uploadId]] } as const;
    await env.upstream.send(request).catch(() => undefined);
    throw error;
  }
}

async function putParts(
  env: ConnectorEnv,
  path: string,
  uploadId: string,
  { file, size, partBytes }: LargeFile,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const etags: string[] = [];
  const handle = await open(file, 'r');
  try {
    for (let from = 0; from < size; from += partBytes) {
      const body = new Uint8Array(Math.min(partBytes, size - from));
      await handle.read(body, 0, body.length, from);
      const query = [
        ['partNumber', String(etags.length + 1)],
        ['uploadId', uploadId],
      ] as const;
      const { headers } = await send(env, { method: 'PUT', path, query, body }, { signal });
      etags.push((headers['etag'] ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
    }
  } finally {
    await handle.close();
  }
  return etags;
}

const badAnswer = (what: string): FaultlineError =>
  new FaultlineError('connector/bad-answer', `The bucket's server ${what}.`);
