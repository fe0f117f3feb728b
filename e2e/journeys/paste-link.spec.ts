import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from '../fixtures/app';
import { Workbench } from '../pages/workbench';

/** A port that was free just now: the low ones that nothing uses are refused by Chromium before it tries. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('the pasted address of a graph fills in kind, address, series and time', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.command('Pull from a backend');
  const dialog = bench.dialog(/^Pull from/);
  const address = dialog.getByLabel(/^Address/);
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
  await expect(dialog.getByLabel(/^Series/)).toHaveValue('http_requests_total{code="500"}');
  await expect(dialog.getByLabel(/^From/)).toHaveValue('2026-11-21T14:00:00Z');
  await expect(dialog.getByLabel(/^To,/)).toHaveValue('2026-11-21T14:30:00Z');
});

test('the pasted address of Grafana’s Explore is asked through Grafana, and a test says where it ended', async ({
  app,
}) => {
  const bench = new Workbench(app);
  await bench.command('Pull from a backend');
  const dialog = bench.dialog(/^Pull from/);
  const queries = [{ expr: 'up{job="cart"}', datasource: { type: 'prometheus', uid: 'prom-1' } }];
  const pane = { datasource: 'prom-1', queries, range: { from: 'now-3h', to: 'now' } };
  const panes = encodeURIComponent(JSON.stringify({ a: pane }));
  const address = dialog.getByLabel(/^Address/);
  const grafana = `http://127.0.0.1:${await freePort()}/grafana`;
  await address.fill(`${grafana}/explore?schemaVersion=1&panes=${panes}&orgId=1`);
  await expect(address).toHaveValue(grafana);
  await expect(dialog.getByRole('checkbox', { name: /Through Grafana/ })).toBeChecked();
  await expect(dialog.getByLabel('Data source')).toHaveValue('prom-1');
  await expect(dialog.getByLabel(/^Series/)).toHaveValue('up{job="cart"}');
  await expect(dialog.getByLabel(/^From/)).toHaveValue('now-3h');
  // Grafana's tokens are bearer tokens; nothing else is asked for.
  await expect(dialog.getByLabel('Sign-in')).toHaveValue('bearer');
  await dialog.getByLabel('Token', { exact: true }).fill('glsa_s3cret');
  await dialog.getByRole('button', { name: 'Test' }).click();
  const steps = dialog.getByRole('list', { name: 'Steps' });
  await expect(steps.getByRole('listitem')).toHaveText(['✓ Name look-up', '■ Connection']);
  await expect(dialog.getByText('nothing listens there')).toBeVisible();
  expect(await dialog.textContent()).not.toContain('glsa_s3cret');
});

test('only the fields of the chosen sign-in are shown', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.command('Pull from a backend');
  const dialog = bench.dialog(/^Pull from/);
  await dialog.getByLabel(/^Address/).fill('https://search.example');
  const labels = async (): Promise<readonly string[]> =>
    dialog.locator('.pull-sign-in label > span:first-child').allTextContents();
  for (const [kind, fields] of [
    ['none', []],
    ['user name and password', ['User name', 'Password']],
    ['bearer token', ['Token']],
    ['API key', ['API key', 'Its header, optional']],
    [
      'OAuth 2 client credentials',
      ['Address that gives tokens', 'Client id', 'Client secret', 'Scope, optional'],
    ],
    [
      'AWS signature',
      ['Access key id', 'Secret access key', 'Session token, optional', 'Region', 'Service'],
    ],
  ] as const) {
    await dialog.getByLabel('Sign-in').selectOption(kind);
    expect(await labels()).toEqual(fields);
  }
  await expect(dialog.getByText('Give the access key id.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Proxy, certificates, headers' }).click();
  await dialog.getByRole('button', { name: 'Add a header' }).click();
  await dialog.getByLabel('Name of a header').fill('X-API-Key');
  // A name like that is taken for a secret.
  await expect(dialog.getByLabel('secret', { exact: true })).toBeChecked();
  await expect(dialog.getByLabel('Value of X-API-Key')).toHaveAttribute('type', 'password');
});
