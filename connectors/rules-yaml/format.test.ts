import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { openSlo, prometheusRulesYaml, sloth } from './format';

for (const format of [prometheusRulesYaml, openSlo, sloth]) {
  describeFormat(format, { beside: import.meta.url, formats });
}

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = async (file: string) => {
  const result = await readSample(sampleFiles(folder, file), formats);
  return { ...result, definitions: tablesOf(result.batches).definitions ?? [] };
};

describe('definitions', () => {
  it('are the rules of Prometheus, each as it stands in its file', async () => {
    const { definitions } = await read('rules.yml');
    expect(definitions.map(({ kind, name }) => [kind, name])).toEqual([
      ['recording-rule', 'service:error_ratio:rate5m'],
      ['alerting-rule', 'HighErrorRate'],
      ['alerting-rule', 'PaymentQueueGrows'],
      ['alerting-rule', 'NodeMemoryLow'],
    ]);
    expect(definitions[1]).toMatchObject({
      text: `alert: HighErrorRate
expr: service:error_ratio:rate5m{service="checkout"} > 0.05
for: 2m
labels: {severity: critical, service: checkout}
annotations:
  summary: 'Errors of {{ $labels.service }} are at {{ $value | humanizePercentage }}'
  runbook_url: https://runbooks.example/checkout-errors`,
      attributes: {
        'prometheus.group': 'shop-slo',
        'prometheus.interval': '30s',
        service: 'checkout',
      },
    });
  });

  it('are the objects of OpenSLO without sources of data', async () => {
    const { definitions, reports } = await read('openslo.yaml');
    expect(definitions.map(({ kind, name }) => [kind, name])).toEqual([
      ['service', 'checkout'],
      ['sli', 'checkout-success'],
      ['slo', 'checkout-availability'],
    ]);
    expect(reports[0]?.notices.map(({ code, count }) => [code, count])).toEqual([
      ['targets-left-out', 1],
    ]);
    expect(JSON.stringify(definitions)).not.toContain('hunter2');
  });

  it('are the objectives of Sloth, with the service above them', async () => {
    const all = [
      ...(await read('sloth.yaml')).definitions,
      ...(await read('sloth-kubernetes.yaml')).definitions,
    ];
    expect(all.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['requests-availability', { service: 'checkout', 'sloth.objective': '99.9' }],
      ['requests-latency', { service: 'checkout', 'sloth.objective': '99' }],
      ['payments-succeed', { service: 'payment', 'sloth.objective': '99.95' }],
    ]);
  });

  it('are kept up to where the YAML breaks', async () => {
    const text =
      'groups:\n- name: a\n  rules:\n  - record: x\n    expr: "1"\n  - record: y\n    expr: "2\n';
    const { report, batches } = await readAll(
      bytesSource('x', text),
      formats,
      'prometheus-rules-yaml',
    );
    expect(tablesOf(batches).definitions?.map(({ name }) => name)).toEqual(['x']);
    expect(report.parts).toMatchObject([
      { signal: 'definitions', rows: 1, dropped: 1, droppedExamples: [{ text: 'y' }] },
    ]);
  });
});
