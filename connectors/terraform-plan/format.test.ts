import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { terraformPlan } from './format';

describeFormat(terraformPlan, { beside: import.meta.url, formats });

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = async (file: string) => {
  const result = await readSample(sampleFiles(folder, file), formats);
  return { ...result, tables: tablesOf(result.batches) };
};

it('makes a change of every resource that the plan changes, at the time of the plan', async () => {
  const { tables } = await read('plan.json');
  expect(tables.changes?.map(({ title }) => title)).toEqual([
    'terraform: update terraform_data.pool_size',
    'terraform: replace terraform_data.replicas["cart"]',
    'terraform: create terraform_data.replicas["catalog"]',
    'terraform: replace terraform_data.replicas["checkout"]',
    'terraform: delete terraform_data.replicas["payment"]',
  ]);
  expect(tables.changes?.[0]?.['attributes']).toMatchObject({
    'terraform.state': 'planned',
    'change.input':
      '{"connections":20,"password":"[redacted]","service":"checkout"} → {"connections":5,"password":"[redacted]","service":"checkout"}',
  });
});

it('never shows what is sensitive, whatever its name', async () => {
  for (const file of ['plan.json', 'damaged-plan.json', 'plan-ui.jsonl', 'apply-ui.jsonl']) {
    const { reports, tables } = await read(file);
    const text = JSON.stringify([reports, tables], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(text).not.toMatch(/hunter2|correct-horse/);
  }
  const change = {
    actions: ['update'],
    before: { pin: '1234', list: [{ a: 'x1' }, { a: 'y1' }], plain: 1 },
    after: { pin: '5678', list: [{ a: 'x2' }, { a: 'y2' }], plain: 2 },
    before_sensitive: { pin: true, list: [{}, { a: true }] },
    after_sensitive: { pin: true, list: [{}, { a: true }] },
  };
  const plan = {
    format_version: '1.2',
    terraform_version: '1.11.4',
    resource_changes: [{ address: 'a.b', change }],
    timestamp: '2026-11-29T08:54:41Z',
  };
  const { batches } = await readAll(bytesSource('x', JSON.stringify(plan)), formats);
  expect(tablesOf(batches).changes?.[0]?.['attributes']).toMatchObject({
    'change.pin': '(sensitive) → (sensitive)',
    'change.list': '[{"a":"x1"},{"a":"(sensitive)"}] → [{"a":"x2"},{"a":"(sensitive)"}]',
    'change.plain': '1 → 2',
  });
});

it('tells what was applied from what was only planned', async () => {
  const { tables } = await read('apply-ui.jsonl');
  const states = tables.changes?.map((row) => {
    const attributes = row['attributes'] as Record<string, string>;
    return attributes['terraform.state'];
  });
  expect(states?.filter((state) => state === 'planned').length).toBe(5);
  expect(states?.filter((state) => state === 'applied').length).toBe(7);
  expect(tables.logs?.map(({ body }) => body)).toContain(
    'Apply complete! Resources: 3 added, 1 changed, 3 destroyed.',
  );
});
