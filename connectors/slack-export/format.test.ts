import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { slackExport } from './format';

// Without the list of people all that they wrote stands under their ids: what is cut there changes every row.
describeFormat(slackExport, { beside: import.meta.url, formats, cutRows: 8 });

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = async (file: string) => {
  const result = await readSample(sampleFiles(folder, file), formats);
  return { ...result, tables: tablesOf(result.batches) };
};
const notes = (rows: readonly Record<string, unknown>[] | undefined) =>
  rows?.map(({ title, attributes }) => {
    const of = attributes as Record<string, string>;
    return [of['slack.channel'], of['slack.author'], title];
  });

it('reads folders as one export, with names of people and channels', async () => {
  const { tables, reports } = await read('shop-export');
  expect(reports.length).toBe(1);
  expect(notes(tables.changes)).toEqual([
    ['deploys', 'deploy-bot', 'checkout v42 is in production'],
    ['deploys', 'Bo Example', "Postmortem at three o'clock"],
    [
      'incident-checkout',
      'ada',
      'Checkout answers 500 since 09:31. @Bo Example can you look? @here',
    ],
    [
      'incident-checkout',
      'Bo Example',
      'It began with v42, see #deploys and the dashboard (https://grafana.example/d/checkout) & the log',
    ],
    ['incident-checkout', 'ada', 'I can query the database with'],
    ['incident-checkout', 'Bo Example', 'Rolling back to v41 now'],
    ['incident-checkout', 'cy', 'Customers write to (e-mail address), all well now'],
  ]);
  expect(tables.changes?.[2]).toMatchObject({ ts: 1795941430000216000n, kind: 'note' });
  expect(reports[0]?.notices.map(({ code, count }) => [code, count])).toEqual([
    ['messages-without-text', 1],
    ['system-messages', 2],
    ['secrets-redacted', 1],
    ['emails-left-out', 1],
  ]);
});

it('keeps neither tokens nor addresses of people', async () => {
  for (const file of ['shop-export', 'damaged-shop-export', 'day.json']) {
    const { reports, tables } = await read(file);
    const text = JSON.stringify([reports, tables], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(text).not.toMatch(/abcdef0123|@shop\.example/);
  }
});
