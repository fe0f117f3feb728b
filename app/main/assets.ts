import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import { contentType, securityHeaders, withNonce } from '../../core/host';
import { isOwnUrl } from './origin';

export interface AssetRequest {
  readonly url: string;
  readonly method: string;
}

/**
 * Answers for app://faultline/ out of the renderer's folder: GET and HEAD, exact host, nothing outside.
 * What is not there is 404, so also the extensions that DuckDB asks for under /duckdb-ext.
 */
export async function answerAsset(root: string, request: AssetRequest): Promise<Response> {
  const nonce = randomBytes(16).toString('base64');
  const headers = securityHeaders(nonce);
  const refuse = (status: number): Response => new Response(null, { status, headers });
  if (!isOwnUrl(request.url)) return refuse(403);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
  const file = fileOf(root, request.url);
  if (file === undefined) return refuse(404);
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return refuse(404);
  }
  const type = contentType(file);
  const isDocument = type.startsWith('text/html');
  const cacheControl = isDocument ? 'no-store' : 'private, max-age=3600';
  const all = { ...headers, 'content-type': type, 'cache-control': cacheControl };
  if (request.method === 'HEAD') return new Response(null, { headers: all });
  const body = isDocument ? withNonce(bytes.toString('utf8'), nonce) : new Uint8Array(bytes);
  return new Response(body, { headers: all });
}

function fileOf(root: string, url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url).pathname);
    if (path.includes('\0')) return undefined;
    const file = join(root, normalize(path === '/' ? '/index.html' : path));
    return file.startsWith(root + sep) ? file : undefined;
  } catch {
    return undefined;
  }
}
