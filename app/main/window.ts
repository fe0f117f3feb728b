import { join } from 'node:path';
import { BrowserWindow, screen } from 'electron';
import type { HostApi } from '../../core/host';
import { JsonFile } from '../node/host';
import { askAfterCrash, askWhenStuck } from './dialogs';
import { START_URL } from './origin';
import { SMALLEST, placeWindow, windowStateSchema, type WindowState } from './window-state';

export interface WindowOptions {
  readonly userDir: string;
  readonly preload: string;
  readonly development: boolean;
  /** The window is asked to close although there are unsaved changes. */
  readonly onUnsaved: () => void;
  /** The page is gone: closed, reloaded, crashed. */
  readonly onPageGone: () => void;
}

/** The one window. Unsaved changes hold it open until `closeNow`. */
export class WorkbenchWindow {
  readonly window: BrowserWindow;
  private dirty = false;
  private agreed = false;
  private readonly remembered: JsonFile<WindowState | undefined>;

  constructor(private readonly options: WindowOptions) {
    this.remembered = new JsonFile<WindowState | undefined>(
      join(options.userDir, 'window.json'),
      (value) => windowStateSchema.parse(value),
      undefined,
    );
    const last = this.remembered.read();
    const [first, ...others] = screen.getAllDisplays().map(({ workArea }) => workArea);
    const primary = first ?? screen.getPrimaryDisplay().workArea;
    this.window = new BrowserWindow({
      ...placeWindow(last, [primary, ...others]),
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      show: false,
      title: 'Faultline',
      backgroundColor: '#111417',
      webPreferences: {
        preload: options.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        // Chromium would fetch dictionaries from the network.
        spellcheck: false,
        devTools: options.development,
      },
    });
    if (last?.maximized) this.window.maximize();
    this.watch();
  }

  load(): Promise<void> {
    return this.window.loadURL(START_URL);
  }

  readonly showState: HostApi['showState'] = async ({ title, dirty, path }) => {
    this.dirty = dirty;
    this.window.setTitle(dirty && process.platform !== 'darwin' ? `• ${title}` : title);
    this.window.setDocumentEdited(dirty);
    this.window.setRepresentedFilename(path ?? '');
  };

  /** The workbench has asked: closes without another question. */
  readonly closeNow: HostApi['closeWindow'] = async () => {
    this.agreed = true;
    // Not at once: the page's call is answered first.
    setImmediate(() => this.window.isDestroyed() || this.window.close());
  };

  raise(): void {
    if (this.window.isMinimized()) this.window.restore();
    this.window.show();
    this.window.focus();
  }

  private watch(): void {
    const { window, options } = this;
    window.once('ready-to-show', () => window.show());
    // The workbench names the window through showState, with the unsaved mark.
    window.on('page-title-updated', (event) => event.preventDefault());
    window.on('close', (event) => {
      this.remember();
      if (!this.dirty || this.agreed) return;
      event.preventDefault();
      options.onUnsaved();
    });
    window.on('closed', options.onPageGone);
    window.webContents.on('did-navigate', () => this.pageGone());
    window.webContents.on('render-process-gone', (_, { reason }) => {
      this.pageGone();
      if (reason !== 'clean-exit') void this.afterCrash(reason);
    });
    let asking = false;
    window.on('unresponsive', () => {
      if (asking) return;
      asking = true;
      void this.whenStuck().finally(() => (asking = false));
    });
  }

  private pageGone(): void {
    this.dirty = false;
    this.options.onPageGone();
  }

  private async whenStuck(): Promise<void> {
    const reload = await askWhenStuck(this.window);
    if (reload && !this.window.isDestroyed()) this.window.webContents.forcefullyCrashRenderer();
  }

  private async afterCrash(reason: string): Promise<void> {
    const reload = await askAfterCrash(this.window, reason);
    if (this.window.isDestroyed()) return;
    if (reload) this.window.webContents.reload();
    else this.window.destroy();
  }

  private remember(): void {
    const bounds = this.window.getNormalBounds();
    this.remembered.write({ bounds, maximized: this.window.isMaximized() });
  }
}
