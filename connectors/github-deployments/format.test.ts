import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseRfc3339 } from '../../core/base';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { githubDeployments } from './format';

describeFormat(githubDeployments, { beside: import.meta.url, formats });

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = async (file: string) =>
  tablesOf((await readSample(sampleFiles(folder, file), formats)).batches);

it('takes a tag for the version, and of a branch the commit', async () => {
  const { changes, resources } = await read('deployments.json');
  expect(changes?.map(({ kind, title, version }) => [kind, title, version])).toEqual([
    ['deployment', 'Deployment of shop-example/checkout at v42.0.1 to production', 'v42.0.1'],
    ['deployment', 'Deployment of shop-example/checkout at main to staging', '4c8e2a6'],
    ['deployment', 'Deployment of shop-example/checkout at main to production', '4c8e2a6'],
  ]);
  expect(changes?.[0]?.['ts']).toBe(parseRfc3339('2026-11-29T08:01:12Z'));
  expect(resources?.[0]?.['attributes']).toEqual({
    service: 'checkout',
    'vcs.repository.name': 'checkout',
    'vcs.owner.name': 'shop-example',
    'deployment.environment.name': 'production',
  });
});

it('says of a status which deployment it is of, and whether it succeeded', async () => {
  const { changes } = await read('statuses.json');
  expect(changes?.[1]).toMatchObject({
    kind: 'deployment status',
    title: 'Deployment of shop-example/checkout to production: success',
    attributes: { 'deployment.id': '42', 'deployment.status': 'succeeded' },
  });
});

it('reads webhooks of all three', async () => {
  const { changes } = await read('webhooks.jsonl');
  expect(changes?.map(({ kind, title, version }) => [kind, title, version])).toEqual([
    ['deployment', 'Deployment of shop-example/checkout at v42.0.1 to production', 'v42.0.1'],
    [
      'deployment status',
      'Deployment of shop-example/checkout at v42.0.1 to production: success',
      'v42.0.1',
    ],
    ['release', 'Release of shop-example/checkout: One pool (v42.0.1)', 'v42.0.1'],
  ]);
});
