import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '../fixtures/app';
import { canHaveBackends, SIGN_IN, startBackends, type Backends } from '../fixtures/backends';
import { PullDialog } from '../pages/pull';
import { Timeline } from '../pages/timeline';
import { Workbench } from '../pages/workbench';

let backends: Backends | undefined;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  if (await canHaveBackends()) backends = await startBackends();
});

/** The servers; where there are none the test is skipped here, which throws. */
function running(): Backends {
  test.skip(!backends, 'SKIPPED: Prometheus, Elasticsearch or Jaeger can’t be had');
  if (!backends) throw new Error('There are no backends.');
  return backends;
}

test.afterAll(async () => {
  await backends?.stop();
});

/** Files below a folder that hold these bytes. */
function filesWith(folder: string, text: string): readonly string[] {
  const { stdout } = spawnSync('grep', ['-rlaF', '--', text, folder], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean);
}

test('a backend that is followed shows what is new as it comes, and keeps it when it is stopped', async ({
  app,
}) => {
  test.setTimeout(420_000);
  const servers = running();
  const bench = new Workbench(app);
  const pull = new PullDialog(bench);
  await servers.logNow('cart 17 was paid');
  await pull.open();
  await pull.enter('Elasticsearch', servers.elasticsearch.url, 'shop logs, live');
  await pull.signIn(SIGN_IN.user, SIGN_IN.password);
  await pull.window('now-5m', 'now');
  await pull.count();
  await pull.follow();
  await expect(bench.status()).toContainText('Follow shop logs, live');
  await bench.tab('Sources');
  const card = app.page.getByRole('listitem').filter({ hasText: 'shop logs, live' });
  // The line, and who wrote it.
  await expect(card).toContainText('2 rows', { timeout: 90_000 });
  await servers.logNow('cart 18 was paid');
  await expect(card).toContainText('3 rows', { timeout: 150_000 });

  await bench.status().getByRole('button', { name: 'Stop Follow shop logs, live' }).click();
  await app.idle();
  await expect(card).not.toContainText('partial');
  await expect(card).toContainText('3 rows');
});

test('what is there is shown over time before it is pulled, and narrowed by dragging', async ({
  app,
}) => {
  test.setTimeout(300_000);
  const servers = running();
  const bench = new Workbench(app);
  const pull = new PullDialog(bench);
  const { from, to } = servers.window;
  await pull.open();
  await pull.enter('Elasticsearch', servers.elasticsearch.url, 'shop logs, ahead');
  await pull.signIn(SIGN_IN.user, SIGN_IN.password);
  await pull.window(from, to);
  const ahead = pull.overTime();
  // Nothing is asked of a backend that has not answered yet.
  await expect(ahead).toBeHidden();
  await pull.test();
  await expect(ahead).toContainText(/7.465 log records · all fit/);
  await expect(ahead.getByRole('listitem').filter({ hasText: 'error' })).toBeVisible();
  await ahead.getByRole('button', { name: 'by service' }).click();
  await expect(ahead.getByRole('listitem').filter({ hasText: 'orders-db' })).toBeVisible();

  await pull.narrow(0.4, 0.6);
  await expect(ahead.getByRole('button', { name: 'Whole window' })).toBeVisible();
  const [start, end] = (await pull.times()).map((text) => Date.parse(text));
  expect(start).toBeGreaterThan(Date.parse(from));
  expect(end).toBeLessThan(Date.parse(to));
  await expect(ahead).not.toContainText(/7.465 log records/);
  await expect(ahead).toContainText(/\d log records · all fit/);
  const few = await pull.count();
  await expect(few).not.toContainText(/7.465/);

  await ahead.getByRole('button', { name: 'Whole window' }).click();
  await expect(ahead).toContainText(/7.465 log records/);
  expect(await pull.times()).toEqual([from, to]);
  await pull.window('2001-01-01T00:00:00Z', '2001-01-01T01:00:00Z');
  await expect(ahead).toContainText(/Nothing between .* the newest record is at/);
  await pull.cancel();
});

test('metrics, logs and traces are pulled from three real backends, and the case needs none of them', async ({
  app,
}) => {
  test.setTimeout(420_000);
  const servers = running();
  const bench = new Workbench(app);
  const pull = new PullDialog(bench);
  const { from, to } = servers.window;

  await pull.open();
  await pull.enter('Prometheus', servers.prometheus.url, 'shop metrics');
  await expect(await pull.test()).toContainText('Prometheus 2.');
  await pull.window(from, to);
  await expect(await pull.count()).toContainText('request_duration_seconds');
  expect(await pull.pull()).toMatch(/rows from shop metrics/);
  await app.idle();

  await pull.open();
  await pull.enter('Elasticsearch', servers.elasticsearch.url, 'shop logs');
  await pull.signIn(SIGN_IN.user, 'wrong-battery-9');
  const refused = await pull.test();
  await expect(refused).toContainText('Check the sign-in above');
  expect(await pull.text()).not.toContain('wrong-battery-9');
  await pull.signIn(SIGN_IN.user, SIGN_IN.password);
  await expect(await pull.test()).toContainText('Elasticsearch 8.');
  await pull.window(from, to);
  await expect(await pull.count()).toContainText(/shop-logs.*7.465/);
  expect(await pull.pull()).toMatch(/rows from shop logs/);
  await app.idle();

  await pull.open();
  await pull.enter('Jaeger', servers.jaeger.url, 'shop traces');
  await expect(await pull.test()).toContainText('Jaeger');
  await pull.window(from, to);
  await expect(await pull.count()).toContainText('order');
  expect(await pull.pull()).toMatch(/rows from shop traces/);
  await bench.analysed();

  await expect(bench.status()).toContainText(/5.202 spans/);
  await expect(bench.status()).toContainText(/7.465 log lines/);
  // What a person sees at a glance: slow from the seventh minute on.
  await new Timeline(app).brush(0.66, 0.99);
  await bench.press('i');
  // Nobody told of the deploy: the service or the database that it waits for.
  await expect(bench.findings().first()).toContainText(/order|orders-db/, { timeout: 60_000 });
  await app.idle();
  await bench.tab('Sources');
  await app.page.getByRole('button', { name: 'Sources 3' }).click();
  const sources = app.page.getByRole('region', { name: 'Sources, sources' });
  for (const name of ['shop metrics', 'shop logs', 'shop traces']) {
    await expect(sources.getByRole('listitem').filter({ hasText: name })).toBeVisible();
  }
  await expect(sources).not.toContainText('partial');
  const verdict = await bench.headline().textContent();
  const file = join(app.dir, 'pulled.faultline');
  await bench.saveAs(file);

  // Nothing that was typed as a secret is anywhere on the disk.
  for (const secret of [SIGN_IN.password, 'wrong-battery-9']) {
    expect([...filesWith(app.dir, secret), ...filesWith(app.userDir, secret)]).toEqual([]);
  }

  await servers.stop();
  backends = undefined;
  await app.restart();
  await bench.choose(file);
  await bench.analysed();
  await expect(bench.headline()).toHaveText(verdict ?? '');
  // Docked as it was left: Sources before the findings.
  await bench.tab('Findings');
  await bench.selectFinding(0);
  await expect(bench.claims().first()).toBeVisible();
});
