import { expect, test } from '../fixtures/app';
import { Workbench } from '../pages/workbench';

test('unusual log templates are marked, narrowed to a kind, and lead to their lines', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const { page } = app;
  await bench.openCase();
  await bench.tab('Logs');

  const filter = page.getByRole('group', { name: 'Which templates' });
  const templates = page.getByRole('list', { name: 'Log templates' }).getByRole('listitem');
  await expect(filter.getByRole('button', { name: /new/ })).toBeVisible();
  await filter.getByRole('button', { name: /fewer/ }).click();
  await expect(templates).toHaveCount(1);
  await expect(templates.first()).toContainText('order placed');
  await filter.getByRole('button', { name: /Unusual/ }).click();
  const unusual = await templates.count();
  expect(unusual).toBeGreaterThan(10);
  await filter.getByRole('button', { name: 'All' }).click();
  expect(await templates.count()).toBeGreaterThan(unusual);

  const pool = templates.filter({ hasText: 'request failed: POST /orders' });
  await pool.getByRole('button').first().click();
  await app.idle();
  const lines = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
  const tools = page.getByRole('toolbar', { name: 'Logs' });
  await expect(tools).toContainText(/\b65 lines/);
  await expect(lines.first().getByRole('img', { name: 'new' })).toBeVisible();
  await lines.first().click();
  const line = page.getByRole('region', { name: 'Log line' });
  await expect(line).toContainText('Not once in the baseline, 65 lines in the incident.');

  await tools.getByRole('button', { name: /✕/ }).click();
  await app.idle();
  await expect(tools).not.toContainText(/\b65 lines/);
});
