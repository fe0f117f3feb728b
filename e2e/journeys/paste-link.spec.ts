import { expect, test } from '../fixtures/app';
import { Workbench } from '../pages/workbench';

test('the pasted address of a graph fills in kind, address, series and time', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.command('Pull from a backend');
  const dialog = bench.dialog(/^Pull from/);
  const address = dialog.getByLabel('Address');
  await dialog.getByRole('combobox', { name: 'Kind' }).selectOption({ index: 1 });
  const expr = encodeURIComponent('sum by (service) (rate(http_requests_total{code="500"}[5m]))');
  await address.fill(
    `https://ops.example/prom/graph?g0.expr=${expr}&g0.range_input=30m&g0.end_input=2026-11-21%2014:30:00`,
  );
  await expect(address).toHaveValue('https://ops.example/prom');
  await expect(dialog.getByRole('combobox', { name: 'Kind' })).toHaveValue('prometheus');
  await expect(
    dialog.getByText(/Read from a Prometheus graph: address, match, time/),
  ).toBeVisible();
  await expect(dialog.getByLabel('Series')).toHaveValue('http_requests_total{code="500"}');
  await expect(dialog.getByLabel(/^From/)).toHaveValue('2026-11-21T14:00:00Z');
  await expect(dialog.getByLabel(/^To,/)).toHaveValue('2026-11-21T14:30:00Z');
});
