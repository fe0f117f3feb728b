import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { pathsFromArgv } from './argv';
import { answerAsset } from './assets';
import { menuTemplate, type MenuFacts } from './menu';
import { externalHost, isOwnTopFrame, isOwnUrl } from './origin';
import { SMALLEST, placeWindow } from './window-state';

describe('paths on the command line', () => {
  const files = new Set(['/data/a.faultline', '/data/logs', '/app', '/data/compat.cjs']);
  const facts = { cwd: '/data', appPath: '/app', exists: (path: string) => files.has(path) };

  it('are those of files that exist, made absolute', () => {
    const argv = ['/usr/bin/faultline', 'a.faultline', '/data/logs', 'missing', '--flag=1'];
    expect(pathsFromArgv(argv, facts)).toEqual(['/data/a.faultline', '/data/logs']);
  });

  it('are neither the program itself nor values of options', () => {
    const argv = ['electron', '-r', 'compat.cjs', '--inspect=0', '/app', 'a.faultline'];
    expect(pathsFromArgv(argv, facts)).toEqual(['/data/a.faultline']);
  });
});

describe('our own origin', () => {
  it('is told from everything that looks like it', () => {
    expect(isOwnUrl('app://faultline/')).toBe(true);
    expect(isOwnUrl('app://faultline/assets/x.js?y#z')).toBe(true);
    for (const url of [
      'app://faultline.evil/',
      'app://evil/faultline/',
      'app://user@faultline/',
      'app://faultline:80/',
      'https://faultline/',
      'file:///faultline/',
      'javascript:alert(1)',
      '',
    ]) {
      expect([url, isOwnUrl(url)]).toEqual([url, false]);
    }
  });

  it('is that of a top frame, not of a frame inside or of one that is gone', () => {
    expect(isOwnTopFrame({ url: 'app://faultline/', parent: null })).toBe(true);
    expect(isOwnTopFrame({ url: 'app://faultline/', parent: {} })).toBe(false);
    expect(isOwnTopFrame({ url: 'about:blank', parent: null })).toBe(false);
    expect(isOwnTopFrame(null)).toBe(false);
    expect(isOwnTopFrame(undefined)).toBe(false);
  });

  it('is left for the web only, without a sign-in', () => {
    expect(externalHost('https://docs.example.org/a')).toBe('docs.example.org');
    expect(externalHost('http://jaeger.example:16686/trace/1')).toBe('jaeger.example:16686');
    expect(externalHost('https://a:b@docs.example.org')).toBeUndefined();
    expect(externalHost('javascript:alert(1)')).toBeUndefined();
    expect(externalHost('file:///etc/passwd')).toBeUndefined();
    expect(externalHost('smb://host/share')).toBeUndefined();
  });
});

describe('the scheme', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-assets-'));
  const root = join(folder, 'renderer');
  beforeAll(() => {
    mkdirSync(join(root, 'assets'), { recursive: true });
    writeFileSync(join(root, 'index.html'), '<meta nonce="__NONCE__"><p nonce="__NONCE__">');
    writeFileSync(join(root, 'assets/x.wasm'), new Uint8Array([0, 97, 115, 109]));
    writeFileSync(join(folder, 'secret.txt'), 'not for the page');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const get = (path: string, method = 'GET'): Promise<Response> =>
    answerAsset(root, { url: `app://faultline${path}`, method });

  it('serves documents with the nonce of their policy', async () => {
    const [first, second] = await Promise.all([get('/'), get('/index.html')]);
    const html = await first.text();
    const nonce = /nonce="([^"]+)"><p nonce="\1">/.exec(html)?.[1] ?? '';
    expect(first.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(await second.text()).not.toBe(html);
  });

  it('serves bytes as they are, and only their headers to HEAD', async () => {
    const wasm = await get('/assets/x.wasm');
    expect(wasm.headers.get('content-type')).toBe('application/wasm');
    expect(wasm.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect([...new Uint8Array(await wasm.arrayBuffer())]).toEqual([0, 97, 115, 109]);
    const head = await get('/assets/x.wasm', 'HEAD');
    expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0]);
  });

  it('refuses other methods, hosts and what is not there', async () => {
    expect((await get('/', 'POST')).status).toBe(405);
    expect((await answerAsset(root, { url: 'app://other/', method: 'GET' })).status).toBe(403);
    const absent = ['/duckdb-ext/v1/x.wasm', '/assets', '/assets/', '/%00', '/%E0%A4%A', '/no'];
    const answers = await Promise.all(absent.map((path) => get(path)));
    expect(answers.map(({ status }) => status)).toEqual(absent.map(() => 404));
  });

  it('never leaves its folder, however the path is written', async () => {
    const step = fc.constantFrom('..', '%2e%2e', '.%2e', '..%2f', '..%5c', '.', 'assets', '');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const response = await get(`/${[...steps, 'secret.txt'].join('/')}`);
        expect(response.status).toBe(404);
      }),
    );
  });
});

describe('the window', () => {
  const area = { x: 0, y: 25, width: 1920, height: 1055 };
  const second = { x: 1920, y: 0, width: 1280, height: 1024 };
  const at = (x: number, y: number, width = 1000, height = 700) => ({
    bounds: { x, y, width, height },
    maximized: false,
  });

  it('comes back where it was, on whichever display', () => {
    expect(placeWindow(at(100, 100), [area])).toEqual(at(100, 100).bounds);
    expect(placeWindow(at(2000, 50), [area, second])).toEqual(at(2000, 50).bounds);
  });

  it('comes to the middle of the first display when its own is gone', () => {
    const { bounds } = at(460, 203);
    expect(placeWindow(at(2000, 50), [area])).toEqual(bounds);
    expect(placeWindow(at(100, -300), [area])).toEqual(bounds);
  });

  it('always fits and can be reached', () => {
    const number = fc.integer({ min: -5000, max: 5000 });
    const size = fc.integer({ min: -10, max: 6000 });
    fc.assert(
      fc.property(number, number, size, size, (x, y, width, height) => {
        const placed = placeWindow(at(x, y, width, height), [area, second]);
        expect(placed.width).toBeGreaterThanOrEqual(SMALLEST.width);
        expect(placed.width).toBeLessThanOrEqual(area.width);
        const shown = [area, second].some(
          (a) =>
            placed.x + placed.width >= a.x + 100 &&
            placed.x <= a.x + a.width - 100 &&
            placed.y >= a.y &&
            placed.y < a.y + a.height,
        );
        expect(shown).toBe(true);
      }),
    );
  });
});

describe('the menu', () => {
  const facts: MenuFacts = {
    platform: 'linux',
    development: false,
    recents: [{ path: '/a', name: 'R&D' }],
    send: () => undefined,
    openPath: () => undefined,
    closeWindow: () => undefined,
  };
  const rolesOf = (items: ReturnType<typeof menuTemplate>): readonly unknown[] =>
    items.flatMap((item) => [
      item.role,
      ...(Array.isArray(item.submenu) ? rolesOf(item.submenu) : []),
    ]);

  it('offers reload and developer tools in development only', () => {
    expect(rolesOf(menuTemplate(facts))).not.toContain('reload');
    expect(rolesOf(menuTemplate(facts))).not.toContain('toggleDevTools');
    expect(rolesOf(menuTemplate({ ...facts, development: true }))).toContain('reload');
  });

  it('opens recent cases by path and shows their names whole', () => {
    const opened: string[] = [];
    const template = menuTemplate({ ...facts, openPath: (path) => opened.push(path) });
    const text = JSON.stringify(template);
    expect(text).toContain('R&&D');
    const file = template.find(({ label }) => label === '&File')?.submenu;
    const recent = Array.isArray(file) ? file.find(({ id }) => id === 'open-recent')?.submenu : [];
    const [entry] = Array.isArray(recent) ? recent : [];
    (entry?.click as (() => void) | undefined)?.();
    expect(opened).toEqual(['/a']);
  });

  it('has the application menu on a Mac only', () => {
    expect(rolesOf(menuTemplate({ ...facts, platform: 'darwin' }))).toContain('appMenu');
    expect(rolesOf(menuTemplate(facts))).not.toContain('appMenu');
  });
});
