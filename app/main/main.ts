import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Menu, app, dialog, protocol, session } from 'electron';
import { z } from 'zod';
import { createNodeHost, startReceiver, userDir, type NodeHost } from '../node/host';
import { pathsFromArgv } from './argv';
import { answerAsset } from './assets';
import { nativeDialogs } from './dialogs';
import { sendEvent, serveHost } from './ipc';
import { lockContents, lockSession } from './lockdown';
import { menuTemplate } from './menu';
import { SCHEME } from './origin';
import { keychainSecrets, type KeychainSecrets } from './secrets';
import { createUpstream } from './upstream';
import { WorkbenchWindow } from './window';

const RENDERER = join(__dirname, '..', 'renderer');
const HOME = userDir();
const handedOver = z.object({ paths: z.array(z.string()) });

protocol.registerSchemesAsPrivileged([
  {
    scheme: SCHEME,
    privileges: {
      standard: true,
      secure: true,
      supportFetchAPI: true,
      stream: true,
      codeCache: true,
    },
  },
]);
app.enableSandbox();
mkdirSync(HOME, { recursive: true });
// Working copies live in Chromium's profile: it must be the same at every start.
app.setPath('userData', join(HOME, 'electron'));

const given = pathsFromArgv(process.argv, {
  cwd: process.cwd(),
  appPath: app.getAppPath(),
  exists: existsSync,
});
if (app.requestSingleInstanceLock({ paths: given })) {
  start();
} else {
  app.quit();
}

function start(): void {
  let shell: Shell | undefined;
  const early = [...given];
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (shell) shell.open([path]);
    else early.push(path);
  });
  app.on('second-instance', (_event, _argv, _cwd, data) => {
    const other = handedOver.safeParse(data);
    const paths = other.success ? other.data.paths : [];
    if (shell) shell.open(paths);
    else early.push(...paths);
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  lockContents(app, () => shell?.browserWindow);
  const begin = async (): Promise<void> => {
    await app.whenReady();
    lockSession(session.defaultSession);
    protocol.handle(SCHEME, (request) => answerAsset(RENDERER, request));
    shell = new Shell(await keychainSecrets(HOME));
    app.on('activate', () => shell?.open([]));
    shell.open(early.splice(0));
  };
  begin().catch((error: unknown) => {
    dialog.showErrorBox('Faultline cannot start', String(error));
    app.exit(1);
  });
}

/** Host, menu and window of a running program. */
class Shell {
  private readonly host: NodeHost;
  private current: WorkbenchWindow | undefined;
  private quitting = false;

  constructor(secrets: KeychainSecrets) {
    const windowOf = (): WorkbenchWindow => this.current ?? this.openWindow();
    const dialogs = nativeDialogs(() => windowOf().window, app.getPath('documents'));
    this.host = createNodeHost({
      kind: 'electron',
      version: app.getVersion(),
      userDir: HOME,
      can: [
        'native-dialog',
        'native-menu',
        'path-access',
        ...(secrets.keeps ? (['keychain'] as const) : []),
      ],
      makeUpstream: createUpstream,
      startReceiver,
      secrets: secrets.store,
      shell: {
        ...dialogs,
        confirmClose: async (name) => {
          const answer = await dialogs.confirmClose(name);
          if (answer === 'cancel') this.quitting = false;
          return answer;
        },
        showState: (state) => windowOf().showState(state),
        closeWindow: () => windowOf().closeNow(),
      },
    });
    this.host.onEvent((event) => sendEvent(this.current?.window.webContents, event));
    serveHost(this.withRecents());
    app.on('before-quit', () => (this.quitting = true));
    app.on('will-quit', () => void this.host.close());
    void this.refreshMenu();
  }

  get browserWindow(): Electron.BrowserWindow | undefined {
    return this.current?.window;
  }

  /** Opens paths in the window there is, or in a new one. */
  open(paths: readonly string[]): void {
    this.host.openPaths(paths);
    if (this.current) this.current.raise();
    else this.openWindow();
  }

  private openWindow(): WorkbenchWindow {
    const opened = new WorkbenchWindow({
      userDir: HOME,
      preload: join(__dirname, 'preload.cjs'),
      development: !app.isPackaged,
      onUnsaved: () => this.host.command({ id: 'close-window' }),
      onPageGone: () => void this.host.pageGone(),
    });
    this.current = opened;
    opened.window.on('closed', () => {
      this.current = undefined;
      if (this.quitting) app.quit();
    });
    void opened.load().catch((error: unknown) => {
      if (!opened.window.isDestroyed()) dialog.showErrorBox('Faultline', String(error));
    });
    return opened;
  }

  /** The list of recent cases also stands in the menu and, where there is one, in the system's list. */
  private withRecents(): NodeHost['api'] {
    const { api } = this.host;
    return {
      ...api,
      addRecent: async (recent) => {
        await api.addRecent(recent);
        app.addRecentDocument(recent.path);
        await this.refreshMenu();
      },
      removeRecent: async (path) => {
        await api.removeRecent(path);
        await this.refreshMenu();
      },
    };
  }

  private async refreshMenu(): Promise<void> {
    const template = menuTemplate({
      platform: process.platform,
      development: !app.isPackaged,
      recents: await this.host.api.recents(),
      send: (command) => {
        if (!this.current) this.openWindow();
        this.host.command(command);
      },
      openPath: (path) => this.open([path]),
      closeWindow: () =>
        process.platform === 'darwin' ? this.current?.window.close() : app.quit(),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }
}
