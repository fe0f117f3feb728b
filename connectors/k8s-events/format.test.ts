import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseRfc3339 } from '../../core/base';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { versionOf } from './changes';
import { k8sEvents } from './format';

describeFormat(k8sEvents, {
  beside: import.meta.url,
  formats,
  records: (files) =>
    files
      .flatMap(({ bytes }) => new TextDecoder().decode(bytes).split('\n'))
      .filter((line) => /^ {8}"kind": "Event"|^ {12}"kind": "Event"/.test(line)).length,
});

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = async (file: string) => {
  const result = await readSample(sampleFiles(folder, file), formats);
  return { ...result, tables: tablesOf(result.batches) };
};

it('makes changes of what changes the system, and log rows of the rest', async () => {
  const { tables } = await read('events.json');
  expect(tables.changes?.map(({ kind, title, version }) => [kind, title, version])).toEqual([
    ['scale', 'Deployment checkout: Scaled up replica set checkout-7d9c5b8f64 to 1', ''],
    [
      'deployment',
      'Pod checkout-7d9c5b8f64-x2kqp: Successfully pulled image "registry.example/shop/checkout:v42" in 2.31s (2.31s including waiting). Image size: 61231122 bytes.',
      'v42',
    ],
    ['restart', 'Pod checkout-5f7c9d4b88-m4zt7: Stopping container checkout', ''],
    ['node', 'Node shop-node-3: Node shop-node-3 status is now: NodeNotReady', ''],
    [
      'scale',
      'HorizontalPodAutoscaler checkout: New size: 5; reason: cpu resource utilization (percentage of request) above target',
      '',
    ],
  ]);
  expect(tables.logs?.map(({ severity, body }) => [severity, body])).toContainEqual([
    13,
    'Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503',
  ]);
});

it('names pod, node, namespace and container as OpenTelemetry does', async () => {
  const { tables } = await read('events.json');
  expect(tables.resources?.map((row) => row['attributes'])).toContainEqual({
    'k8s.namespace.name': 'shop',
    'k8s.object.kind': 'Pod',
    'k8s.object.name': 'checkout-7d9c5b8f64-x2kqp',
    'k8s.pod.name': 'checkout-7d9c5b8f64-x2kqp',
    'k8s.pod.uid': 'b3-0000-4000-8000-000000000001',
    'k8s.node.name': 'shop-node-2',
    'k8s.container.name': 'checkout',
  });
});

it('reads events.k8s.io, with its series, old fields and watch events', async () => {
  const { tables, reports } = await read('watch.json');
  expect(tables.logs?.map(({ ts }) => ts)).toEqual([
    parseRfc3339('2026-11-29T08:38:12.5Z'),
    parseRfc3339('2026-11-29T08:40:00Z'),
  ]);
  expect(tables.logs?.[0]?.['attributes']).toMatchObject({ 'k8s.event.count': '6' });
  expect(tables.changes?.map(({ kind, ts }) => [kind, ts])).toEqual([
    ['eviction', parseRfc3339('2026-11-29T08:31:40Z')],
  ]);
  expect(reports[0]?.notices.map(({ code }) => code)).toEqual([
    'events-repeated',
    'time-of-creation',
  ]);
});

it('shows nothing of a Secret in a dump', async () => {
  const { reports } = await read('damaged-events.json');
  const text = JSON.stringify(reports, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  expect(text).not.toContain('aHVudGVy');
  expect(reports[0]?.parts.find(({ signal }) => signal === 'logs')?.droppedExamples).toContainEqual(
    {
      where: 'items[3]',
      text: 'Secret shop payment-db',
      reason: 'it is a Secret, not an event',
    },
  );
});

it('finds the version in the name of an image', () => {
  expect(versionOf('registry.example:5000/shop/checkout:v42')).toBe('v42');
  expect(versionOf('registry.example:5000/shop/checkout')).toBe('');
  expect(versionOf(`shop/checkout@sha256:${'ab'.repeat(32)}`)).toBe('sha256:abababababab');
});
