import { expect, type Locator } from '@playwright/test';
import type { Workbench } from './workbench';

/** The import dialog: a card a file. */
export class ImportDialog {
  constructor(private readonly bench: Workbench) {}

  private get dialog(): Locator {
    return this.bench.dialog(/^Import/);
  }

  /** Drops files on the window and imports them as they are taken, analysed and shown. */
  async take(files: readonly string[]): Promise<void> {
    await this.bench.drop(files);
    await this.looked(files.length);
    await this.import();
    await this.bench.app.idle();
  }

  /** Waits until every file was looked at. */
  async looked(files: number): Promise<void> {
    await expect(this.dialog.getByRole('heading', { name: `Import ${files} file` })).toBeVisible({
      timeout: 60_000,
    });
  }

  card(name: string): Locator {
    return this.dialog.getByRole('listitem').filter({ hasText: name }).first();
  }

  async openCard(name: string): Promise<Locator> {
    const card = this.card(name);
    const button = card.getByRole('button', { name });
    if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
    return card;
  }

  totals(): Locator {
    return this.dialog.getByRole('status');
  }

  async import(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(this.dialog).toBeHidden({ timeout: 90_000 });
  }

  async cancel(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(this.dialog).toBeHidden();
  }
}
