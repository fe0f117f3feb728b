import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveAway } from '../../scripts/electron-test.mjs';
import { expect, test } from '../fixtures/app';
import { ImportDialog } from '../pages/import';
import { Workbench } from '../pages/workbench';

const START = Date.parse('2026-11-21T14:00:00Z');
const SECONDS = 800;

/** A line a second of two services, one of which is silent for two minutes. */
function logsWithHole(): string {
  const line = (service: string, second: number): string => {
    const attributes = [{ key: 'service.name', value: { stringValue: service } }];
    const timeUnixNano = `${START + second * 1000}000000`;
    const logRecords = [{ timeUnixNano, body: { stringValue: `request ${second} was answered` } }];
    return JSON.stringify({
      resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }],
    });
  };
  const lines: string[] = [];
  for (let second = 0; second < SECONDS; second++) {
    lines.push(line('cart', second));
    if (second < 300 || second >= 420) lines.push(line('payment', second));
  }
  return `${lines.join('\n')}\n`;
}

/** A line a second; some that can't be taken: with a time, by a service that has no other lines, and without a time. */
function logsWithFaults(): string {
  const ns = (second: number): string => `${START + second * 1000}000000`;
  const span = (service: string, second: number, traceId: string): string => {
    const attributes = [{ key: 'service.name', value: { stringValue: service } }];
    const spans = [
      {
        traceId,
        spanId: '00f067aa0ba902b7',
        name: 'GET /',
        startTimeUnixNano: second < 0 ? '' : ns(second),
        endTimeUnixNano: second < 0 ? '' : ns(second + 1),
      },
    ];
    return JSON.stringify({
      resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }],
    });
  };
  const lines: string[] = [];
  for (let second = 0; second < 200; second++) {
    lines.push(
      span('cart', second, `4bf92f3577b34da6a3ce929d0e0e${String(second).padStart(4, '0')}`),
    );
    if (second >= 60 && second < 72) lines.push(span('cart', second, ''));
    if (second === 100) lines.push(span('ledger', second, ''));
  }
  lines.push(span('cart', -1, '4bf92f3577b34da6a3ce929d0e0effff'));
  return `${lines.join('\n')}\n`;
}

test('the coverage map shows what was dropped, by time and service, and the way to why', async ({
  app,
}) => {
  const bench = new Workbench(app);
  const { page } = app;
  const file = join(app.dir, 'spans.jsonl');
  writeFileSync(file, logsWithFaults());
  giveAway(file);
  await new ImportDialog(bench).take([file]);
  await bench.tab('Coverage');
  const map = page.getByRole('region', { name: 'Coverage map' });
  await expect(map.getByRole('img', { name: /^cart: 200 spans; 12 dropped$/ })).toBeVisible();
  await expect(map.getByRole('img', { name: /^ledger: 0 spans; 1 dropped$/ })).toBeVisible();
  await expect(
    map.getByText('1 record of spans.jsonl dropped whose time can’t be read'),
  ).toBeVisible();

  await page.getByRole('button', { name: /Dropped 13$/ }).click();
  const dropped = page.getByRole('list', { name: 'Stretches with dropped records' });
  const most = dropped.getByRole('button').first();
  await expect(most).toHaveText(/14:0[01]:\d\d – 14:01:\d\d cart 12 spans dropped: they could not/);
  await most.click();
  await expect(page.getByText(/selected: cart/)).toBeVisible();

  await page.getByRole('button', { name: 'Why, with examples' }).click();
  await expect(page.getByText(/14 records of spans.jsonl could not be taken over/)).toBeVisible();
});

test('the coverage map shows what is missing, and leads there', async ({ app }) => {
  const bench = new Workbench(app);
  const { page } = app;
  const file = join(app.dir, 'logs.jsonl');
  writeFileSync(file, logsWithHole());
  giveAway(file);
  await new ImportDialog(bench).take([file]);
  await bench.tab('Coverage');
  const map = page.getByRole('region', { name: 'Coverage map' });
  await expect(map.getByRole('img', { name: /^payment: .*missing in 1 stretch$/ })).toBeVisible();
  await expect(map.getByRole('img', { name: /^cart: 800 log lines$/ })).toBeVisible();

  await page.getByRole('button', { name: /Missing 1$/ }).click();
  const gap = page.getByRole('list', { name: 'Stretches with missing rows' }).getByRole('button');
  await expect(gap).toHaveText(/14:0[45]:\d\d – 14:0[67]:\d\d payment no log lines, about/);
  await gap.click();
  await expect(page.getByText(/selected: payment/)).toBeVisible();
});
