import { readFileSync } from 'node:fs';
import { expect, test } from '../fixtures/app';

interface WithPreferences {
  getLastWebPreferences(): object;
}

test('the page runs in Chromium’s sandbox, isolated and without Node', async ({ app }) => {
  const facts = await app.electron.evaluate(({ webContents, BrowserWindow }) => {
    const [contents] = webContents.getAllWebContents();
    return {
      argv: process.argv,
      windows: BrowserWindow.getAllWindows().length,
      // Not in the types, and there all the same.
      preferences: (contents as unknown as WithPreferences).getLastWebPreferences(),
      pid: contents?.getOSProcessId() ?? 0,
      uid: process.getuid?.(),
    };
  });
  expect(facts.argv).not.toContain('--no-sandbox');
  expect(facts.uid).not.toBe(0);
  expect(facts.windows).toBe(1);
  expect(facts.preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
  });
  // 2 is seccomp's filter mode: the kernel refuses what a renderer need not do.
  const status = readFileSync(`/proc/${facts.pid}/status`, 'utf8');
  expect(/^Seccomp:\s*(\d)/m.exec(status)?.[1]).toBe('2');
  const globals = await app.page.evaluate(() => {
    const named = ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron', 'global'];
    return named.filter((name) => name in window);
  });
  expect(globals).toEqual([]);
});

test('exactly the bridge is exposed', async ({ app }) => {
  const { added, bridge } = await app.page.evaluate(() => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const plain = new Set(Object.getOwnPropertyNames(frame.contentWindow ?? {}));
    frame.remove();
    const own = Object.getOwnPropertyNames(window).filter((name) => !plain.has(name));
    const { faultlineHost } = window as unknown as { faultlineHost: object };
    const kinds = Object.entries(faultlineHost).map(([name, value]) => [name, typeof value]);
    return {
      added: own.filter((name) => !/^\d+$|^__(playwright|zod_)|^__faultline$/.test(name)),
      bridge: { kinds, prototype: Object.getPrototypeOf(faultlineHost) === Object.prototype },
    };
  });
  expect(added).toEqual(['faultlineHost']);
  expect(bridge).toEqual({ kinds: [['call', 'function'], ['onEvent', 'function']], prototype: true }); // prettier-ignore
});

test('documents carry the policy with a nonce of their own', async ({ app }) => {
  const load = () =>
    app.page.evaluate(async () => {
      const response = await fetch('app://faultline/', { cache: 'no-store' });
      return { headers: Object.fromEntries(response.headers), html: await response.text() };
    });
  const [first, second] = [await load(), await load()];
  const nonceOf = (policy = '') => /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
  const policy = first.headers['content-security-policy'];
  for (const part of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"]) {
    expect(policy).toContain(part);
  }
  expect(policy).not.toMatch(/unsafe-eval'(?<!wasm-unsafe-eval')|script-src[^;]*unsafe-inline/);
  const nonces = [policy, second.headers['content-security-policy']].map(nonceOf);
  expect(nonces[0]).not.toBe(nonces[1]);
  expect(first.html).not.toContain('__NONCE__');
  expect(first.headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'x-content-type-options': 'nosniff',
  });
  expect(await app.page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test('the scheme serves the workbench and nothing else', async ({ app }) => {
  const answers = await app.page.evaluate(async () => {
    const ask = async (url: string, method = 'GET'): Promise<string> => {
      try {
        return String((await fetch(url, { method })).status);
      } catch {
        return 'refused';
      }
    };
    return {
      start: await ask('/'),
      head: await ask('/', 'HEAD'),
      post: await ask('/', 'POST'),
      extension: await ask('/duckdb-ext/v1.4.3/wasm_eh/json.duckdb_extension.wasm'),
      outside: await ask('/..%2f..%2fpackage.json'),
      dots: await ask('/%2e%2e/main/main.cjs'),
      folder: await ask('/assets'),
      otherHost: await ask('app://elsewhere/'),
      network: await ask('https://example.org/'),
      loopback: await ask('http://127.0.0.1:9/'),
      file: await ask('file:///etc/passwd'),
    };
  });
  expect(answers).toEqual({
    start: '200',
    head: '200',
    post: '405',
    extension: '404',
    outside: '404',
    dots: '404',
    folder: '404',
    otherHost: 'refused',
    network: 'refused',
    loopback: 'refused',
    file: 'refused',
  });
  // Also without the policy: the page's session reaches no network.
  const blocked = await app.electron.evaluate(
    ({ net }) =>
      new Promise<string>((resolve) => {
        const request = net.request('http://127.0.0.1:9/');
        request.on('error', ({ message }) => resolve(message));
        request.end();
      }),
  );
  expect(blocked).toBe('net::ERR_BLOCKED_BY_CLIENT');
  expect(app.problems.length).toBeGreaterThan(0);
  app.problems.length = 0;
});

test('navigation is locked, links ask before they leave', async ({ app }) => {
  await app.page.evaluate(() => {
    location.href = 'https://example.org/away';
  });
  await app.page.evaluate(() => {
    location.href = 'file:///etc/passwd';
  });
  const opened = await app.page.evaluate(() =>
    [
      'https://docs.example.org/x',
      'http://jaeger.internal:16686/trace/1',
      'https://user:secret@example.org/',
      'file:///etc/passwd',
      '/',
    ].map((url) => window.open(url) === null),
  );
  expect(opened).toEqual([true, true, true, true, true]);
  // http too: backends within a network are reached by it. Never with a sign-in.
  await expect
    .poll(async () => (await app.askedDialogs()).map(({ message }) => message))
    .toEqual([
      'Open docs.example.org in your browser?',
      'Open jaeger.internal:16686 in your browser?',
    ]);
  expect(app.page.url()).toBe('app://faultline/');
  const count = await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows());
  expect(count.length).toBe(1);
  app.problems.length = 0;
});

test('permissions are denied, except to write text to the clipboard', async ({ app }) => {
  const states = await app.page.evaluate(async () => {
    const query = async (name: string): Promise<string> =>
      (await navigator.permissions.query({ name: name as PermissionName })).state;
    return {
      notification: await Notification.requestPermission(),
      geolocation: await query('geolocation'),
      read: await query('clipboard-read'),
      midi: await query('midi'),
    };
  });
  expect(states).toEqual({
    notification: 'denied',
    geolocation: 'denied',
    read: 'denied',
    midi: 'denied',
  });
});

test('what is copied stands in the system’s clipboard', async ({ app }) => {
  await app.page.bringToFront();
  await app.page.evaluate(() => navigator.clipboard.writeText('select 1'));
  // The promise is kept when the page has handed the text over; the system's clipboard has it a moment later.
  await expect
    .poll(() => app.electron.evaluate(({ clipboard }) => clipboard.readText()))
    .toBe('select 1');
});
