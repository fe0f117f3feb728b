import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseRfc3339 } from '../../core/base';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { helmHistory } from './format';

describeFormat(helmHistory, {
  beside: import.meta.url,
  formats,
  records: ([file]) => (JSON.parse(new TextDecoder().decode(file?.bytes)) as unknown[]).length,
});

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = async (file: string) =>
  tablesOf((await readSample(sampleFiles(folder, file), formats)).batches);

it('tells roll-backs and failures, and takes the version of the application', async () => {
  const { changes, resources } = await read('history.json');
  expect(changes?.map(({ kind, title, version }) => [kind, title, version])).toEqual([
    ['deployment', 'Helm deployed checkout v41 (chart 1.4.1)', 'v41'],
    ['deployment', 'Helm deployed checkout v42 (chart 1.4.2)', 'v42'],
    ['deployment', 'Helm deployed checkout v43 (chart 1.4.3-rc.1) – failed', 'v43'],
    ['rollback', 'Helm rolled back checkout v41 (chart 1.4.1)', 'v41'],
  ]);
  expect(changes?.[3]?.['ts']).toBe(parseRfc3339('2026-11-29T08:48:50.901127Z'));
  expect(resources?.map((row) => row['attributes'])).toEqual([{ service: 'checkout' }]);
});

it("reads the list's times, and names the service by the release", async () => {
  const { changes, resources } = await read('list.json');
  expect(changes?.map(({ ts }) => ts)).toEqual([
    parseRfc3339('2026-11-29T08:48:50.901127Z'),
    parseRfc3339('2026-11-20T10:00:00.000000123Z'),
    parseRfc3339('2026-11-11T14:09:00.5Z'),
  ]);
  expect(resources?.map((row) => row['attributes'])).toContainEqual({
    service: 'cart-cache',
    'k8s.namespace.name': 'shop',
  });
});
