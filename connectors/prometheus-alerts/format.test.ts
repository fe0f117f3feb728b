import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { prometheusAlerts } from './format';

describeFormat(prometheusAlerts, { beside: import.meta.url, formats });

const folder = fileURLToPath(new URL('.', import.meta.url));
const rowsOf = async (file: string) =>
  tablesOf((await readSample(sampleFiles(folder, file), formats)).batches).alerts ?? [];

it('gives the same alerts from both answers', async () => {
  const keys = async (file: string) =>
    new Set(
      (await rowsOf(file)).map(
        (row) => `${row['fingerprint'] as string} ${row['starts_at'] as bigint}`,
      ),
    );
  expect(await keys('rules.json')).toEqual(await keys('alerts.json'));
});

it('says which alerts are pending, and how long their rule waits', async () => {
  const rows = await rowsOf('rules.json');
  expect(rows.find(({ name }) => name === 'PaymentQueueGrows')).toMatchObject({
    severity: 'warning',
    ends_at: null,
    annotations: {
      'prometheus.state': 'pending',
      'prometheus.for': '1800s',
      'prometheus.group': 'shop-slo',
      'prometheus.value': '5.12e+02',
    },
  });
});

it("reads Grafana's states and leaves normal series out", async () => {
  const rows = await rowsOf('grafana-rules.json');
  expect(
    rows.map((row) => [
      (row['labels'] as Record<string, string>)['service'],
      (row['annotations'] as Record<string, string>)['prometheus.state'],
    ]),
  ).toEqual([
    ['checkout', 'firing'],
    ['payment', 'pending'],
    ['frontend', 'alerting (nodata)'],
  ]);
});
