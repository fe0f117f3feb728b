import { expect, test } from '../fixtures/app';
import { telemetryFolder } from '../fixtures/prepared';
import { ImportDialog } from '../pages/import';
import { Workbench } from '../pages/workbench';

test('what was imported and never saved survives a kill of everything', async ({ app }) => {
  const bench = new Workbench(app);
  const dialog = new ImportDialog(bench);
  await bench.drop([app.give(telemetryFolder())]);
  await dialog.looked(8);
  await dialog.import();
  await bench.analysed();
  const verdict = await bench.headline().textContent();
  const counts = (await bench.status().textContent())?.replace(/ in .*/, '');
  const address = app.page.url();

  await app.kill();
  await app.start();
  // The same origin again, so the same working copies.
  expect(new URL(app.page.url()).origin).toBe(new URL(address).origin);
  await expect(app.page.getByRole('heading', { name: /Recovered/ })).toBeVisible();
  await expect(app.page.getByText(/never saved/)).toBeVisible();
  await app.page.getByRole('button', { name: 'Recover' }).click();
  await bench.analysed();
  await expect(bench.caseName('shop-slow-query')).toBeVisible();
  await expect(bench.headline()).toHaveText(verdict ?? '');
  expect((await bench.status().textContent())?.replace(/ in .*/, '')).toBe(counts);
  await expect(bench.unsavedMark()).toBeVisible();
});

test('a decision made just before the kill is kept, and what is discarded stays away', async ({
  app,
}) => {
  const bench = new Workbench(app);
  await bench.openCase();
  await bench.selectFinding(0);
  await app.page.getByRole('button', { name: 'Rule out' }).click();
  await app.idle();
  const verdict = await bench.headline().textContent();
  await app.kill();

  await app.start();
  await app.page.getByRole('button', { name: 'Recover' }).click();
  await bench.analysed();
  await expect(bench.headline()).toHaveText(verdict ?? '');
  await app.kill();

  await app.start();
  await app.page.getByRole('button', { name: 'Discard…' }).click();
  await app.page.getByRole('button', { name: 'Discard it' }).click();
  await expect(app.page.getByRole('heading', { name: /Recovered/ })).toBeHidden();
  await app.restart();
  await expect(bench.startScreen()).toBeVisible();
  await expect(app.page.getByRole('heading', { name: /Recovered/ })).toBeHidden();
});
