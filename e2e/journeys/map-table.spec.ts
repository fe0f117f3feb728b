import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { giveAway } from '../../scripts/electron-test.mjs';
import { expect, test, type App } from '../fixtures/app';
import { ImportDialog } from '../pages/import';
import { Workbench } from '../pages/workbench';

/** A table whose names say nothing: nobody can guess what is what. */
function strangeTable(app: App): string {
  const lines = ['k1;k2;k3;k4'];
  for (let i = 0; i < 30; i++) {
    const minute = String(i % 60).padStart(2, '0');
    lines.push(`${i};2024-05-01 10:${minute}:00;${i % 2 ? 'cart' : 'payment'};stop${i}`);
  }
  lines.push('30;no time;cart;stop30');
  const file = join(app.dir, 'strange.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  giveAway(file);
  return file;
}

test('of a database each table has its own mapping and preview, and can be left out', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const dialog = new ImportDialog(bench);
  const shop = resolve(import.meta.dirname, '../../connectors/sqlite/samples/shop.db');
  await bench.drop([app.give(shop)]);
  await dialog.looked(1);
  const card = await dialog.openCard('shop.db');
  await card.getByRole('button', { name: 'Map columns…' }).click();
  const map = bench.dialog(/^Map shop/);
  const rows = map.getByRole('region', { name: 'First records' });
  const table = map.getByLabel(/^Table/);
  const field = (name: string) => map.getByLabel(new RegExp(`^${name}`));
  await expect(map.getByRole('note')).toContainText(/2 of \d+ tables are taken: app_log/);

  await table.selectOption('customers');
  await expect(field('title')).toBeHidden();
  await expect(map.getByRole('checkbox', { name: 'take this table' })).not.toBeChecked();
  await field('Records become').selectOption('changes');
  await field('time').first().selectOption('constant');
  await map.getByLabel('time, for all records').fill('2024-05-01T10:00:00Z');
  await field('title').selectOption('c:name');
  await expect(rows.getByRole('row')).toHaveCount(21);
  await expect(map.getByRole('note')).toContainText(/3 of \d+ tables are taken/);

  await table.selectOption('pool_samples');
  await expect(field('Records become')).toHaveValue('samples');
  await map.getByRole('checkbox', { name: 'take this table' }).uncheck();
  await expect(map.getByRole('note')).toContainText(/2 of \d+ tables are taken: app_log/);
  await table.selectOption('customers');
  await expect(field('title')).toHaveValue('c:name');
  await map.getByRole('button', { name: 'Use these tables' }).click();
  await expect(map).toBeHidden();

  await expect(card).toContainText(
    'Tables that were not read, as they are not wanted: pool_samples',
  );
  await dialog.import();
  await expect(bench.status()).toContainText(/109 log/);
});

test('a table that nobody knows is mapped by hand, seen as it would be, saved, and imported', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const dialog = new ImportDialog(bench);
  await bench.drop([strangeTable(app)]);
  await dialog.looked(1);
  const card = await dialog.openCard('strange.csv');
  await card.getByRole('button', { name: 'Map columns…' }).click();

  const map = bench.dialog(/^Map strange/);
  const field = (name: string) => map.getByLabel(new RegExp(`^${name}`));
  await field('Records become').selectOption('log records');
  await field('time').first().selectOption('c:k2');
  await field('body').selectOption('');
  await expect(map.getByRole('status')).toContainText('a column for body is missing');
  await expect(map.getByRole('button', { name: 'Use this mapping' })).toBeDisabled();
  await field('body').selectOption('c:k4');
  await field('service').selectOption('c:k3');
  await field('zone').fill('Europe/Berlin');
  const rows = map.getByRole('region', { name: 'First records' });
  await expect(rows).toContainText('2024-05-01T08:00:00Z');
  await expect(rows.getByRole('row')).toHaveCount(21);

  const { path: file, text } = await app.downloaded(() =>
    map.getByRole('button', { name: 'Save as a file' }).click(),
  );
  expect(JSON.parse(text)).toMatchObject({
    version: 1,
    target: 'logs',
    fields: { time: { column: 'k2' }, body: { column: 'k4' }, service: { column: 'k3' } },
    time: { zone: 'Europe/Berlin' },
  });
  await map.getByRole('button', { name: 'Guess anew' }).click();
  await map.getByLabel('Mapping file').setInputFiles(file);
  await expect(rows).toContainText('2024-05-01T08:00:00Z');
  await map.getByRole('button', { name: 'Use this mapping' }).click();
  await expect(map).toBeHidden();

  await expect(card).toContainText('Read as logs by a mapping');
  await expect(card).toContainText('1 record would be dropped');
  await dialog.import();
  await expect(bench.status()).toContainText(/30 log/);
});
