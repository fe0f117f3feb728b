import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UpstreamOptions } from './upstream';
import { createUpstream } from './http-undici';

/** What a token endpoint was sent, by the rules of RFC 6749. */
interface Asked {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

let tokens: Server;
let backend: Server;
let asked: Asked[] = [];
/** Tokens that the backend takes, and what it was shown. */
let good = new Set<string>();
let shown: string[] = [];
let stubborn = false;
let expiresIn = 3600;
let mode: 'both' | 'body-only' | 'down' | 'html' | 'slow' = 'both';

const basic = `Basic ${Buffer.from('me%3A1:s3cr%25et').toString('base64')}`;

async function formOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
}

beforeAll(async () => {
  tokens = createServer((request, response) => {
    void formOf(request).then(async (form) => {
      const { authorization } = request.headers;
      asked.push({ authorization, form });
      if (mode === 'down') return response.writeHead(503).end('s3cr%et');
      if (mode === 'html') return response.writeHead(200).end('<html>s3cr%et</html>');
      if (mode === 'slow') await new Promise((done) => setTimeout(done, 100));
      const inHeader = mode !== 'body-only' && authorization === basic;
      const inBody = form['client_id'] === 'me:1' && form['client_secret'] === 's3cr%et';
      if (!inHeader && !inBody) {
        const why = { error: 'invalid_client', error_description: 'not s3cr%et' };
        return response.writeHead(401).end(JSON.stringify(why));
      }
      const token = `t${asked.length}`;
      good = new Set([token]);
      return response.end(
        JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: expiresIn }),
      );
    });
  });
  backend = createServer((request, response) => {
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    shown.push(token);
    response.writeHead(good.has(token) && !stubborn ? 200 : 401).end();
  });
  for (const server of [tokens, backend]) {
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  }
});
afterAll(() => {
  for (const server of [tokens, backend]) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => {
  [asked, shown, stubborn, expiresIn, mode] = [[], [], false, 3600, 'both'];
});

const urlOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function connect(more: Partial<UpstreamOptions> = {}): () => Promise<number> {
  const tokenUrl = `${urlOf(tokens)}/oauth/token`;
  const { upstream } = createUpstream({
    url: urlOf(backend),
    auth: 'oauth2',
    access: { tokenUrl, clientId: 'me:1', scope: 'read' },
    credentials: { clientSecret: 's3cr%et' },
    ...more,
  });
  return async () => (await upstream.send({ method: 'GET', path: '/' })).status;
}

describe('a sign-in by OAuth 2 client credentials', () => {
  it('fetches one token for many requests, however many come at once', async () => {
    mode = 'slow';
    const send = connect();
    expect(await Promise.all([send(), send(), send()])).toEqual([200, 200, 200]);
    expect(await send()).toBe(200);
    expect(asked).toEqual([
      { authorization: basic, form: { grant_type: 'client_credentials', scope: 'read' } },
    ]);
  });

  it('fetches another before the time of the first is over', async () => {
    expiresIn = 0.2;
    const send = connect();
    expect(await send()).toBe(200);
    await new Promise((done) => setTimeout(done, 185));
    // The first is still good: it was renewed ahead of that.
    expect(await send()).toBe(200);
    expect(shown).toEqual(['t1', 't2']);
  });

  it('fetches another where the backend takes it no more, once', async () => {
    const send = connect();
    await send();
    good.clear();
    expect(await send()).toBe(200);
    expect(shown).toEqual(['t1', 't1', 't2']);
    stubborn = true;
    expect(await send()).toBe(401);
    expect(shown.slice(3)).toEqual(['t2', 't3']);
  });

  it('puts id and secret into the body where the server wants them there', async () => {
    mode = 'body-only';
    expect(await connect()()).toBe(200);
    expect(asked.map(({ authorization }) => authorization)).toEqual([basic, undefined]);
    expect(asked[1]?.form).toMatchObject({ client_id: 'me:1', client_secret: 's3cr%et' });
  });

  it.each([
    ['a wrong secret', 'both', 'connector/auth', false, /Check client id and secret/],
    ['a server that is down', 'down', 'connector/unreachable', true, /503/],
    ['a page instead of a token', 'html', 'connector/auth', false, /Check the token address/],
  ] as const)('says that it was the token: %s', async (_, how, code, retryable, why) => {
    mode = how;
    const credentials = { clientSecret: how === 'both' ? 'wr0ng' : 's3cr%et' };
    const error: unknown = await connect({ credentials })().catch((e: unknown) => e);
    expect(error).toMatchObject({ code, retryable, detail: { step: 'token' } });
    expect(String(error)).toMatch(why);
    expect(String(error) + JSON.stringify(error)).not.toMatch(/s3cr%et|wr0ng|Basic/);
    expect(shown).toEqual([]);
  });

  it('says that the token server cannot be reached, and what is not filled in', async () => {
    const access = { tokenUrl: 'http://127.0.0.1:9/token', clientId: 'me' };
    const error: unknown = await connect({ access })().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'connector/unreachable', detail: { step: 'token' } });
    expect(String(error)).toContain('http://127.0.0.1:9/token');
    expect(() => connect({ access: { clientId: 'me' } })).toThrow(/address that gives tokens/);
  });
});
