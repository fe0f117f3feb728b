import { createServer, type AddressInfo } from 'node:net';
import type { Locator } from '@playwright/test';
import { startTempoApi, type StoredSpan } from '../../connectors/tempo/testing/tempo-api';
import { expect, test } from '../fixtures/app';
import { PullDialog } from '../pages/pull';
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

const SECOND = 1_000_000_000n;
const traceOf = (digit: string): string => digit.repeat(32);

/** A store of traces with one trace of two spans for each digit, a day apart. */
function tracesOf(...digits: readonly string[]): readonly StoredSpan[] {
  return digits.flatMap((digit, i) =>
    ['1', '2'].map((span) => {
      const start = 1_790_000_000n * SECOND + BigInt(i) * 86_400n * SECOND;
      const end = start + SECOND;
      const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
      const service = { key: 'service.name', value: { stringValue: 'checkout' } };
      return {
        traceId: traceOf(digit),
        service: 'checkout',
        start,
        end,
        failed: false,
        resource: { attributes: [service] },
        span: {
          traceId: base64(traceOf(digit)),
          spanId: base64(span.repeat(16)),
          ...(span === '2' && { parentSpanId: base64('1'.repeat(16)) }),
          name: span === '1' ? 'POST /checkout' : 'charge',
          kind: 'SPAN_KIND_SERVER',
          startTimeUnixNano: String(start),
          endTimeUnixNano: String(end),
        },
      };
    }),
  );
}

test('a bare trace id becomes a pull of this trace, and the palette pulls what the case does not hold', async ({
  app,
}) => {
  const tempo = await startTempoApi(tracesOf('a', 'b'));
  try {
    const bench = new Workbench(app);
    const pull = new PullDialog(bench);
    await pull.open();
    const dialog = bench.dialog(/^Pull from/);
    const address = dialog.getByLabel(/^Address/);
    await expect(
      dialog.getByRole('combobox', { name: 'Kind' }).getByRole('option'),
    ).not.toHaveCount(0);
    await address.fill(`00-${traceOf('a')}-${'1'.repeat(16)}-01`);
    await expect(address).toHaveValue('');
    await expect(dialog.getByLabel(/^Trace ids/)).toHaveValue(traceOf('a'));
    await expect(dialog.getByText(/does not say where its trace is kept/)).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Pull', exact: true })).toBeDisabled();
    // No time is asked for.
    await expect(dialog.getByLabel(/^From/)).toBeHidden();
    await dialog.getByRole('combobox', { name: 'Kind' }).selectOption('tempo');
    await address.fill(tempo.url);
    await dialog.getByLabel('Name', { exact: true }).fill('shop traces');
    await expect(dialog.getByRole('list', { name: 'Traces' })).toHaveText(traceOf('a'));
    expect(await pull.pull()).toContain('shop traces');
    await app.idle();

    const palette = async (id: string): Promise<Locator> => {
      await app.page.keyboard.press('Control+k');
      await app.page.getByRole('combobox', { name: /^Command/ }).fill(id);
      const matches = app.page.getByRole('listbox', { name: 'Matches' });
      const choice = matches.getByRole('option').first();
      await expect(choice).toContainText(id);
      return choice;
    };
    await expect(await palette(traceOf('a'))).toContainText('by its id');
    await app.page.keyboard.press('Enter');
    const spans = app.page.getByRole('tree', { name: 'Spans' });
    await expect(spans.getByRole('treeitem')).toHaveCount(2);

    await spans.getByRole('treeitem').last().click({ button: 'right' });
    await expect(app.page.getByRole('menuitem', { name: 'Copy its id' })).toBeVisible();
    await app.page.keyboard.press('Escape');
    // Tempo has no pages of its own.
    await app.page.getByRole('button', { name: 'Open in…' }).click();
    await expect(app.page.getByRole('menuitem')).toHaveText(/no backend that has a page/);
    await app.page.keyboard.press('Escape');

    await expect(await palette(traceOf('b'))).toContainText('Pull trace');
    await app.page.keyboard.press('Enter');
    // The store that the case was pulled from is asked, for this trace alone.
    await expect(dialog.getByRole('combobox', { name: 'Backend' })).toHaveText(/shop traces/);
    await expect(address).toHaveValue(tempo.url);
    await expect(dialog.getByLabel(/^Trace ids/)).toHaveValue(traceOf('b'));
    await dialog.getByRole('button', { name: 'Pull', exact: true }).click();
    await dialog.getByRole('button', { name: 'Open the trace' }).click();
    await expect(app.page.getByTitle(traceOf('b'))).toBeVisible();
    await expect(spans.getByRole('treeitem')).toHaveCount(2);

    await palette(traceOf('c'));
    await app.page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Pull', exact: true }).click();
    await expect(dialog.getByRole('alert')).toContainText(
      `Tempo does not have the trace ${traceOf('c')}`,
    );
    await dialog.getByRole('button', { name: 'Back to what was asked' }).click();
    // The address of a trace's page says which store and which trace.
    await address.fill(`http://127.0.0.1:9/jaeger/trace/${traceOf('d')}`);
    await expect(address).toHaveValue('http://127.0.0.1:9/jaeger');
    await expect(dialog.getByRole('combobox', { name: 'Kind' })).toHaveValue('jaeger');
    await expect(dialog.getByLabel(/^Trace ids/)).toHaveValue(traceOf('d'));
    await dialog.getByRole('button', { name: 'shop traces' }).click();
    await expect(address).toHaveValue(tempo.url);
    await expect(dialog.getByLabel(/^Trace ids/)).toHaveValue(traceOf('d'));
    // What was asked for once is not kept with the backend.
    await pull.cancel();
    await pull.open();
    await expect(address).toHaveValue(tempo.url);
    await expect(dialog.getByLabel(/^Trace ids/)).toHaveValue('');
    await expect(dialog.getByLabel(/^From/)).toBeVisible();
  } finally {
    await tempo.close();
  }
});

test('a change leads to the page whose address it gives', async ({ app }) => {
  const bench = new Workbench(app);
  await app.openPaths([app.give('connectors/github-deployments/samples/releases.json')]);
  await bench
    .dialog(/^Import/)
    .getByRole('button', { name: 'Import', exact: true })
    .click();
  await app.idle();
  await bench.tab('Changes');
  const change = app.page.getByRole('row').filter({ hasText: 'v42.0.1' });
  await change.getByRole('button', { name: 'Open in…' }).click();
  const item = app.page.getByRole('menuitem', { name: 'Open in GitHub (github.example)' });
  await expect(item).toBeVisible();
  await app.page.keyboard.press('Escape');
  await change.click({ button: 'right' });
  await expect(item).toBeVisible();
});
