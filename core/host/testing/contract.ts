import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError, type ErrorCode } from '../../base';
import type {
  Connection,
  Delivery,
  DeliveryAnswer,
  HostApi,
  HostBridge,
  HostEvent,
  RecentCase,
} from '..';
import type { TestBackend } from './backend';

/** What a host is tried with. */
export interface HostWorld {
  readonly host: HostApi;
  /** The same without the client: raw calls. */
  readonly bridge: HostBridge;
  /** An empty folder that a person opened; host and test can both write to it. */
  readonly folder: string;
  /** Where the host keeps settings, to see that no secret is among them. */
  readonly userDir: string;
  readonly backend: TestBackend;
}

export interface HostCase {
  readonly name: string;
  readonly run: (world: HostWorld) => Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<FaultlineError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert(error instanceof FaultlineError, `it was to fail with ${code}`);
  assert.equal(error.code, code, error.message);
  return error;
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(what);
}

/** Bytes of a file that DuckDB would call its own: cases replace only cases. */
function caseBytes(fill: number, size: number): Uint8Array {
  const data = new Uint8Array(size).fill(fill);
  data.set(bytes('DUCK'), 8);
  return data;
}

async function write(host: HostApi, path: string, chunks: readonly Uint8Array[]): Promise<string> {
  const handle = await host.writeBegin(path);
  for (const chunk of chunks) await host.writeChunk(handle, chunk);
  return (await host.writeCommit(handle)).path;
}

function connection(id: string, url: string, auth: Connection['auth']): Connection {
  return { id, connector: 'prometheus', name: id, url, auth, caFile: '', config: {} };
}

function recent(path: string, openedAt: number): RecentCase {
  const shape = [0, 0.5, 1];
  return { path, name: 'a case', size: 1, openedAt, from: 1, to: 2, shape, cause: 'x', confidence: null, marks: [{ key: 'k', weight: 1 }] }; // prettier-ignore
}

const calls: readonly HostCase[] = [
  {
    name: 'says what it is and can',
    run: async ({ host }) => {
      const info = await host.info();
      assert.match(info.version, /^\d+\.\d+\.\d+/);
      assert(['electron', 'browser', 'test'].includes(info.kind));
      assert(info.can.includes('path-access'));
    },
  },
  {
    name: 'refuses what is not listed and what does not fit, without a stack',
    run: async ({ bridge }) => {
      for (const [method, args] of [
        ['__proto__', []],
        ['constructor', []],
        ['read', ['only a path']],
        ['read', ['/x', -1, 10]],
        ['read', ['/x', 0, 2 ** 40]],
        ['upstream', [{ connectionId: 'x', method: 'PATCH', path: '/', requestId: '1' }]],
        ['upstream', [{ connectionId: 'x', method: 'GET', path: 'http://else', requestId: '1' }]],
        ['info', 'no list'],
      ] as const) {
        const answer: unknown = await bridge.call(method as 'info', args as readonly unknown[]);
        const { ok, error } = answer as { ok: boolean; error: { code: string; stack?: string } };
        assert.equal(ok, false, method);
        assert.equal(error.code, 'host/denied');
        assert.equal(error.stack, undefined);
      }
    },
  },
];

const files: readonly HostCase[] = [
  {
    name: 'writes a case in pieces and reads it back',
    run: async ({ host, folder }) => {
      const [a, b] = [caseBytes(1, 3_000_000), new Uint8Array(2_000_001).fill(2)];
      const path = await write(host, join(folder, 'whole.faultline'), [a, b]);
      const size = a.length + b.length;
      assert.equal((await host.stat(path))?.size, size);
      const read = await host.read(path, a.length - 2, 4);
      assert.deepEqual([...read], [1, 1, 2, 2]);
      assert.equal((await host.read(path, size - 1, 100)).length, 1);
      assert.equal((await host.read(path, size + 5, 100)).length, 0);
      assert.deepEqual(Buffer.from(await host.read(path, 0, size)), readFileSync(path));
    },
  },
  {
    name: 'keeps the old case until the new one is whole',
    run: async ({ host, folder }) => {
      const path = await write(host, join(folder, 'kept.faultline'), [caseBytes(3, 100)]);
      const handle = await host.writeBegin(path);
      await host.writeChunk(handle, caseBytes(4, 50));
      assert.equal(readFileSync(path).length, 100);
      await host.writeAbort(handle);
      assert.equal(readFileSync(path).length, 100);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.endsWith('.tmp')),
        [],
      );
      await fails(host.writeChunk(handle, bytes('late')), 'host/denied');
    },
  },
  {
    name: 'replaces no other file and reads none that nobody opened',
    run: async ({ host, folder }) => {
      const other = join(folder, 'letter.faultline');
      writeFileSync(other, 'a letter, no case');
      await fails(host.writeBegin(other), 'case/exists');
      assert.equal(readFileSync(other, 'utf8'), 'a letter, no case');
      await fails(host.writeBegin('relative.faultline'), 'usage');
      for (const path of ['/etc/passwd', join(folder, '..', 'elsewhere'), '/']) {
        await fails(host.stat(path), 'host/denied');
        await fails(host.read(path, 0, 1), 'host/denied');
        await fails(host.list(path), 'host/denied');
      }
    },
  },
  {
    name: 'lists a folder that was opened',
    run: async ({ host, folder }) => {
      writeFileSync(join(folder, 'b.log'), 'two');
      writeFileSync(join(folder, '.hidden'), '');
      const found = (await host.list(folder)).map(({ name }) => name);
      assert(found.includes('b.log'));
      assert(!found.includes('.hidden'));
      assert.equal(await host.stat(join(folder, 'absent')), null);
      await fails(host.list(join(folder, 'absent')), 'not-found');
    },
  },
];

const SECRETS = ['h1dden', 'T0ken', 's1gning', 'sess10n', 'h3ader', 'pr0xied'];

const settings: readonly HostCase[] = [
  {
    name: 'keeps settings and the list of recent cases',
    run: async ({ host, folder }) => {
      assert.equal(await host.readSetting('nothing'), null);
      await host.writeSetting('theme', '"ünï"');
      assert.equal(await host.readSetting('theme'), '"ünï"');
      const [a, b] = [join(folder, 'a.faultline'), join(folder, 'b.faultline')];
      for (const [path, at] of [[a, 1], [b, 2], [a, 3]] as const) await host.addRecent(recent(path, at)); // prettier-ignore
      const listed = (await host.recents()).map(({ path, openedAt }) => [path, openedAt]);
      assert.deepEqual(listed.slice(0, 2), [[a, 3], [b, 2]]); // prettier-ignore
      await host.removeRecent(a);
      assert(!(await host.recents()).some(({ path }) => path === a));
    },
  },
  {
    name: 'keeps secrets in: neither listed, nor in a file, nor in an error',
    run: async ({ host, backend, userDir }) => {
      const url = backend.url.replace('//', '//ada:h1dden@');
      await host.saveConnection(connection('in-url', url, 'basic'), null);
      await host.saveConnection(connection('token', backend.url, 'bearer'), { token: 'T0ken' });
      const dead = connection('dead', 'http://127.0.0.1:9', 'bearer');
      await host.saveConnection(dead, { token: 'T0ken' });
      const access = { region: 'eu-north-1', service: 's3', secretHeaders: ['X-Own-Key'] };
      const proxied = { ...access, proxy: 'http://eve:pr0xied@127.0.0.1:9' };
      const keys = { accessKeyId: 'AKID', secretAccessKey: 's1gning', sessionToken: 'sess10n' };
      const headers = { 'X-Own-Key': 'h3ader' };
      const aws = { ...connection('aws', backend.url, 'aws'), access };
      await host.saveConnection(aws, { ...keys, headers });
      await host.saveConnection({ ...aws, id: 'proxied', access: proxied }, { ...keys, headers });
      const listed = JSON.stringify(await host.connections());
      for (const secret of SECRETS) {
        assert(!listed.includes(secret));
        for (const name of readdirSync(userDir).filter((file) => file.endsWith('.json'))) {
          assert(!readFileSync(join(userDir, name), 'utf8').includes(secret), name);
        }
      }
      await get(host, 'in-url', '/ok');
      const basic = Buffer.from('ada:h1dden').toString('base64');
      assert.equal(backend.heard.at(-1)?.authorization, `Basic ${basic}`);
      await get(host, 'token', '/ok');
      assert.equal(backend.heard.at(-1)?.authorization, 'Bearer T0ken');
      await get(host, 'aws', '/ok');
      const { authorization = '' } = backend.heard.at(-1) ?? {};
      assert.match(
        authorization,
        /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-north-1\/s3\/aws4_request/,
      );
      assert.match(
        authorization,
        /SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-own-key/,
      );
      const error = await fails(get(host, 'dead', '/'), 'connector/unreachable');
      assert.equal(error.retryable, true);
      assert(!JSON.stringify(error).includes('T0ken') && !error.message.includes('T0ken'));
      await host.saveConnection(connection('bare', backend.url, 'basic'), null);
      await fails(get(host, 'bare', '/ok'), 'connector/auth');
      for (const { id } of await host.connections()) await host.removeConnection(id);
      await fails(get(host, 'token', '/ok'), 'not-found');
    },
  },
];

const get = (host: HostApi, connectionId: string, path: string, requestId = path) =>
  host.upstream({ connectionId, method: 'GET', path, requestId });

const upstream: readonly HostCase[] = [
  {
    name: 'reaches a backend: query, body, gzip, status',
    run: async ({ host, backend }) => {
      await host.saveConnection(connection('b', `${backend.url}/`, 'none'), null);
      const ok = await get(host, 'b', '/ok');
      assert.deepEqual([ok.status, ok.headers['x-own'], text(ok.body)], [200, 'Yes', 'fine']);
      const sent = await host.upstream({
        connectionId: 'b',
        method: 'POST',
        path: '/echo',
        query: [['match[]', 'up{a="ü"}']],
        headers: { 'content-type': 'text/plain' },
        body: bytes('fünf'),
        requestId: 'e',
      });
      assert.equal(text(sent.body), 'fünf');
      const { searchParams } = new URL(backend.heard.at(-1)?.url ?? '', backend.url);
      assert.equal(searchParams.get('match[]'), 'up{a="ü"}');
      // Searches go so through proxies that let no POST through.
      const search = { connectionId: 'b', method: 'GET', path: '/echo', body: '{"q":1}' } as const;
      assert.equal(text((await host.upstream({ ...search, requestId: 'g' })).body), '{"q":1}');
      assert.equal(text((await get(host, 'b', '/gzip')).body), 'packed');
      assert.equal((await get(host, 'b', '/redirect')).status, 302);
      assert.equal(backend.heard.at(-1)?.url, '/redirect');
      const denied = await get(host, 'b', '/denied');
      assert.deepEqual([denied.status, text(denied.body)], [401, 'who are you']);
    },
  },
  {
    name: 'ends a request that is aborted',
    run: async ({ host, backend }) => {
      await host.saveConnection(connection('b', backend.url, 'none'), null);
      const slow = fails(get(host, 'b', '/slow', 'slow'), 'cancelled');
      await eventually('the backend was asked', () => backend.heard.at(-1)?.url === '/slow');
      await host.upstreamAbort('slow');
      await slow;
      await host.upstreamAbort('unknown');
    },
  },
];

const post = (address: string, body: string): Promise<Response> =>
  fetch(`http://${address}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

const receiver: readonly HostCase[] = [
  {
    name: 'hands over what the receiver hears and answers as it is told',
    run: async ({ host, bridge }) => {
      const deliveries: Delivery[] = [];
      const stop = bridge.onEvent((event: HostEvent) => {
        if (event.kind === 'delivery') deliveries.push(event.delivery);
      });
      const { http, grpc } = await host.receiverStart({
        http: '127.0.0.1:0',
        grpc: '0',
        webhooks: [],
      });
      assert.match(grpc, /^127\.0\.0\.1:\d+$/);
      const bad = { message: 'not valid', retryable: false };
      const answers: readonly (readonly [DeliveryAnswer, number])[] = [
        [{ dropped: 0 }, 200],
        [{ dropped: 2 }, 200],
        [{ dropped: 0, refused: bad }, 400],
        [{ dropped: 0, refused: { message: 'later', retryable: true } }, 503],
      ];
      for (const [told, status] of answers) {
        const before = deliveries.length;
        const answer = post(http, '{"resourceLogs":[]}');
        await eventually('a delivery', () => deliveries.length > before);
        const delivery = deliveries.at(-1);
        assert(delivery);
        assert(delivery.protocol === 'http/json');
        assert.equal(delivery.signal, 'logs');
        assert.equal(text(delivery.body), '{"resourceLogs":[]}');
        await host.receiverAck(delivery.id, told);
        const response = await answer;
        assert.equal(response.status, status);
        if (told.dropped > 0) assert.match(await response.text(), /"rejectedLogRecords":"2"/);
      }
      await host.receiverStop();
      await assert.rejects(post(http, '{}'));
      stop();
    },
  },
];

/** One list of calls for every way to reach a host: in-process, over WebSocket, over Electron's IPC. */
export const HOST_CONTRACT: readonly HostCase[] = [
  ...calls,
  ...files,
  ...settings,
  ...upstream,
  ...receiver,
];
