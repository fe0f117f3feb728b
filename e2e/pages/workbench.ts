import { basename } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import type { App } from '../fixtures/app';
import { analysedCase } from '../fixtures/prepared';

/** The workbench as a person sees it: found by roles and words, never by structure. */
export class Workbench {
  constructor(readonly app: App) {}

  private get page(): Page {
    return this.app.page;
  }

  /** The bundled sample, from the start screen. */
  async openSample(): Promise<void> {
    await this.page.getByRole('button', { name: /sample incident/ }).click();
    await expect(this.caseName('sample')).toBeVisible({ timeout: 60_000 });
    await this.analysed();
  }

  /** The sample as a case file that was analysed before: opens in a moment. */
  async openCase(): Promise<void> {
    await this.app.openPaths([this.app.give(analysedCase())]);
    await expect(this.caseName('incident')).toBeVisible({ timeout: 60_000 });
    await this.analysed();
  }

  /** Keys are heard once something is drawn. */
  private async listening(): Promise<void> {
    await expect(this.status()).toBeVisible();
  }

  /** Opens a file of this machine: by the native dialog where there is one, else by our own. */
  async choose(path: string): Promise<void> {
    await this.app.answerDialogs({ open: [path] });
    await this.listening();
    await this.page.keyboard.press('Control+o');
    if (this.app.isElectron) return;
    const dialog = this.dialog('Open a case or files');
    await dialog.getByLabel('Path').fill(path);
    await expect(dialog.getByRole('option', { name: basename(path) })).toBeVisible();
    await dialog.getByLabel('Path').press('Enter');
  }

  /** Files and folders of this machine are dropped on the window, as the system does it. */
  async drop(paths: readonly string[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [...paths], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 500, y: 400, data });
    }
    await session.detach();
  }

  /** Saves under a new path. */
  async saveAs(path: string): Promise<void> {
    await this.app.answerDialogs({ save: path });
    await this.page.keyboard.press('Control+Shift+S');
    if (!this.app.isElectron) await this.fillSaveAs(path);
    await expect(this.toast('Saved')).toBeVisible();
    await this.app.idle();
  }

  /** The browser host's own dialog, wherever it was asked for. */
  async fillSaveAs(path: string): Promise<void> {
    const dialog = this.dialog('Save the case');
    await dialog.getByLabel('Path on this machine').fill(path);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  }

  dialog(name?: string | RegExp): Locator {
    return this.page.getByRole('dialog', name === undefined ? {} : { name });
  }

  toast(words: string): Locator {
    return this.page.getByRole('status').filter({ hasText: words });
  }

  /** Errors that were told; they stay until they are dismissed. */
  errors(): Locator {
    return this.page.getByRole('alert');
  }

  startScreen(): Locator {
    return this.page.getByRole('group', { name: 'Begin' });
  }

  unsavedMark(): Locator {
    return this.page.getByRole('button', { name: 'Unsaved changes: save' });
  }

  /** The question that stands in for everything that would lose changes. */
  unsavedQuestion(): Locator {
    return this.dialog(/^Save the changes to/);
  }

  /** What is selected, in words; the header's second line. */
  selected(): Locator {
    return this.page.getByText(/^selected: /);
  }

  caseName(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { level: 1, name });
  }

  /** Waits until an answer stands there and everything is drawn. */
  async analysed(): Promise<void> {
    await expect(this.headline()).toBeVisible({ timeout: 90_000 });
    await this.app.idle();
  }

  findings(): Locator {
    return this.page.getByRole('list', { name: 'Probable causes' }).getByRole('listitem');
  }

  async selectFinding(at: number): Promise<void> {
    await this.findings().nth(at).click();
    await this.app.idle();
  }

  async tab(name: string): Promise<void> {
    await this.page.getByRole('tab', { name, exact: true }).click();
    await this.app.idle();
  }

  /** Docks a panel where another one is: its tab is dragged there. */
  async dock(name: string, onto: string): Promise<void> {
    const { mouse } = this.page;
    await this.page.getByRole('tab', { name, exact: true }).hover();
    await mouse.down();
    const target = await this.page.getByRole('tab', { name: onto, exact: true }).boundingBox();
    if (!target) throw new Error(`There is no ${onto}.`);
    const [x, y] = [target.x + target.width - 4, target.y + target.height / 2];
    await mouse.move(x + 60, y + 5, { steps: 12 });
    await mouse.move(x, y, { steps: 12 });
    await mouse.up();
    await this.app.idle();
  }

  claims(): Locator {
    return this.page.getByRole('list', { name: 'Evidence' }).getByRole('listitem');
  }

  /** A table of rows: of a number that was followed, or of SQL. */
  grid(): Locator {
    return this.page.getByRole('grid');
  }

  /** Rows of the list of traces. */
  traces(): Locator {
    return this.page.getByRole('table', { name: 'Traces' }).getByRole('row');
  }

  status(): Locator {
    return this.page.getByRole('contentinfo', { name: 'Status' });
  }

  verdict(): Locator {
    return this.page.getByRole('status').first();
  }

  /** The answer in one sentence. */
  headline(): Locator {
    return this.verdict().getByRole('button').first();
  }

  async command(words: string): Promise<void> {
    await this.listening();
    await this.page.keyboard.press('Control+K');
    await this.page.getByRole('combobox', { name: /^Command/ }).fill(words);
    await this.page.keyboard.press('Enter');
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.app.idle();
  }
}
