import { createHash, createHmac } from 'node:crypto';
import type { HttpRequest } from './http-client';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials (STS, SSO). */
  readonly sessionToken?: string;
}

/** What a signature is good for: "eu-central-1" and "s3", "es", "aoss" or "aps". */
export interface AwsScope {
  readonly region: string;
  readonly service: string;
}

/** Proxies and clients change these on the way, or set them after the signature. */
const UNSIGNED = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'expect',
  'transfer-encoding',
  'user-agent',
  'x-amzn-trace-id',
]);

/** These take no request without the hash of its body in a header. */
const WANTS_BODY_HASH = new Set(['s3', 's3express', 'aoss']);

/**
 * The request with AWS's signature of version 4 in its headers
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). Its query, and with S3 its
 * path, come out as they were signed. A hash that the caller put into `x-amz-content-sha256`, such as
 * UNSIGNED-PAYLOAD, is kept.
 */
export function signAws(
  request: HttpRequest,
  { region, service }: AwsScope,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  at: Date,
): HttpRequest {
  const url = new URL(request.url);
  const stamp = at.toISOString().replace(/[-:]|\.\d+/g, '');
  const given = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const bodyHash = given['x-amz-content-sha256'] ?? sha256(request.body ?? '');
  const headers: Record<string, string> = {
    ...given,
    'x-amz-date': stamp,
    ...(sessionToken ? { 'x-amz-security-token': sessionToken } : {}),
    ...(WANTS_BODY_HASH.has(service) ? { 'x-amz-content-sha256': bodyHash } : {}),
  };
  const simple = service.startsWith('s3');
  const path = simple ? encodedOnce(url.pathname) : url.pathname;
  const query = canonicalQuery(url.search);
  const signed = { ...headers, host: url.host };
  const names = Object.keys(signed)
    .filter((name) => !UNSIGNED.has(name))
    .sort();
  const canonical = [
    request.method,
    simple ? path : encodedAgain(path),
    query,
    ...names.map((name) => `${name}:${trimmed(signed[name as keyof typeof signed])}`),
    '',
    names.join(';'),
    bodyHash,
  ].join('\n');
  const scope = `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const authorization = [
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}`,
    `SignedHeaders=${names.join(';')}`,
    `Signature=${hmac(key, text).toString('hex')}`,
  ].join(', ');
  return {
    ...request,
    url: `${url.origin}${path}${query === '' ? '' : `?${query}`}`,
    headers: { ...headers, authorization },
  };
}

const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();
const trimmed = (value: string): string => value.trim().replace(/ +/g, ' ');

/** Everything but RFC 3986's unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const encodedOnce = (path: string): string =>
  path
    .split('/')
    .map((part) => encoded(decoded(part)))
    .join('/');

/** All services but S3 sign the path as it goes over the wire, encoded once more and without empty parts. */
const encodedAgain = (path: string): string =>
  path
    .replace(/\/{2,}/g, '/')
    .split('/')
    .map(encoded)
    .join('/');

function canonicalQuery(search: string): string {
  return [...new URLSearchParams(search)]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? order(x, y) : order(a, b)))
    .map((pair) => pair.join('='))
    .join('&');
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
