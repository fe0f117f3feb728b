import { createReadStream, type Stats } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FaultlineError, throwIfAborted } from '../../core/base';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../core/connect';
import { readBody } from './http-client';

/**
 * A folder that answers as a bucket of S3 does: `GET /?list-type=2&prefix=…&delimiter=/` lists it, `GET /key` gives
 * bytes, with Range and If-Match. Nothing outside of the folder can be reached, by `..` or by a link either.
 */
export function folderUpstream(folder: string): Upstream {
  const root = resolve(folder);
  return {
    async send(request, signal) {
      throwIfAborted(signal);
      if (request.method !== 'GET') return refusal(405, 'MethodNotAllowed');
      const top = await realpath(root).catch(() => undefined);
      if (top === undefined) {
        const why = `There is no folder ${folder}.`;
        throw new FaultlineError('connector/unreachable', why);
      }
      try {
        return request.path === '/'
          ? await listing(top, new Map(request.query))
          : await object(top, request);
      } catch (error) {
        return failure(error);
      }
    },
  };
}

/** The folder that `/path`, `./path` or `file:///path` names; undefined for an address of another kind. */
export function folderOf(address: string): { upstream: Upstream; endpoint: string } | undefined {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(address) && !/^file:/i.test(address)) return undefined;
  const folder = resolve(/^file:/i.test(address) ? fileURLToPath(address) : address);
  return { upstream: folderUpstream(folder), endpoint: pathToFileURL(folder).href };
}

/** As S3 answers: what is not there 404, what may not be read 403. */
function failure(error: unknown): UpstreamResponse {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') {
    return refusal(404, 'NoSuchKey');
  }
  if (code === 'EACCES' || code === 'EPERM') return refusal(403, 'AccessDenied');
  throw error;
}

/** The place of a key below the folder; throws ENOENT for what lies outside, as if it were not there. */
async function placeOf(top: string, key: string): Promise<string> {
  const path = await realpath(resolve(top, `.${sep}${key}`));
  const inside = relative(top, path);
  if (inside.startsWith('..') || isAbsolute(inside)) {
    throw Object.assign(new Error('outside'), { code: 'ENOENT' });
  }
  return path;
}

async function object(top: string, { path, headers }: UpstreamRequest): Promise<UpstreamResponse> {
  const place = await placeOf(top, decodeURIComponent(path.slice(1)));
  const info = await stat(place);
  if (!info.isFile()) return refusal(404, 'NoSuchKey');
  const etag = etagOf(info);
  const wanted = headers?.['if-match'];
  if (wanted !== undefined && wanted !== etag) return refusal(412, 'PreconditionFailed');
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers?.['range'] ?? '');
  if (!range) {
    const body = await readBody(createReadStream(place), undefined);
    return { status: 200, headers: { etag, 'content-length': String(body.length) }, body };
  }
  const [from, last] = [Number(range[1]), Number(range[2])];
  if (from >= info.size) return refusal(416, 'InvalidRange');
  const body = await bytesOf(place, from, Math.min(last, info.size - 1) + 1 - from);
  const content = `bytes ${from}-${from + body.length - 1}/${info.size}`;
  return { status: 206, headers: { etag, 'content-range': content }, body };
}

async function bytesOf(path: string, from: number, length: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array(length);
    let read = 0;
    while (read < length) {
      const { bytesRead } = await file.read(bytes, read, length - read, from + read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return bytes.subarray(0, read);
  } finally {
    await file.close();
  }
}

const etagOf = ({ mtimeMs, size }: Stats): string => `"${Math.round(mtimeMs * 1e3)}-${size}"`;

async function listing(top: string, query: ReadonlyMap<string, string>): Promise<UpstreamResponse> {
  const prefix = query.get('prefix') ?? '';
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const found = { keys: [] as string[], folders: [] as string[] };
  try {
    const place = await placeOf(top, folder);
    await walk(place, folder, query.get('delimiter') !== '/', found);
  } catch (error) {
    // A prefix that nothing has is an empty list.
    if (failure(error).status !== 404) throw error;
  }
  const within = (name: string): boolean => name.startsWith(prefix);
  const contents = await Promise.all(
    found.keys
      .filter(within)
      .sort()
      .map(async (key) => {
        const info = await stat(join(top, key));
        const size = `<Size>${info.size}</Size><ETag>${xml(etagOf(info))}</ETag>`;
        return `<Contents><Key>${encodeURIComponent(key)}</Key>${size}</Contents>`;
      }),
  );
  const common = found.folders
    .filter(within)
    .sort()
    .map((name) => `<CommonPrefixes><Prefix>${encodeURIComponent(name)}</Prefix></CommonPrefixes>`);
  return answer(
    200,
    `<ListBucketResult><EncodingType>url</EncodingType><Prefix>${encodeURIComponent(prefix)}</Prefix>${contents.join('')}${common.join('')}<IsTruncated>false</IsTruncated></ListBucketResult>`,
  );
}

/** Files below a folder and, where it is not `deep`, the folders in it, which end with a slash. Links are passed over. */
async function walk(
  place: string,
  prefix: string,
  deep: boolean,
  found: { readonly keys: string[]; readonly folders: string[] },
): Promise<void> {
  for (const entry of await readdir(place, { withFileTypes: true })) {
    const name = `${prefix}${entry.name}`;
    if (entry.isFile()) found.keys.push(name);
    else if (entry.isDirectory() && !deep) found.folders.push(`${name}/`);
    else if (entry.isDirectory()) await walk(join(place, entry.name), `${name}/`, deep, found);
  }
}

const xml = (text: string): string => text.replaceAll('"', '&quot;');

function refusal(status: number, code: string): UpstreamResponse {
  return answer(status, `<Error><Code>${code}</Code></Error>`);
}

function answer(status: number, text: string): UpstreamResponse {
  const body = new TextEncoder().encode(text);
  return { status, headers: { 'content-length': String(body.length) }, body };
}
