import { expect, type Locator, type Page } from '@playwright/test';
import type { App } from '../fixtures/app';

function analysedCase(): string {
  const file = process.env['FAULTLINE_E2E_CASE'];
  if (file === undefined) throw new Error('The run was not prepared: e2e/fixtures/run.ts.');
  return file;
}

/** The workbench as a person sees it: found by roles and words, never by structure. */
export class Workbench {
  constructor(private readonly app: App) {}

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

  caseName(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { level: 1, name });
  }

  /** Waits until an answer stands there and everything is drawn. */
  async analysed(): Promise<void> {
    await expect(this.findings().first()).toBeVisible({ timeout: 90_000 });
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

  claims(): Locator {
    return this.page.getByRole('list', { name: 'Evidence' }).getByRole('listitem');
  }

  /** A table of rows: of a number that was followed, or of SQL. */
  grid(): Locator {
    return this.page.getByRole('grid');
  }

  status(): Locator {
    return this.page.getByRole('contentinfo', { name: 'Status' });
  }

  verdict(): Locator {
    return this.page.getByRole('status').first();
  }

  async command(words: string): Promise<void> {
    await this.page.keyboard.press('Control+K');
    await this.page.getByRole('combobox').fill(words);
    await this.page.keyboard.press('Enter');
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.app.idle();
  }
}
