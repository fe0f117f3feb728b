import { expect, test } from '../fixtures/app';
import { Workbench } from '../pages/workbench';

test('a selection is explained: signals are filtered, a line leads to its rows', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const { page } = app;
  await bench.openCase();
  await bench.press('e');
  await app.idle();
  const table = page.getByRole('table', { name: 'Differences' });
  const lines = table.locator('tbody tr');
  await expect(lines.first()).toBeVisible();
  await expect(page.getByRole('toolbar', { name: 'What is compared' })).toContainText('(incident)');
  await expect(table).toContainText('Deploy order 4.13.0');

  const signals = page.getByRole('toolbar', { name: 'Which differences' });
  await signals.getByRole('button', { name: /^log line/ }).click();
  const kinds = lines.locator('td:nth-child(2)');
  await expect(kinds.first()).toHaveText('log line');
  expect(new Set(await kinds.allTextContents())).toEqual(new Set(['log line']));

  await table.getByRole('button', { name: 'Effect' }).click();
  await expect(table.getByRole('columnheader', { name: 'Effect' })).toHaveAttribute(
    'aria-sort',
    'descending',
  );

  await lines.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(lines.nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  await app.idle();
  const found = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
  await expect(found.first()).toBeVisible();

  await bench.press('Escape');
  await bench.press('e');
  await signals.getByRole('textbox').fill('no such thing anywhere');
  await expect(page.getByText('No line is left')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(lines.first()).toBeVisible();
});

test('spans with an attribute are compared with the rest of the same time', async ({ app }) => {
  const bench = new Workbench(app);
  const { page } = app;
  await bench.openCase();
  await bench.press('e');
  await app.idle();
  const signals = page.getByRole('toolbar', { name: 'Which differences' });
  await signals.getByRole('button', { name: /^attribute/ }).click();
  const lines = page.getByRole('table', { name: 'Differences' }).locator('tbody tr');
  await lines.first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Compare spans with this against the rest' }).click();
  await app.idle();
  await expect(page.getByRole('toolbar', { name: 'What is compared' })).toContainText(
    'against the rest',
  );
  await expect(page.getByText('are not compared', { exact: false })).toBeVisible();
});
