import { expect, type Locator } from '@playwright/test';
import type { Workbench } from './workbench';

/** The pull dialog, from the backend's address to its rows. */
export class PullDialog {
  constructor(private readonly bench: Workbench) {}

  get dialog(): Locator {
    return this.bench.dialog(/^Pull from/);
  }

  async open(): Promise<void> {
    await this.bench.command('Pull from a backend');
    await expect(this.dialog).toBeVisible();
  }

  /** A backend that was not known before. */
  async enter(kind: string, url: string, name: string): Promise<void> {
    const kinds = this.dialog.getByRole('combobox', { name: 'Kind' });
    const address = this.dialog.getByLabel(/^Address/);
    // The backends that are known come a moment after the dialog, the first of them chosen.
    await expect(async () => {
      await this.dialog.getByRole('combobox', { name: 'Backend' }).selectOption('a new one');
      await expect(kinds.getByRole('option')).not.toHaveCount(0, { timeout: 1000 });
      await expect(address).toHaveValue('', { timeout: 1000 });
    }).toPass();
    const option = await kinds.getByRole('option', { name: kind }).first().textContent();
    await kinds.selectOption(option);
    await address.fill(url);
    await this.dialog.getByLabel('Name', { exact: true }).fill(name);
  }

  /** A backend that is known. */
  async choose(name: string): Promise<void> {
    await this.dialog.getByRole('combobox', { name: 'Backend' }).selectOption(name);
  }

  async signIn(user: string, password: string): Promise<void> {
    await this.dialog.getByLabel('Sign-in').selectOption('user name and password');
    await this.dialog.getByRole('textbox', { name: 'User name' }).fill(user);
    await this.dialog.getByLabel('Password', { exact: true }).fill(password);
  }

  /** Presses Test; what the backend said stands in the answer. */
  async test(): Promise<Locator> {
    await this.dialog.getByRole('button', { name: 'Test' }).click();
    const answer = this.dialog.getByRole('region', { name: 'Backend' }).getByRole('status');
    await expect(answer).not.toContainText(/Not asked yet|Asking/);
    return answer;
  }

  async window(from: string, to: string): Promise<void> {
    await this.dialog.getByLabel(/^From/).fill(from);
    await this.dialog.getByLabel(/^To,/).fill(to);
  }

  /** Asks what there is; the list of it, with counts. */
  async count(): Promise<Locator> {
    await this.dialog.getByRole('button', { name: 'Count what is there' }).click();
    const found = this.dialog.getByRole('group', { name: 'What to pull' });
    await expect(found).toBeVisible();
    return found;
  }

  /** What is there over time; it comes by itself once the backend has answered. */
  overTime(): Locator {
    return this.dialog.getByRole('region', { name: 'Over time' });
  }

  /** Drags over a stretch of the preview, from and to as shares of its width. */
  async narrow(from: number, to: number): Promise<void> {
    const chart = this.overTime().getByRole('img');
    const page = this.dialog.page();
    const box = await chart.boundingBox();
    if (!box) throw new Error('There is no chart.');
    const y = box.y + box.height / 3;
    await page.mouse.move(box.x + box.width * from, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * to, y, { steps: 4 });
    await page.mouse.up();
  }

  /** The time as it stands in the fields. */
  async times(): Promise<readonly [string, string]> {
    const { dialog } = this;
    return [
      await dialog.getByLabel(/^From/).inputValue(),
      await dialog.getByLabel(/^To,/).inputValue(),
    ];
  }

  /** Pulls and closes; resolves to what the end said. */
  async pull(): Promise<string> {
    await this.dialog.getByRole('button', { name: 'Pull', exact: true }).click();
    const end = this.dialog.getByRole('status').filter({ hasText: /rows? from/ });
    await expect(end).toBeVisible({ timeout: 90_000 });
    const said = (await end.textContent()) ?? '';
    await this.dialog.getByRole('button', { name: 'Close' }).click();
    await expect(this.dialog).toBeHidden();
    return said;
  }

  /** Pulls and follows; the dialog goes, the status bar shows it. */
  async follow(): Promise<void> {
    await this.dialog.getByRole('checkbox', { name: 'Follow' }).check();
    await this.dialog.getByRole('button', { name: 'Pull and follow' }).click();
    await expect(this.dialog).toBeHidden();
  }

  async cancel(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(this.dialog).toBeHidden();
  }

  async text(): Promise<string> {
    return (await this.dialog.textContent()) ?? '';
  }
}
