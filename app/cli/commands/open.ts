import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultlineError } from '../../../core/base';
import { openAppWindow, startBrowserHost } from '../../host';
import type { Context } from '../context';
import { detectElectron, whyNoElectron } from '../detect-electron';
import { userDir } from '../../node';
import { VERSION } from '../version';

export interface ServeFlags {
  readonly port?: string;
}

/** The built program's folder, dist/: this file is bundled to dist/cli/. */
function distDir(): string {
  return resolve(dirname(fileURLToPath(import.meta.url)), '..');
}

function checked(paths: readonly string[]): readonly string[] {
  return paths.map((path) => {
    if (!existsSync(path)) throw new FaultlineError('not-found', `There is no file ${path}.`);
    return resolve(path);
  });
}

export async function serveCommand(
  paths: readonly string[],
  flags: ServeFlags,
  context: Context,
): Promise<void> {
  const port = flags.port === undefined ? undefined : Number(flags.port);
  const host = await startBrowserHost({
    rendererDir: resolve(distDir(), 'renderer'),
    userDir: userDir(),
    version: VERSION,
    port,
    open: checked(paths),
  });
  context.out.result({ schema: 1, url: host.url }, () => `Faultline is at ${host.url}`);
  await untilInterrupted(context.signal);
  await host.close();
}

/** The best shell there is: Electron where its binary is, else the browser host in an app window. */
export async function openCommand(paths: readonly string[], context: Context): Promise<void> {
  const files = checked(paths);
  const root = resolve(distDir(), '..');
  const reason = whyNoElectron({
    platform: process.platform,
    uid: process.getuid?.(),
    hasDisplay: hasDisplay(),
  });
  const electron =
    reason === undefined ? detectElectron(root) : ({ state: 'absent', reason } as const);
  if (electron.state === 'present') {
    const child = spawn(electron.exe, [root, ...files], { stdio: 'inherit' });
    await new Promise<void>((done) => child.once('exit', () => done()));
    return;
  }
  context.out.note(`Browser host, because ${electron.reason}.`);
  const host = await startBrowserHost({
    rendererDir: resolve(distDir(), 'renderer'),
    userDir: userDir(),
    version: VERSION,
    open: files,
  });
  context.out.result({ schema: 1, url: host.url }, () => `Faultline is at ${host.url}`);
  if (hasDisplay()) {
    const window = await openAppWindow(host.url, userDir());
    if (!window.opened) context.out.note(window.reason);
  }
  await untilInterrupted(context.signal);
  await host.close();
}

function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

function untilInterrupted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    // A pending timer keeps the process up; the abort ends it.
    const timer = setInterval(() => undefined, 2 ** 30);
    const end = (): void => {
      clearInterval(timer);
      done();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
