import { expect, it } from 'vitest';
import { alertFingerprint } from '../../core/connect';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { fileURLToPath } from 'node:url';
import { formats } from '..';
import { alertmanagerAlerts } from './format';

describeFormat(alertmanagerAlerts, { beside: import.meta.url, formats, cutRows: 1 });

const folder = fileURLToPath(new URL('.', import.meta.url));
const rowsOf = async (file: string) =>
  tablesOf((await readSample(sampleFiles(folder, file), formats)).batches).alerts ?? [];

it('makes the fingerprint that Alertmanager makes', async () => {
  const rows = await rowsOf('alerts.json');
  expect(rows.length).toBe(4);
  for (const row of rows) {
    expect(alertFingerprint(row['labels'] as Record<string, string>)).toBe(row['fingerprint']);
  }
});

it('takes no promise to forget for an end, and keeps who silenced what', async () => {
  const rows = await rowsOf('alerts.json');
  expect(rows.map((row) => row['ends_at'])).toEqual([null, null, null, null]);
  const notes = rows.map((row) => row['annotations'] as Record<string, string>);
  expect(notes.filter((note) => note['alertmanager.state'] === 'suppressed').length).toBe(2);
  expect(notes.filter((note) => note['alertmanager.silenced_by']).length).toBe(1);
  expect(notes.filter((note) => note['alertmanager.inhibited']).length).toBe(1);
});

it('gives an alert its end where it was updated at or after it', async () => {
  const alert = {
    labels: { alertname: 'A', service: 'cart' },
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: '2026-01-01T00:10:00Z',
    updatedAt: '2026-01-01T00:10:00Z',
    status: { state: 'unprocessed' },
  };
  const text = JSON.stringify({ status: 'success', data: [alert] });
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  expect(report.format).toBe('alertmanager-alerts');
  expect(tablesOf(batches).alerts?.[0]?.['ends_at']).toBe(1767226200000000000n);
});

it('takes an alert of two groups once', async () => {
  const alert = {
    fingerprint: 'f',
    labels: { alertname: 'A' },
    startsAt: '2026-01-01T00:00:00Z',
    status: {},
  };
  const group = { alerts: [alert], labels: { service: 'cart' } };
  const text = JSON.stringify([
    { ...group, receiver: { name: 'a' } },
    { ...group, receiver: { name: 'b' } },
  ]);
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  expect(tablesOf(batches).alerts?.length).toBe(1);
  expect(tablesOf(batches).alerts?.[0]?.['annotations']).toEqual({
    'alertmanager.group': 'service=cart',
    'alertmanager.receivers': 'a',
  });
  expect(report.notices.map(({ code }) => code)).toEqual(['alerts-in-several-groups']);
});
