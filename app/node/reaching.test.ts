import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startForwardProxy, type ForwardProxy } from '../../core/host/testing/forward-proxy';
import {
  clientCertificate,
  ownAuthority,
  type ClientCertificate,
  type OwnAuthority,
} from '../../core/host/testing/tls';
import { createUpstream as undici } from './http-undici';
import { nodeClient } from './http-node';
import { upstreamOver } from './upstream';

const folder = mkdtempSync(join(tmpdir(), 'faultline-reaching-'));
const get = { method: 'GET', path: '/x' } as const;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const caught = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
let own: OwnAuthority;
let client: ClientCertificate;
/** Plain, TLS, and TLS that wants a client certificate. */
let servers: readonly [Server, Server, Server];
let open: ForwardProxy;
let closed: ForwardProxy;

const listen = (server: Server): Promise<void> =>
  new Promise((done) => void server.listen(0, '127.0.0.1', done));
const hostOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  own = ownAuthority(folder);
  client = clientCertificate(folder);
  const answer = (request: IncomingMessage): string => {
    const peer = request.socket as Partial<TLSSocket>;
    return `for ${String(peer.getPeerCertificate?.().subject?.CN ?? 'anybody')}`;
  };
  const mutual = { ...own.server, ca: readFileSync(own.caFile), requestCert: true };
  servers = [
    createServer((request, response) => response.end(answer(request))),
    createSecureServer(own.server, (request, response) => response.end(answer(request))),
    createSecureServer(mutual, (request, response) => response.end(answer(request))),
  ];
  [open, closed] = await Promise.all([
    startForwardProxy(),
    startForwardProxy('eve:pr0xied'),
    ...servers.map(listen),
  ]);
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all([open.close(), closed.close()]);
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['undici', undici],
  ["Node's client", upstreamOver(nodeClient)],
])('over %s a backend is reached', (_, createUpstream) => {
  const [plain, secure, mutual] = [0, 1, 2].map((n) => () => hostOf(servers[n as 0]));

  it('with a client certificate, its key encrypted or not', async () => {
    const url = `https://${mutual?.()}`;
    const { certFile, keyFile, lockedKeyFile, passphrase } = client;
    const caFile = own.caFile;
    const bare = createUpstream({ url, caFile, access: { certFile, keyFile } });
    expect(text((await bare.upstream.send(get)).body)).toBe('for client');
    const access = { certFile, keyFile: lockedKeyFile };
    const locked = createUpstream({
      url,
      caFile,
      access,
      credentials: { keyPassphrase: passphrase },
    });
    expect(text((await locked.upstream.send(get)).body)).toBe('for client');
    // Without one it is refused in the handshake, and the error says what is missing.
    const error = await caught(createUpstream({ url, caFile }).upstream.send(get));
    expect(error).toMatchObject({ code: 'connector/unreachable' });
    expect(error).toMatchObject({
      detail: { step: expect.stringMatching(/tls|answer/) as string },
    });
  });

  it('not with files that do not fit, and the error says which', () => {
    const url = `https://${mutual?.()}`;
    const { certFile, lockedKeyFile } = client;
    const broken = join(folder, 'broken.pem');
    writeFileSync(broken, 'no PEM');
    const make = (access: object, keyPassphrase?: string) => () =>
      createUpstream({ url, access, credentials: { keyPassphrase } });
    expect(make({ certFile, keyFile: lockedKeyFile }, 'wr0ng')).toThrow(/passphrase does not open/);
    expect(make({ certFile, keyFile: lockedKeyFile })).toThrow(/passphrase does not open/);
    expect(make({ certFile, keyFile: join(folder, 'server.key') })).toThrow(/is not that of/);
    expect(make({ certFile: broken })).toThrow(/not a certificate and its key/);
    expect(make({ certFile: join(folder, 'none.pem') })).toThrow(
      /certificate file .* cannot be read/,
    );
    expect(make({ keyFile: lockedKeyFile })).toThrow(/give its certificate/);
  });

  it('through a proxy: TLS in a tunnel, plain HTTP as a whole address', async () => {
    const access = { proxy: open.url };
    const tunnel = createUpstream({ url: `https://${secure?.()}`, caFile: own.caFile, access });
    expect(text((await tunnel.upstream.send(get)).body)).toBe('for anybody');
    expect(open.asked.at(-1)).toBe(`CONNECT ${secure?.()}`);
    const whole = createUpstream({ url: `http://${plain?.()}`, access });
    expect(text((await whole.upstream.send(get)).body)).toBe('for anybody');
    expect(open.asked.at(-1)).toBe(`GET http://${plain?.()}/x`);
    // A client certificate goes through the tunnel to the backend.
    const { certFile, keyFile } = client;
    const mutually = { ...access, certFile, keyFile };
    const url = `https://${mutual?.()}`;
    const { upstream } = createUpstream({ url, caFile: own.caFile, access: mutually });
    expect(text((await upstream.send(get)).body)).toBe('for client');
  });

  it.each(['http', 'https'])('through a proxy with a sign-in, %s', async (scheme) => {
    const url = `${scheme}://${scheme === 'http' ? plain?.() : secure?.()}`;
    const how = { url, caFile: own.caFile, access: { proxy: closed.url } };
    const credentials = { proxyUsername: 'eve', proxyPassword: 'pr0xied' };
    const { upstream } = createUpstream({ ...how, credentials });
    expect((await upstream.send(get)).status).toBe(200);
    const wrong = createUpstream({
      ...how,
      credentials: { ...credentials, proxyPassword: 'wr0ng' },
    });
    const error = await caught(wrong.upstream.send(get));
    expect(error).toMatchObject({ code: 'connector/unreachable', detail: { step: 'proxy' } });
    expect(String(error)).toContain('user name');
    expect(JSON.stringify(error) + String(error)).not.toMatch(/wr0ng|eve/);
  });

  it('or not, and the error says where it ended', async () => {
    const dead = 'http://127.0.0.1:9';
    const fails = async (url: string, access: object = {}): Promise<unknown> => {
      const error = await caught(
        createUpstream({ url, access, caFile: own.caFile }).upstream.send(get),
      );
      return (error as { detail?: { step?: string } }).detail?.step;
    };
    expect(await fails(dead)).toBe('connect');
    expect(await fails('http://no-such-name.invalid')).toBe('name');
    expect(await fails(`https://${plain?.()}`)).toBe('tls');
    expect(await fails(`https://${secure?.()}`, { proxy: dead })).toBe('proxy');
    expect(await fails(`http://${plain?.()}`, { proxy: dead })).toBe('proxy');
    expect(await fails('https://forbidden.example', { proxy: open.url })).toBe('proxy');
    expect(await fails('https://127.0.0.1:9', { proxy: open.url })).toBe('proxy');
  });

  describe('by a proxy of the environment', () => {
    const before = { ...process.env };
    afterEach(() => {
      process.env = { ...before };
    });

    it('but for names that NO_PROXY lists', async () => {
      process.env['http_proxy'] = open.url;
      // A name of this machine that is not known as its own.
      const host = (plain?.() ?? '').replace('127.0.0.1', '0.0.0.0');
      const send = () => createUpstream({ url: `http://${host}` }).upstream.send(get);
      expect((await send()).status).toBe(200);
      expect(open.asked.at(-1)).toBe(`GET http://${host}/x`);
      const count = open.asked.length;
      process.env['no_proxy'] = '0.0.0.0';
      expect((await send()).status).toBe(200);
      expect(open.asked.length).toBe(count);
    });
  });
});
