import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownAuthority } from '../../core/host/testing/tls';
import { signAws } from './aws-signature';
import { createUpstream as undici } from './http-undici';
import { nodeClient } from './http-node';
import { upstreamOver } from './upstream';

/** What the servers heard last. */
let heard: { request: IncomingMessage; body: string } | undefined;
const folder = mkdtempSync(join(tmpdir(), 'faultline-upstream-'));
let plain: Server;
let secure: Server;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    heard = { request, body: Buffer.concat(chunks).toString() };
    const path = (request.url ?? '').replace(/^\/base/, '');
    if (path.startsWith('/redirect')) response.writeHead(302, { location: '/base/ok' }).end();
    else if (path.startsWith('/gzip')) {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'));
    } else if (path.startsWith('/never')) response.writeHead(200).write('begun');
    else response.writeHead(200, { 'X-Two': ['a', 'b'] }).end('fine');
  });
}

const listen = (server: Server): Promise<void> =>
  new Promise((done) => void server.listen(0, '127.0.0.1', done));
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  const { server } = ownAuthority(folder);
  plain = createServer(answer);
  secure = createSecureServer(server, answer);
  await Promise.all([listen(plain), listen(secure)]);
});
afterAll(() => {
  for (const server of [plain, secure]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe.each([
  ['undici', undici],
  ["Node's client", upstreamOver(nodeClient)],
])('an upstream over %s', (_, createUpstream) => {
  const base = (): string => `http://127.0.0.1:${portOf(plain)}/base/`;

  it('sends path, query, headers and body to the base address', async () => {
    const { upstream, endpoint } = createUpstream({ url: base() });
    const response = await upstream.send({
      method: 'POST',
      path: '/search',
      query: [['q', 'a b&c']],
      headers: { 'content-type': 'application/json' },
      body: '{"ü":1}',
    });
    expect(endpoint).toBe(base().replace(/\/$/, ''));
    expect(text(response.body)).toBe('fine');
    expect(response.headers['x-two']).toBe('a, b');
    expect(heard?.request.method).toBe('POST');
    expect(heard?.request.url).toBe('/base/search?q=a+b%26c');
    expect(heard?.request.headers['content-type']).toBe('application/json');
    expect(heard?.body).toBe('{"ü":1}');
  });

  it('undoes gzip and follows no redirect', async () => {
    const { upstream } = createUpstream({ url: base() });
    const packed = await upstream.send({ method: 'GET', path: '/gzip' });
    expect(text(packed.body)).toBe('packed');
    const redirect = await upstream.send({ method: 'GET', path: '/redirect' });
    expect(redirect.status).toBe(302);
    expect(heard?.request.url).toBe('/base/redirect');
  });

  it('adds credentials and keeps them out of address and errors', async () => {
    const url = `http://ada:s3cret@127.0.0.1:${portOf(plain)}`;
    const { upstream, endpoint } = createUpstream({ url });
    await upstream.send({ method: 'GET', path: '/' });
    const basic = Buffer.from('ada:s3cret').toString('base64');
    expect(heard?.request.headers.authorization).toBe(`Basic ${basic}`);
    expect(endpoint).not.toContain('s3cret');
    const bearer = createUpstream({ url: base(), credentials: { token: 'T0ken' } }).upstream;
    await bearer.send({ method: 'GET', path: '/' });
    expect(heard?.request.headers.authorization).toBe('Bearer T0ken');
    const nobody = createUpstream({ url: 'http://127.0.0.1:9', credentials: { token: 'T0ken' } });
    const error = await nobody.upstream.send({ method: 'GET', path: '/' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'connector/unreachable', retryable: true });
    expect(JSON.stringify(error) + String(error)).not.toContain('T0ken');
  });

  it('sends an API key under its header, and headers of the connection’s own', async () => {
    const credentials = { apiKey: 'k3y', headers: { 'X-Secret': 'hidden' } };
    const access = { headers: { 'X-Scope-OrgID': 'shop' } };
    const elastic = createUpstream({ url: base(), credentials, access }).upstream;
    await elastic.send({ method: 'GET', path: '/' });
    expect(heard?.request.headers).toMatchObject({
      authorization: 'ApiKey k3y',
      'x-scope-orgid': 'shop',
      'x-secret': 'hidden',
    });
    const named = createUpstream({
      url: base(),
      credentials,
      access: { apiKeyHeader: 'DD-API-KEY' },
    });
    await named.upstream.send({ method: 'GET', path: '/' });
    expect(heard?.request.headers['dd-api-key']).toBe('k3y');
    expect(heard?.request.headers.authorization).toBeUndefined();
  });

  it('signs for AWS what goes over the wire', async () => {
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'k3y', sessionToken: 'sess10n' };
    const access = { region: 'eu-central-1', service: 's3' };
    const { upstream } = createUpstream({ url: base(), auth: 'aws', access, credentials });
    await upstream.send({
      method: 'PUT',
      path: '/a b/ü$.json',
      query: [['list-type', '2'], ['prefix', 'a b+']],
      headers: { 'content-type': 'text/plain' },
      body: 'fünf',
    }); // prettier-ignore
    const { headers, url = '' } = heard?.request ?? {};
    const stamp = String(headers?.['x-amz-date']);
    const at = stamp.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
    // What arrived is signed again: one thing changed on the way would give another signature.
    const again = signAws(
      {
        url: `http://${headers?.host}${url}`,
        method: 'PUT',
        headers: { 'content-type': String(headers?.['content-type']) },
        body: heard?.body,
      },
      access,
      credentials,
      new Date(at),
    );
    expect(again.url).toBe(`http://${headers?.host}${url}`);
    expect(headers?.authorization).toBe(again.headers['authorization']);
    expect(headers?.['x-amz-security-token']).toBe('sess10n');
    const nowhere = { url: base(), auth: 'aws', access: { region: 'x' }, credentials } as const;
    expect(() => createUpstream(nowhere)).toThrow('needs a service');
  });

  it('ends a request that is cancelled, also in the middle of a body', async () => {
    const { upstream } = createUpstream({ url: base() });
    const controller = new AbortController();
    const sending = upstream.send({ method: 'GET', path: '/never' }, controller.signal);
    setTimeout(() => controller.abort(), 100);
    await expect(sending).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('gives up when a body stops', async () => {
    const { upstream } = createUpstream({ url: base(), timeoutMs: 300 });
    const sending = upstream.send({ method: 'GET', path: '/never' });
    await expect(sending).rejects.toMatchObject({ code: 'connector/unreachable' });
  });

  it('trusts an own certificate authority only where it is given', async () => {
    const url = `https://127.0.0.1:${portOf(secure)}`;
    const stranger = createUpstream({ url }).upstream.send({ method: 'GET', path: '/' });
    await expect(stranger).rejects.toMatchObject({
      code: 'connector/unreachable',
      retryable: false,
    });
    const { upstream } = createUpstream({ url, caFile: join(folder, 'ca.pem') });
    expect((await upstream.send({ method: 'GET', path: '/' })).status).toBe(200);
  });
});
