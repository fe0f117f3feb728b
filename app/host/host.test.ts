import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  decodeMessage,
  dispatch,
  encodeMessage,
  type HostBridge,
  type HostEvent,
} from '../../core/host';
import { describeHost } from '../../core/host/testing/describe-host';
import { createNodeHost, createUpstream, startReceiver } from '../node';
import { startBrowserHost } from './start';

describeHost('in-process table', async ({ userDir, opened }) => {
  const host = createNodeHost({
    kind: 'test',
    version: '0.0.1',
    userDir,
    can: ['path-access'],
    makeUpstream: createUpstream,
    startReceiver,
  });
  host.openPaths([opened]);
  const bridge: HostBridge = {
    call: (method, args) => dispatch(host.api, method, args),
    onEvent: (listener) => host.onEvent(listener),
  };
  return { bridge, close: () => host.close() };
});

describeHost('WebSocket of the browser host', async ({ userDir, opened }) => {
  const rendererDir = join(userDir, 'renderer');
  const options = { rendererDir, userDir, version: '0.0.1', port: 0, open: [opened] };
  const host = await startBrowserHost(options);
  const socket = await connect(host.url);
  return {
    bridge: socket.bridge,
    close: async () => {
      socket.end();
      await host.close();
    },
  };
});

interface Answered {
  readonly id: number;
  readonly answer: unknown;
}

/** The page's end of the WebSocket, as a browser sends it. */
async function connect(
  url: string,
  { token, origin }: { readonly token?: string; readonly origin?: string } = {},
): Promise<{ bridge: HostBridge; end(): void }> {
  const { host, origin: own, hash } = new URL(url);
  const secret = token ?? hash.replace('#t=', '');
  const socket = new WebSocket(`ws://${host}/rpc`, ['faultline.v1', `t.${secret}`], {
    origin: origin ?? own,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  const waiting = new Map<number, (answer: unknown) => void>();
  const listeners = new Set<(event: HostEvent) => void>();
  let calls = 0;
  socket.on('message', (data: Buffer, binary: boolean) => {
    const message = decodeMessage(binary ? new Uint8Array(data) : data.toString()) as
      Answered | { readonly event: HostEvent };
    if ('event' in message) for (const listener of listeners) listener(message.event);
    else waiting.get(message.id)?.(message.answer);
  });
  const bridge: HostBridge = {
    call: (method, args) => {
      const id = ++calls;
      socket.send(encodeMessage({ id, method, args }));
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { bridge, end: () => socket.terminate() };
}

it('lets in nobody without token, from elsewhere or with a foreign Host', async () => {
  const userDir = mkdtempSync(join(tmpdir(), 'faultline-gate-'));
  writeFileSync(join(userDir, 'index.html'), '<p>__NONCE__</p>');
  writeFileSync(join(userDir, 'secret.txt'), 'x');
  const host = await startBrowserHost({ rendererDir: userDir, userDir, version: '1', port: 0 });
  try {
    await expect(connect(host.url, { token: 'wrong' })).rejects.toThrow('401');
    await expect(connect(host.url, { origin: 'http://evil.example' })).rejects.toThrow('403');
    const { origin } = new URL(host.url);
    const page = await fetch(`${origin}/`);
    const policy = page.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(nonce.length).toBeGreaterThan(20);
    expect(await page.text()).toBe(`<p>${nonce}</p>`);
    expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    const paths = ['/duckdb-ext/v1/x.wasm', '/..%2f..%2fetc/passwd', '/%2e%2e/x', '/%00'];
    const answers = await Promise.all(paths.map((path) => fetch(`${origin}${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await fetch(`${origin}/`, { method: 'POST' })).status).toBe(405);
  } finally {
    await host.close();
    rmSync(userDir, { recursive: true, force: true });
  }
});
