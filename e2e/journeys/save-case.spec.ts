import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures/app';
import { analysedCase } from '../fixtures/prepared';
import { Workbench } from '../pages/workbench';

test('changes are marked, saved under a new name, and open offline with the same verdict', async ({
  app,
}) => {
  const bench = new Workbench(app);
  await bench.openCase();
  await expect(bench.unsavedMark()).toBeHidden();
  await bench.selectFinding(0);
  await app.page.getByRole('button', { name: 'Rule out' }).click();
  await app.idle();
  await expect(bench.unsavedMark()).toBeVisible();
  await expect(app.page).toHaveTitle(/^• /);
  await expect(bench.verdict()).not.toContainText('order, after Deploy order');
  const verdict = await bench.headline().textContent();

  const copy = join(app.dir, 'second.faultline');
  await bench.saveAs(copy);
  expect(existsSync(copy)).toBe(true);
  await expect(bench.unsavedMark()).toBeHidden();

  await app.restart();
  await expect(app.page.getByRole('button', { name: 'Recover' })).toBeHidden();
  // The browser host is this machine itself; Electron needs no network at all.
  if (app.isElectron) await app.page.context().setOffline(true);
  await bench.choose(copy);
  await bench.analysed();
  await expect(bench.headline()).toHaveText(verdict ?? '');
  await expect(app.page.getByText('Ruled out')).toBeVisible();
});

test('a case with changes is not closed without a word', async ({ app }) => {
  const bench = new Workbench(app);
  const file = app.give(analysedCase());
  await bench.choose(file);
  await bench.analysed();
  await bench.selectFinding(1);
  await app.page.getByRole('button', { name: 'Support' }).click();
  await app.idle();

  await bench.command('Close the case');
  await bench.unsavedQuestion().getByRole('button', { name: 'Cancel' }).click();
  await expect(bench.caseName('incident')).toBeVisible();
  await expect(bench.unsavedMark()).toBeVisible();

  await bench.command('Close the case');
  await bench.unsavedQuestion().getByRole('button', { name: 'Save', exact: true }).click();
  await expect(bench.startScreen()).toBeVisible();

  await bench.choose(file);
  await bench.analysed();
  await expect(bench.findings().filter({ hasText: 'supported' })).toBeVisible();
  const headline = await bench.headline().textContent();
  await bench.selectFinding(0);
  await app.page.getByRole('button', { name: 'Rule out' }).click();
  await app.idle();
  await bench.command('Close the case');
  await bench.unsavedQuestion().getByRole('button', { name: 'Don’t save' }).click();
  await expect(bench.startScreen()).toBeVisible();
  await bench.choose(file);
  await bench.analysed();
  await expect(bench.headline()).toHaveText(headline ?? '');
  await expect(app.page.getByText('Ruled out')).toBeHidden();
});
