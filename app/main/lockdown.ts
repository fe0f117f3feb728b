import {
  dialog,
  shell,
  type App,
  type BrowserWindow,
  type Session,
  type WebContents,
} from 'electron';
import { externalHost, isOwnUrl, SCHEME } from './origin';

/** Writing text to the clipboard is what "Copy" does; nothing else is granted. */
const GRANTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** Denies what Electron would grant, and every request of the page that would leave the machine. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) =>
    answer(GRANTED.has(permission) && isOwnUrl(contents.getURL())),
  );
  session.setPermissionCheckHandler(
    (contents, permission) =>
      GRANTED.has(permission) && contents !== null && isOwnUrl(contents.getURL()),
  );
  session.setDevicePermissionHandler(() => false);
  const local = new Set([`${SCHEME}:`, 'blob:', 'data:', 'devtools:']);
  session.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !local.has(new URL(url).protocol) }),
  );
}

/** No page but our own is ever navigated to, no window opened, no webview attached. */
export function lockContents(app: App, windowOf: () => BrowserWindow | undefined): void {
  app.on('web-contents-created', (_, contents) => {
    lockNavigation(contents);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      const window = windowOf();
      if (window) void offerExternal(window, url);
      return { action: 'deny' };
    });
  });
}

function lockNavigation(contents: WebContents): void {
  contents.on('will-navigate', (event, url) => {
    if (!isOwnUrl(url)) event.preventDefault();
  });
  contents.on('will-redirect', (event, url) => {
    if (!isOwnUrl(url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnUrl(event.url)) event.preventDefault();
  });
}

/** A link to elsewhere opens in the browser, http and https only, after the person has seen where it leads. */
async function offerExternal(window: BrowserWindow, url: string): Promise<void> {
  const host = externalHost(url);
  if (host === undefined) return;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: `Open ${host} in your browser?`,
    detail: url.length > 300 ? `${url.slice(0, 300)}…` : url,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  if (response === 0) await shell.openExternal(url);
}
