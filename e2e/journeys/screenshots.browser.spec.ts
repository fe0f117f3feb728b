import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test, type App } from '../fixtures/app';
import { canHaveBackends, SIGN_IN, startBackends, type Backends } from '../fixtures/backends';
import { makeCase, telemetryFolder, writeHalfGood } from '../fixtures/prepared';
import { ImportDialog } from '../pages/import';
import { PullDialog } from '../pages/pull';
import { Timeline } from '../pages/timeline';
import { Workbench } from '../pages/workbench';

/** The pictures of the README, from real cases: `FAULTLINE_SCREENSHOTS=1 npx playwright test screenshots`. */
const FOLDER = resolve(import.meta.dirname, '../../docs/screenshots');

test.skip(
  process.env['FAULTLINE_SCREENSHOTS'] !== '1',
  'SKIPPED: pictures are made with FAULTLINE_SCREENSHOTS=1',
);

async function shoot(app: App, name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  await app.idle();
  await app.page.mouse.move(720, 896);
  await app.page.evaluate(() => document.fonts.ready);
  await expect(app.page.getByRole('status').filter({ hasText: 'Saved' })).toBeHidden();
  await app.page.screenshot({ path: join(FOLDER, `${name}.png`) });
}

test('the main screen, dark and light', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.openSample();
  await bench.saveAs(join(app.dir, 'checkout-latency.faultline'));
  await bench.selectFinding(0);
  await bench.tab('Evidence');
  await shoot(app, 'main-dark');

  await bench.command('Light theme');
  await new Timeline(app).brush(0.6, 0.8);
  await bench.tab('Traces');
  await bench.traces().first().click();
  await shoot(app, 'main-light');
});

test('the import dialog', async ({ app }) => {
  const bench = new Workbench(app);
  const files = new ImportDialog(bench);
  const folder = app.give(telemetryFolder(), 'shop');
  writeHalfGood(join(folder, 'poller.jsonl'));
  await bench.drop([folder]);
  await files.looked(9);
  await files.openCard('metrics.om.txt.gz');
  await files.openCard('poller.jsonl');
  await shoot(app, 'import');
});

/** Samples of twelve kinds: one damaged, one that nobody knows, one whose times are a thousandfold off. */
function mixedFolder(folder: string): string {
  mkdirSync(folder);
  for (const [from, to] of [
    ['docker-json/samples/checkout-json.log', 'checkout-json.log'],
    ['docker-json/samples/damaged-checkout-json.log', 'damaged.log'],
    ['csv-table/samples/gateway-errors.csv', 'gateway-errors.csv'],
    ['git-log/samples/log.txt', 'git.txt'],
    ['json-log/samples/pino.jsonl', 'pino.jsonl'],
    ['k8s-events/samples/events.json', 'events.json'],
    ['openmetrics/samples/federate.txt', 'federate.txt'],
    ['pagerduty/samples/webhooks.jsonl', 'pagerduty.jsonl'],
    ['prometheus-json/samples/range.json', 'range.json'],
    ['zipkin/samples/traces.json', 'zipkin.json'],
  ] as const) {
    copyFileSync(resolve(import.meta.dirname, '../../connectors', from), join(folder, to));
  }
  writeFileSync(
    join(folder, 'core.bin'),
    Uint8Array.from({ length: 3000 }, (_, i) => (i * i) % 251),
  );
  const start = Date.parse('2026-11-29T08:00:00Z') * 1000;
  const depth = (_: unknown, i: number): string =>
    JSON.stringify({ time: start + i * 1000, level: 'info', msg: `depth ${i % 17} of orders` });
  const lines = Array.from({ length: 200 }, depth);
  writeFileSync(join(folder, 'queue.jsonl'), `${lines.join('\n')}\n`);
  return folder;
}

test('twelve mixed files, and the columns of a table', async ({ app }) => {
  const bench = new Workbench(app);
  const files = new ImportDialog(bench);
  await bench.drop([mixedFolder(join(app.dir, 'mixed'))]);
  await files.looked(12);
  await shoot(app, 'import-mixed');
  const card = await files.openCard('gateway-errors.csv');
  await card.getByRole('button', { name: 'Map columns…' }).click();
  await expect(bench.dialog(/^Map mixed.gateway/)).toBeVisible();
  await shoot(app, 'mapping');
});

/** What an agent kept while it was cut off, with ids and times that it lost. */
function agentBuffer(): string {
  const start = 1_795_269_600;
  const line = (service: string, second: number): string => {
    const attributes = [{ key: 'service.name', value: { stringValue: service } }];
    const times = {
      startTimeUnixNano: `${second}000000000`,
      endTimeUnixNano: `${second}040000000`,
    };
    const spans = [{ traceId: '', spanId: '00f067aa0ba902b7', name: 'POST /charge', ...times }];
    const span = { resource: { attributes }, scopeSpans: [{ spans }] };
    return JSON.stringify({ resourceSpans: [span] });
  };
  const lines = Array.from({ length: 150 }, (_, i) => line('payment', start + 300 + i));
  for (let i = 0; i < 40; i++) lines.push(line('cart', start + 620 + 2 * i));
  const records = Array.from({ length: 6 }, () => ({ body: { stringValue: 'buffer is full' } }));
  const attributes = [{ key: 'service.name', value: { stringValue: 'agent' } }];
  const resourceLogs = [{ resource: { attributes }, scopeLogs: [{ logRecords: records }] }];
  const kept = { timeUnixNano: `${start + 460}000000000`, body: { stringValue: 'sending again' } };
  resourceLogs.push({ resource: { attributes }, scopeLogs: [{ logRecords: [kept] }] });
  lines.push(JSON.stringify({ resourceLogs }));
  return `${lines.join('\n')}\n`;
}

test('the coverage map', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.openSample();
  const file = join(app.dir, 'agent-buffer.jsonl');
  writeFileSync(file, agentBuffer());
  await new ImportDialog(bench).take([file]);
  await bench.tab('Coverage');
  const map = app.page.getByRole('region', { name: 'Coverage map' });
  await expect(map.getByRole('img', { name: /dropped/ }).first()).toBeVisible();
  await shoot(app, 'coverage');
});

let backends: Backends | undefined;

test.afterAll(async () => {
  await backends?.stop();
});

test('the pull dialog, and the start screen that knows backends and cases', async ({ app }) => {
  test.setTimeout(420_000);
  test.skip(!(await canHaveBackends()), 'SKIPPED: no real backends to show');
  backends = await startBackends();
  const bench = new Workbench(app);
  const pull = new PullDialog(bench);
  await pull.open();
  await pull.enter('Prometheus', backends.prometheus.url, 'shop metrics');
  await pull.test();
  await pull.cancel();
  await pull.open();
  await pull.enter('Elasticsearch', backends.elasticsearch.url, 'shop logs');
  await pull.signIn(SIGN_IN.user, SIGN_IN.password);
  await pull.test();
  await pull.cancel();
  await pull.open();
  await pull.enter('Jaeger', backends.jaeger.url, 'shop traces');
  await pull.test();
  await pull.cancel();
  await pull.open();
  await pull.choose('shop metrics');
  await pull.test();
  await pull.window(backends.window.from, backends.window.to);
  await pull.count();
  await shoot(app, 'pull');
  await pull.cancel();

  for (const [name, ...options] of [
    ['eu-session-cache', '--scenario', 'cache-outage', '--seed', '4'],
    ['pricing-out-of-memory', '--scenario', 'memory-leak', '--seed', '7'],
    ['payment-provider-down', '--scenario', 'dependency-outage', '--seed', '9', '--size', 'small'],
    ['checkout-latency'],
  ] as const) {
    await bench.choose(makeCase(join(app.dir, `${name}.faultline`), ...options));
    await bench.analysed();
    await bench.command('Close the case');
    await expect(bench.startScreen()).toBeVisible();
  }
  await shoot(app, 'start');
});
