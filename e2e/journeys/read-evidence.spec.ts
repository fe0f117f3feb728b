import { expect, test } from '../fixtures/app';
import { Workbench } from '../pages/workbench';

test('the sample names the injected cause, and its evidence leads to rows and SQL', async ({
  app,
}) => {
  const bench = new Workbench(app);
  await bench.openSample();
  await expect(bench.verdict()).toContainText('order, after Deploy order');
  await expect(bench.findings().first()).toContainText('order');
  await expect(bench.findings().first()).toContainText('state change');

  await bench.selectFinding(0);
  await expect(bench.claims().filter({ hasText: 'Deploy order 4.13.0' })).toBeVisible();
  const ways = app.page.getByRole('list', { name: 'How it spread' }).getByRole('listitem');
  await expect(ways.first()).toContainText(/order.*storefront/);
  const slower = bench.claims().filter({ hasText: 'SELECT orders' }).first();
  await expect(slower).toContainText(/\d+ rows/);
  const said = Number(
    /([\d\s\u202f]+) rows/.exec((await slower.textContent()) ?? '')?.[1]?.replaceAll(/\D/g, ''),
  );

  await slower.getByRole('button').click();
  await app.idle();
  await expect(bench.grid()).toContainText('SELECT orders');
  const shown = await bench.grid().getAttribute('aria-rowcount');
  expect(Number(shown) - 1).toBe(said);

  await bench.tab('Evidence');
  await slower.getByRole('button').click({ button: 'right' });
  await app.page.getByRole('menuitem', { name: 'Show the SQL' }).click();
  await app.idle();
  await expect(bench.grid()).toContainText('baseline_ms');
});

test('ruling a finding out re-ranks at once, and undo brings it back', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.openCase();
  await bench.selectFinding(0);
  await app.page.getByRole('button', { name: 'Rule out' }).click();
  await expect(bench.findings().first()).not.toContainText('state change order');
  await app.idle();
  await expect(bench.verdict()).not.toContainText('order, after Deploy order');
  await bench.press('Control+z');
  await app.idle();
  await expect(bench.verdict()).toContainText('order, after Deploy order');
});
