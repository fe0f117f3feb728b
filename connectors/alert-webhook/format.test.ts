import { expect, it } from 'vitest';
import { jsonText } from '../../core/connect';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { decodeAlertWebhook } from './decode';
import { alertWebhook } from './format';

describeFormat(alertWebhook, { beside: import.meta.url, formats });

it("keeps Grafana's values and addresses, and no secrets", () => {
  const alert = {
    status: 'firing',
    labels: { alertname: 'A' },
    annotations: { runbook: 'https://ops:hunter2-swordfish@wiki.example/a' },
    startsAt: '2026-01-01T00:00:00Z',
    dashboardURL: 'https://grafana.example/d/1',
    panelURL: '',
    values: { B: 0.12 },
  };
  const bad = { annotations: { note: 'password=hunter2-swordfish' } };
  const body = new TextEncoder().encode(JSON.stringify({ alerts: [alert, bad] }));
  const { batches, records, notices } = decodeAlertWebhook(body);
  expect(tablesOf(batches).alerts?.[0]?.['annotations']).toEqual({
    runbook: 'https://ops:[redacted]@wiki.example/a',
    'grafana.value.B': '0.12',
    'grafana.dashboard_url': 'https://grafana.example/d/1',
  });
  expect(jsonText([records.map(({ text }) => text), notices])).not.toContain('hunter2');
});
