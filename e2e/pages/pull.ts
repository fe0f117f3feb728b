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
