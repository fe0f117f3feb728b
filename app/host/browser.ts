import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const CANDIDATES: Readonly<Record<string, readonly string[]>> = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/microsoft-edge',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/** A Chromium on this machine; FAULTLINE_CHROMIUM names another. */
function findChromium(): string | undefined {
  const own = process.env['FAULTLINE_CHROMIUM'];
  if (own) return existsSync(own) ? own : undefined;
  return (CANDIDATES[process.platform] ?? []).find((path) => existsSync(path));
}

/** Opens the workbench in a window of its own, without tabs and address bar. */
export function openAppWindow(
  url: string,
  userDir: string,
): Promise<{ readonly opened: boolean; readonly reason: string }> {
  const chromium = findChromium();
  if (!chromium) {
    const reason = 'No Chromium was found; open the address above in one.';
    return Promise.resolve({ opened: false, reason });
  }
  const args = [`--app=${url}`, `--user-data-dir=${join(userDir, 'browser')}`, '--no-first-run'];
  // Chromium's sandbox refuses root.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  const child = spawn(chromium, args, { stdio: 'ignore', detached: true });
  child.unref();
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ opened: false, reason: error.message }));
    child.once('spawn', () => resolve({ opened: true, reason: '' }));
  });
}
