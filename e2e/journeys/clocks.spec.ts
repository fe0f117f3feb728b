import { expect, test } from '../fixtures/app';
import { makeSkewedCase } from '../fixtures/skewed';
import { Workbench } from '../pages/workbench';

test('clocks that go wrong are found, shifted in the view, shown raw, and taken back', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const { page } = app;
  await bench.choose(makeSkewedCase(app.dir));
  await bench.analysed();
  const range = page.getByRole('button', { name: /UTC$/ }).first();
  const raw = await range.textContent();
  expect(raw).toMatch(/12:00:00.*14:19:42/);

  await expect(bench.status().getByRole('button', { name: '▲ 2 notices' })).toBeVisible();
  await bench.tab('Sources');
  await page.getByRole('button', { name: /Clocks/ }).click();
  await app.idle();
  const clock = (file: string) => page.getByRole('listitem', { name: `Clock of ${file}` });
  await expect(clock('gateway.jsonl')).toContainText('reference');
  await expect(clock('orders.jsonl')).toContainText(
    /2\.31 s ahead ± 3 ms, compared with gateway\.jsonl/,
  );
  await expect(clock('orders.jsonl')).toContainText('high confidence');
  await expect(clock('billing.jsonl')).toContainText('2 h behind, as with times of another zone');
  await expect(range).toHaveText(raw ?? '');

  await page.getByRole('button', { name: 'Apply all confident 2' }).click();
  await app.idle();
  await expect(range).toContainText(/14:00:00.*14:19:40/);
  const mark = bench.status().getByRole('button', { name: '▲ 2 clocks shifted' });
  await expect(mark).toBeVisible();
  await bench.tab('Findings');
  await expect(
    page.getByText(/The clock of orders\.jsonl is shifted by −2\.31 s \(60 anchors\)/),
  ).toBeVisible();

  await bench.press('c');
  await expect(range).toHaveText(raw ?? '');
  await expect(bench.status().getByRole('button', { name: 'raw clocks' })).toBeVisible();
  await expect(page.getByText(/is shifted by/)).toHaveCount(0);
  await bench.press('c');
  await expect(mark).toBeVisible();

  await bench.tab('Sources');
  await page.getByRole('button', { name: /Clocks/ }).click();
  await clock('orders.jsonl').getByRole('button', { name: 'Applied' }).click();
  await app.idle();
  await expect(bench.status().getByRole('button', { name: '▲ 1 clock shifted' })).toBeVisible();
  await bench.press('Control+z');
  await expect(mark).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await app.idle();
  await expect(range).toHaveText(raw ?? '');
  await expect(mark).toBeHidden();

  await clock('orders.jsonl').getByRole('button', { name: '60 calls' }).click();
  await app.idle();
  await expect(bench.grid()).toContainText('POST /pay');
  await expect(bench.errors()).toHaveCount(0);
});
