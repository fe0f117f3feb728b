import { expect, test } from '../fixtures/app';
import { Workbench } from '../pages/workbench';

test('a finding leads to its log templates, a trace to its lines, a line back to its span', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const { page } = app;
  await bench.openCase();
  await bench.selectFinding(0);

  await bench.tab('Logs');
  const templates = page.getByRole('list', { name: 'Log templates' }).getByRole('listitem');
  await templates.filter({ hasText: 'slow request' }).getByRole('button').first().click();
  await app.idle();
  const lines = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
  await expect(lines.first()).toContainText('slow request');

  await bench.tab('Traces');
  const traces = page.getByRole('toolbar', { name: 'Traces' });
  await expect(traces).toContainText('of order');
  await bench.traces().first().click();
  await app.idle();
  const spans = page.getByRole('tree', { name: 'Spans' });
  await expect(spans.getByRole('treeitem').first()).toBeVisible();

  await page
    .getByRole('toolbar', { name: 'Trace', exact: true })
    .getByRole('button', { name: 'Logs' })
    .click();
  await app.idle();
  await lines.first().click();
  await app.idle();
  await page.getByRole('button', { name: 'Show its trace' }).click();
  await app.idle();
  await expect(spans.locator('[aria-selected=true]')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Span' })).toContainText('service.name');

  await bench.press('Backspace');
  await expect(traces).toBeVisible();
});

test('the search box filters the logs', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.openCase();
  await bench.press('/');
  await app.page.keyboard.type('level:error ConnectionPoolTimeout');
  await bench.press('Enter');
  const lines = app.page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
  await expect(lines.first()).toContainText('ConnectionPoolTimeout');
  await expect(lines.first()).toContainText('ERROR');
});

test('metrics of a finding stand by change, and one can be pinned', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.openCase();
  await bench.selectFinding(0);
  await bench.tab('Metrics');
  const series = app.page.getByRole('list', { name: 'Metric series' }).getByRole('listitem');
  await expect(series.first()).toContainText(/request/);
  await app.page.getByRole('searchbox', { name: 'Filter metrics' }).fill('p99');
  await expect(series).toHaveCount(1);
  await series.first().getByRole('button', { name: /^Pin/ }).click();
  await expect(series.first().getByRole('button', { name: /^Pin/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
});

test('SQL runs read-only against the case', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.openCase();
  await bench.press(':');
  await app.page
    .getByRole('combobox', { name: /^Command/ })
    .fill(':SELECT count(*) AS n FROM spans');
  await bench.press('Enter');
  await expect(bench.grid()).toContainText('60554');

  await bench.press(':');
  await app.page.getByRole('combobox', { name: /^Command/ }).fill(':DROP TABLE spans');
  await bench.press('Enter');
  await expect(app.page.getByRole('alert').first()).toBeVisible();
});
