import { expect, test } from '../fixtures/app';
import { Workbench } from '../pages/workbench';

test('the palette finds commands and entities, and ? lists every key', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.openCase();
  await app.page.keyboard.press('Control+K');
  await app.page.getByRole('combobox', { name: /^Command/ }).fill('payment');
  const matches = app.page.getByRole('listbox', { name: 'Matches' }).getByRole('option');
  await expect(matches.first()).toContainText('payment');
  await app.page.keyboard.press('Enter');
  await expect(bench.selected()).toContainText('payment');
  await bench.press('Escape');
  await expect(bench.selected()).toBeHidden();

  await bench.press('?');
  const shortcuts = bench.dialog('Shortcuts');
  for (const words of ['Save as', 'Zoom in', 'Next finding', 'Search or filter', 'Commands']) {
    await expect(shortcuts.getByText(words, { exact: true })).toBeVisible();
  }
  await bench.press('Escape');
  await expect(shortcuts).toBeHidden();

  await bench.press('.');
  await expect(bench.selected()).toContainText('order');
});

test('theme and docking are kept over a restart', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.openCase();
  await bench.command('Light theme');
  await expect(app.page.locator('html')).toHaveAttribute('data-theme', 'light');

  const place = async (name: string): Promise<number> =>
    (await app.page.getByRole('tab', { name, exact: true }).boundingBox())?.x ?? Number.NaN;
  const before = await place('Logs');
  await bench.dock('Logs', 'Findings');
  await expect.poll(() => place('Logs')).toBeLessThan(before - 100);
  const after = await place('Logs');
  await expect
    .poll(() => app.page.evaluate(() => document.documentElement.dataset['theme']))
    .toBe('light');
  // The layout is written half a second after the last change.
  await app.page.waitForTimeout(1000);

  await app.restart();
  await bench.openCase();
  await expect(app.page.locator('html')).toHaveAttribute('data-theme', 'light');
  expect(Math.abs((await place('Logs')) - after)).toBeLessThan(20);
  await bench.command('Reset the layout');
  await expect.poll(() => place('Logs')).toBeGreaterThan(after + 100);
});
