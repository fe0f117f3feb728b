import { join } from 'node:path';
import { giveAway } from '../../scripts/electron-test.mjs';
import { expect, test } from '../fixtures/app';
import { writeHalfGood } from '../fixtures/prepared';
import { ImportDialog } from '../pages/import';
import { Workbench } from '../pages/workbench';

test('what was imported is undone and done again; what was removed comes back until the case is saved', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const { page } = app;
  await bench.openCase();
  const file = join(app.dir, 'more.jsonl');
  writeHalfGood(file);
  giveAway(file);
  await new ImportDialog(bench).take([file]);
  await bench.tab('Sources');
  const card = page.getByRole('listitem').filter({ hasText: 'more.jsonl' });
  await expect(card).toBeVisible();

  await page.keyboard.press('Control+z');
  await expect(card).toBeHidden();
  await page.keyboard.press('Control+Shift+z');
  await expect(card).toBeVisible();

  await card.getByRole('button', { name: 'Remove…' }).click();
  await card.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(card).toBeHidden();
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
  await expect(card).toBeVisible();
  await app.idle();
  await expect(bench.verdict()).toContainText('order, after Deploy order 4.13.0');
});
