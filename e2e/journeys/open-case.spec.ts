import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { giveAway } from '../../scripts/electron-test.mjs';
import { expect, test, type App } from '../fixtures/app';
import { analysedCase } from '../fixtures/prepared';
import { Workbench } from '../pages/workbench';

test('a case stands among the recent ones and opens from there', async ({ app }) => {
  const bench = new Workbench(app);
  await expect(app.page.getByText('No recent cases.')).toBeVisible();
  await bench.choose(app.give(analysedCase()));
  await bench.analysed();
  await expect(bench.verdict()).toContainText('order, after Deploy order');

  await bench.command('Close the case');
  await expect(bench.startScreen()).toBeVisible();
  const recents = app.page.getByRole('table', { name: 'Recent cases' });
  await expect(recents.getByRole('row').nth(1)).toContainText(/incident.*order/);

  await recents.getByRole('button', { name: 'incident' }).click();
  await bench.analysed();
  await expect(bench.verdict()).toContainText('order, after Deploy order');
  await expect(bench.unsavedMark()).toBeHidden();
});

/** Files that bear a case's name and are none that this program can open. */
async function badFiles(app: App) {
  const good = analysedCase();
  const path = (name: string): string => join(app.dir, `${name}.faultline`);
  writeFileSync(path('no-case'), 'This is a text, whatever its name says.\n'.repeat(500));
  const whole = readFileSync(good);
  writeFileSync(path('truncated'), whole.subarray(0, Math.floor(whole.length / 2)));
  copyFileSync(good, path('newer'));
  const database = await DuckDBInstance.create(path('newer'));
  const connection = await database.connect();
  await connection.run("UPDATE meta SET value = '999' WHERE key = 'format_version'");
  connection.closeSync();
  database.closeSync();
  giveAway(app.dir);
  return { noCase: path('no-case'), truncated: path('truncated'), newer: path('newer') };
}

test('what is no case, half a case or a newer one is refused, and the open case stays', async ({
  app,
}) => {
  const bench = new Workbench(app);
  await bench.openCase();
  const bad = await badFiles(app);
  for (const [file, words] of [
    [bad.noCase, 'not a Faultline case'],
    [bad.truncated, /damaged|truncated|incomplete|cut/i],
    [bad.newer, /format 999.*Update Faultline/],
  ] as const) {
    const before = statSync(file).mtimeMs;
    await bench.choose(file);
    await expect(bench.errors().filter({ hasText: words })).toBeVisible();
    expect(statSync(file).mtimeMs).toBe(before);
    await bench.errors().getByRole('button', { name: 'Dismiss' }).click();
  }
  await app.idle();
  await expect(bench.caseName('incident')).toBeVisible();
  await expect(bench.verdict()).toContainText('order, after Deploy order');
  // It still answers.
  await bench.selectFinding(0);
  await expect(bench.claims().filter({ hasText: 'Deploy order 4.13.0' })).toBeVisible();
});
