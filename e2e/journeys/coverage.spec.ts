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

test('the coverage map shows what is missing, and leads there', async ({ app }) => {
  const bench = new Workbench(app);
  const { page } = app;
  const file = join(app.dir, 'logs.jsonl');
  writeFileSync(file, logsWithHole());
  giveAway(file);
  const dialog = new ImportDialog(bench);
  await bench.drop([file]);
  await dialog.looked(1);
  await dialog.import();
  await app.idle();
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
