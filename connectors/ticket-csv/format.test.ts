import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseRfc3339 } from '../../core/base';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { ticketCsv } from './format';

describeFormat(ticketCsv, { beside: import.meta.url, formats, records: () => 3 });

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = async (file: string, choices = {}) => {
  const result = await readSample(sampleFiles(folder, file), formats, { choices });
  return { ...result, tables: tablesOf(result.batches) };
};

it("makes alerts of ServiceNow's incidents", async () => {
  const { tables, reports } = await read('servicenow-incidents.csv', { zone: '+01:00' });
  expect(tables.alerts?.map(({ name, ends_at: end }) => [name, end])).toEqual([
    ['Customers can not pay: checkout answers 500', parseRfc3339('2026-11-29T09:52:00+01:00')],
    ['Cart is slow', null],
    ['Printer of the warehouse has no paper', parseRfc3339('2026-11-28T14:10:00+01:00')],
  ]);
  expect(tables.alerts?.[0]).toMatchObject({
    fingerprint: 'INC0010231',
    starts_at: parseRfc3339('2026-11-29T09:36:10+01:00'),
    severity: '1 - Critical',
    labels: {
      'ticket.group': 'Shop on call',
      'ticket.description':
        'First reported by phone.\nError page with a reference number; write to .',
    },
  });
  expect(tables.resources?.map((row) => row['attributes'])).toEqual([
    { service: 'checkout' },
    { service: 'cart' },
    {},
  ]);
  expect(reports[0]?.notices.map(({ code }) => code)).not.toContain('zone-unknown');
});

it('puts changes where they were made, else where they were planned', async () => {
  const { tables, reports } = await read('servicenow-changes.csv');
  expect(tables.changes?.map(({ ts, title, kind }) => [ts, title, kind])).toEqual([
    [parseRfc3339('2026-11-29T09:01:12Z'), 'CHG0030411: Release checkout v42', 'change'],
    [parseRfc3339('2026-11-30T22:00:00Z'), 'CHG0030412: More memory for payment-db', 'change'],
    [parseRfc3339('2026-11-28T18:00:00Z'), 'CHG0030413: New certificate of the gateway', 'change'],
  ]);
  const codes = reports[0]?.notices.map(({ code, count }) => [code, count]);
  expect(codes).toContainEqual(['start-is-planned', 1]);
});

it("reads Jira's dates and repeated columns, and tells types apart", async () => {
  const { tables } = await read('jira.csv');
  expect(tables.alerts).toMatchObject([
    {
      fingerprint: 'SHOP-811',
      starts_at: parseRfc3339('2026-11-29T09:36:00Z'),
      ends_at: parseRfc3339('2026-11-29T09:52:00Z'),
      labels: {
        'ticket.labels': 'sev1, regression',
        'ticket.description': 'db_password=[redacted] was in the log',
      },
    },
  ]);
  expect(tables.changes?.map(({ kind, title, ts }) => [kind, title, ts])).toEqual([
    ['change', 'SHOP-812: Roll back to v41', parseRfc3339('2026-11-29T09:49:00Z')],
    ['note', 'SHOP-813: Explain the pool of connections', parseRfc3339('2026-11-29T13:05:00Z')],
  ]);
  expect(tables.resources?.map((row) => row['attributes'])).toContainEqual({
    service: 'checkout, payment',
  });
});

it('reads tables with a mark before them and other delimiters', async () => {
  const text = '\uFEFFNumber;Short description;Opened\r\nINC1;Cart is slow;2026-11-29 10:00:00\r\n';
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  expect(report.format).toBe('ticket-csv');
  expect(tablesOf(batches).alerts?.map(({ name }) => name)).toEqual(['Cart is slow']);
});
