import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { collectdCsv } from './format';
import { placeOfPath } from './place';

describeFormat(collectdCsv, { beside: import.meta.url, formats });

const here = fileURLToPath(new URL('.', import.meta.url));

const read = async (name: string, text: string) => {
  const { report, batches } = await readAll(bytesSource(name, text), formats, 'collectd-csv');
  return { report, tables: tablesOf(batches) };
};

it('takes host, plugin and type from the path', () => {
  expect(placeOfPath('/var/lib/collectd/csv/shop-1/cpu-0/cpu-idle-2024-05-01')).toEqual({
    metric: 'collectd_cpu',
    resource: { 'host.name': 'shop-1' },
    labels: { plugin_instance: '0', type_instance: 'idle' },
    guessed: false,
  });
  expect(placeOfPath('shop-1\\df-root\\df_complex-used-2024-05-01')).toMatchObject({
    metric: 'collectd_df_df_complex',
    labels: { plugin_instance: 'root', type_instance: 'used' },
  });
  expect(placeOfPath('load-2024-05-01')).toMatchObject({ metric: 'collectd_load', guessed: true });
});

it('reads a series for each column, and unknown values as NaN', async () => {
  const { report, tables } = await read(
    'shop-1/interface-eth0/if_octets-2024-05-01',
    'epoch,rx,tx\n1700000000.123,10,20\n1700000010.124,U,nan\nepoch,rx,tx\n1700000020,1\nsoon,1,2\n1700000030,x,3\n',
  );
  expect(report.parts).toMatchObject([{ rows: 5, dropped: 3 }]);
  expect(tables.metric_series?.map((row) => row['metric'])).toEqual([
    'collectd_interface_if_octets_rx',
    'collectd_interface_if_octets_tx',
  ]);
  expect(tables.samples?.map(({ ts, value }) => [ts, value]).slice(0, 4)).toEqual([
    [1700000000123000000n, 10],
    [1700000000123000000n, 20],
    [1700000010124000000n, Number.NaN],
    [1700000010124000000n, Number.NaN],
  ]);
});

it('says that a name alone does not tell the host', async () => {
  const { report } = await read('load-2024-05-01', 'epoch,value\n1700000000,1\n');
  expect(report.notices.map(({ code }) => code)).toEqual(['place-unknown']);
});

it('reads the files of a folder as one source', async () => {
  const { reports } = await readSample(sampleFiles(here, 'csv'), formats);
  expect(reports).toMatchObject([{ format: 'collectd-csv', parts: [{ rows: 150, dropped: 0 }] }]);
  expect(reports[0]?.path).toBe('csv');
});
