import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseRfc3339 } from '../../core/base';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { argocd } from './format';
import { argocdHistory } from './history-text';

describeFormat(argocd, {
  beside: import.meta.url,
  formats,
  records: (files) =>
    files
      .map(({ bytes }) => new TextDecoder().decode(bytes))
      .reduce((n, text) => n + text.split(/"deployedAt"|"phase": "Failed"/).length - 1, 0),
});

describeFormat(argocdHistory, {
  beside: import.meta.url,
  formats,
  records: ([file]) => new TextDecoder().decode(file?.bytes).match(/^\d/gm)?.length ?? 0,
});

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = async (file: string) => {
  const result = await readSample(sampleFiles(folder, file), formats);
  return { ...result, tables: tablesOf(result.batches) };
};

it('makes a change of every deployment, and of a last operation that failed', async () => {
  const { tables } = await read('applications.json');
  expect(tables.changes?.map(({ title, version }) => [title, version])).toEqual([
    ['Argo CD deployed checkout at 4c8e2a6', '4c8e2a6'],
    ['Argo CD deployed checkout at 9f3a1c5', '9f3a1c5'],
    ['Argo CD deployed checkout at 4c8e2a6', '4c8e2a6'],
    ['Argo CD deployed payment at 4c8e2a6', '4c8e2a6'],
    ['Argo CD failed to deploy payment at 9f3a1c5', '9f3a1c5'],
    ['Argo CD deployed redis at 18.6.1, 77aa2a6', '18.6.1, 77aa2a6'],
  ]);
  expect(tables.changes?.[2]).toMatchObject({
    ts: parseRfc3339('2026-11-29T08:48:55Z'),
    attributes: { 'argocd.initiated_by': 'ada.example', 'argocd.path': 'apps/checkout' },
  });
  expect(tables.resources?.[0]?.['attributes']).toMatchObject({
    service: 'checkout',
    'k8s.namespace.name': 'shop',
  });
});

it('keeps no parameters of charts', async () => {
  for (const file of ['applications.json', 'damaged-applications.json']) {
    const { reports, tables } = await read(file);
    const text = JSON.stringify([reports, tables], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(text).not.toContain('hunter2');
  }
});

it('reads the table that argocd prints, source by source', async () => {
  const { tables, reports } = await read('history-two-sources.txt');
  expect(tables.changes?.map(({ ts, version, attributes }) => [ts, version, attributes])).toEqual([
    [
      parseRfc3339('2026-11-20T10:00:00Z'),
      '18.6.1',
      { 'argocd.history.id': '1', 'vcs.repository.url.full': 'https://charts.example/stable' },
    ],
    [
      parseRfc3339('2026-11-20T10:00:00Z'),
      '77aa2a6',
      {
        'argocd.history.id': '1',
        'vcs.ref.head.name': 'main',
        'vcs.repository.url.full': 'https://git.example/shop/deploy.git',
      },
    ],
    [
      parseRfc3339('2026-11-29T08:10:00Z'),
      '9f3a1c5',
      {
        'argocd.history.id': '2',
        'vcs.ref.head.name': 'main',
        'vcs.repository.url.full': 'https://git.example/shop/deploy.git',
      },
    ],
  ]);
  expect(reports[0]?.notices.map(({ code }) => code)).toEqual(['application-unnamed']);
});
