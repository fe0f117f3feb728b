import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { filebeatJson, logstashJson } from './format';

for (const format of [filebeatJson, logstashJson]) {
  describeFormat(format, { beside: import.meta.url, formats });
}

it('reads the application’s own JSON in a message, its time before the shipper’s', async () => {
  const message = JSON.stringify({
    ts: 1_790_000_000.123,
    level: 'error',
    msg: 'payment failed',
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  });
  const event = {
    '@timestamp': '2026-09-21T14:13:25.000Z',
    '@metadata': { beat: 'filebeat', type: '_doc', version: '8.19.0' },
    message,
    stream: 'stderr',
    kubernetes: {
      pod: { name: 'payment-0' },
      namespace: 'shop',
      container: { name: 'payment' },
      labels: { tier: 'back' },
    },
    log: { file: { path: '/var/log/containers/payment-0.log' }, offset: 12 },
  };
  const text = `${JSON.stringify(event)}\n`;
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  const { logs, resources } = tablesOf(batches);
  expect(report.format).toBe('filebeat-json');
  expect(logs).toMatchObject([
    {
      ts: 1_790_000_000_123_000_000n,
      severity: 17,
      body: 'payment failed',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      attributes: { 'log.file.path': '/var/log/containers/payment-0.log', stream: 'stderr' },
    },
  ]);
  expect(resources?.[0]?.['attributes']).toMatchObject({
    'service.name': 'payment',
    'k8s.pod.name': 'payment-0',
    'k8s.namespace.name': 'shop',
    'k8s.pod.label.tier': 'back',
  });
  expect(report.notices.map(({ code }) => code)).toContain('message-is-json');
});
