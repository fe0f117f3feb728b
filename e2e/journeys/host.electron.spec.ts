import { mkdirSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startBackend, type TestBackend } from '../../core/host/testing/backend';
import { HOST_CONTRACT } from '../../core/host/testing/contract';
import { startForwardProxy } from '../../core/host/testing/forward-proxy';
import { ownAuthority } from '../../core/host/testing/tls';
import { expect, test } from '../fixtures/app';
import { bridgeOf } from '../pages/bridge';
import { giveAway } from '../../scripts/electron-test.mjs';

let backend: TestBackend;
test.beforeAll(async () => {
  backend = await startBackend();
});
test.afterAll(() => backend.close());

test('the host keeps its contract over IPC', async ({ stopped }) => {
  const folder = join(stopped.dir, 'opened');
  mkdirSync(folder);
  giveAway(folder);
  await stopped.start([folder]);
  // A plain file of our origin: the bridge, without a workbench that answers deliveries by itself.
  const asset = await stopped.page.locator('script[src]').first().getAttribute('src');
  await stopped.page.goto(new URL(asset ?? '', 'app://faultline/').href);
  const { bridge, host } = await bridgeOf(stopped.page);
  for (const { name, run } of HOST_CONTRACT) {
    await test.step(name, () => run({ host, bridge, folder, userDir: stopped.userDir, backend }));
  }
  stopped.problems.length = 0;
});

test('a backend is reached through a proxy that wants a sign-in, and only through it', async ({
  app,
}) => {
  const proxy = await startForwardProxy('eve:pr0xied');
  try {
    const { host } = await bridgeOf(app.page);
    const connection = {
      connector: 'prometheus',
      url: backend.url,
      auth: 'none',
      caFile: '',
      config: {},
    } as const;
    const ask = async (id: string, address: string, password: string) => {
      const access = { proxy: address };
      const credentials = { proxyUsername: 'eve', proxyPassword: password };
      await host.saveConnection({ ...connection, id, name: id, access }, credentials);
      return host.upstream({ connectionId: id, method: 'GET', path: '/ok', requestId: id });
    };
    expect(Buffer.from((await ask('proxied', proxy.url, 'pr0xied')).body).toString()).toBe('fine');
    expect(proxy.asked).toEqual([`GET ${backend.url}/ok`]);
    await expect(ask('dead', 'http://127.0.0.1:9', 'pr0xied')).rejects.toMatchObject({
      code: 'connector/unreachable',
      detail: { step: 'proxy' },
    });
    expect(proxy.asked.length).toBe(1);
  } finally {
    await proxy.close();
  }
});

test('a backend with a certificate of its own authority is reached where that is given', async ({
  app,
}) => {
  const { caFile, server } = ownAuthority(app.dir);
  giveAway(app.dir);
  const heard: (string | undefined)[] = [];
  const backend = createServer(server, (request, response) => {
    heard.push(request.headers.authorization);
    response.end('fine');
  });
  await new Promise<void>((done) => void backend.listen(0, '127.0.0.1', done));
  try {
    const { host } = await bridgeOf(app.page);
    const { port } = backend.address() as AddressInfo;
    const connection = {
      connector: 'prometheus',
      url: `https://127.0.0.1:${port}`,
      auth: 'basic',
      config: {},
    } as const;
    const credentials = { username: 'ada', password: 'pa55word' };
    const ask = (connectionId: string) =>
      host.upstream({ connectionId, method: 'GET', path: '/', requestId: connectionId });
    await host.saveConnection({ ...connection, id: 'own', name: 'own', caFile }, credentials);
    expect(Buffer.from((await ask('own')).body).toString()).toBe('fine');
    expect(heard).toEqual([`Basic ${Buffer.from('ada:pa55word').toString('base64')}`]);
    const stranger = { ...connection, id: 'stranger', name: 'stranger', caFile: '' };
    await host.saveConnection(stranger, credentials);
    await expect(ask('stranger')).rejects.toMatchObject({
      code: 'connector/unreachable',
      retryable: false,
    });
    expect(heard.length).toBe(1);
  } finally {
    backend.closeAllConnections();
    backend.close();
  }
});
