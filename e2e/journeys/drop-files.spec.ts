import { join } from 'node:path';
import { giveAway } from '../../scripts/electron-test.mjs';
import { expect, test, type App } from '../fixtures/app';
import { telemetryFolder, writeHalfGood } from '../fixtures/prepared';
import { ImportDialog } from '../pages/import';
import { Workbench } from '../pages/workbench';

function halfGood(app: App): string {
  const file = join(app.dir, 'half-good.jsonl');
  writeHalfGood(file);
  giveAway(file);
  return file;
}

test('a dropped folder says what is in it, writes nothing until Import, then is analysed', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const dialog = new ImportDialog(bench);
  const folder = app.give(telemetryFolder());
  await bench.drop([folder]);
  await dialog.looked(8);
  await expect(dialog.card('spans.otlp.jsonl.gz')).toContainText(/traces|spans/);
  await expect(dialog.card('spans.otlp.jsonl.gz')).toContainText('5 202'.replace(' ', '\u202f'));
  await expect(dialog.card('metrics.om.txt.gz')).toContainText('OpenMetrics');
  await expect(await dialog.openCard('case.json')).toContainText('"window" and "incident"');
  await expect(dialog.card('truth.json')).toContainText('never read');

  await dialog.cancel();
  await app.idle();
  await expect(bench.startScreen()).toBeVisible();
  await app.restart();
  await expect(bench.startScreen()).toBeVisible();
  await expect(app.page.getByRole('button', { name: 'Recover' })).toBeHidden();

  await bench.drop([folder]);
  await dialog.looked(8);
  await dialog.import();
  await bench.analysed();
  await expect(bench.caseName('shop-slow-query')).toBeVisible();
  await expect(bench.verdict()).toContainText('order, after Deploy order 4.13.0');
  await expect(bench.status()).toContainText(/5.202 spans/);
  await expect(bench.unsavedMark()).toBeVisible();
});

test('what would be dropped is said with examples; cancelled, the case is as it was', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const dialog = new ImportDialog(bench);
  await bench.openCase();
  const before = await bench.status().textContent();
  await bench.drop([halfGood(app)]);
  await dialog.looked(1);
  const card = await dialog.openCard('half-good.jsonl');
  await expect(card).toContainText('4 records would be dropped');
  await expect(card.getByRole('list', { name: 'Examples' }).getByRole('listitem')).toHaveCount(3);
  await expect(dialog.totals().last()).toContainText('4 would be dropped');

  await dialog.cancel();
  await app.idle();
  await expect(bench.unsavedMark()).toBeHidden();
  expect(await bench.status().textContent()).toBe(before);

  await bench.drop([halfGood(app)]);
  await dialog.looked(1);
  await dialog.import();
  await expect(bench.toast('4 records dropped')).toBeVisible();
  await expect(bench.unsavedMark()).toBeVisible();
});
