import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseRfc3339 } from '../../core/base';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { pagerduty } from './format';

// An incident whose later events are cut off stands as it was before them; the sample has two.
describeFormat(pagerduty, { beside: import.meta.url, formats, cutRows: 2 });

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = async (file: string) =>
  tablesOf((await readSample(sampleFiles(folder, file), formats)).batches);

it('folds the events of an incident into one alert', async () => {
  const { alerts, changes, resources } = await read('webhooks.jsonl');
  expect(alerts?.length).toBe(2);
  expect(alerts?.[0]).toMatchObject({
    fingerprint: 'Q1CHECKOUT01',
    name: 'HighErrorRate of checkout',
    starts_at: parseRfc3339('2026-11-29T08:31:12Z'),
    ends_at: parseRfc3339('2026-11-29T08:49:31.300Z'),
    severity: 'P1',
    annotations: {
      'pagerduty.acknowledged_at': '2026-11-29T08:34:02.551Z',
      'pagerduty.acknowledged_by': 'Ada Example',
    },
  });
  expect(alerts?.[1]).toMatchObject({ severity: 'low', ends_at: null });
  expect(changes?.map(({ kind, title }) => [kind, title])).toEqual([
    ['note', 'Errors began with the release of checkout v42; rolling back.'],
  ]);
  expect(resources?.map((row) => row['attributes'])).toContainEqual({ service: 'checkout' });
});

it('takes events in any order, and an incident that was opened again has not ended', async () => {
  const event = (type: string, at: string) =>
    JSON.stringify({
      event: {
        event_type: `incident.${type}`,
        resource_type: 'incident',
        occurred_at: at,
        data: { id: 'Q1', title: 'Slow cart', service: { summary: 'cart' } },
      },
    });
  const lines = [
    event('reopened', '2026-01-01T00:20:00Z'),
    event('resolved', '2026-01-01T00:10:00Z'),
    event('triggered', '2026-01-01T00:00:00Z'),
  ];
  const { report, batches } = await readAll(bytesSource('x', lines.join('\n')), formats);
  expect(tablesOf(batches).alerts).toMatchObject([
    { starts_at: parseRfc3339('2026-01-01T00:00:00Z'), ends_at: null },
  ]);
  expect(report.notices.map(({ code, count }) => [code, count])).toEqual([
    ['events-folded', 2],
    ['start-is-first-event', 1],
  ]);
});

it('keeps log entries as notes', async () => {
  const { changes } = await read('log-entries.json');
  expect(changes?.length).toBe(5);
  expect(changes?.[2]).toMatchObject({
    kind: 'note',
    title: 'Acknowledged by Ada Example.',
    attributes: {
      'pagerduty.log_entry.type': 'acknowledge',
      'pagerduty.incident.id': 'Q1CHECKOUT01',
      'pagerduty.agent': 'Ada Example',
    },
  });
});
