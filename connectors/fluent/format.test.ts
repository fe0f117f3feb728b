import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { fluent } from './format';

describeFormat(fluent, { beside: import.meta.url, formats });

it.each([
  ['kube.cart: [1790000000.123456789, {"log":"m","stream":"stdout"}]', 'kube.cart'],
  ['kube.cart: [[1790000000.123456789, {}], {"log":"m"}]', 'kube.cart'],
  ['2026-09-21T14:13:20.123456789+00:00\tshop.cart\t{"message":"m"}', 'shop.cart'],
  ['2026-09-21T16:13:20.123456789+02:00 shop.cart {"message":"m"}', 'shop.cart'],
  ['{"date":1790000000.123456789,"log":"m"}', undefined],
  ['{"date":"2026-09-21T14:13:20.123456789Z","log":"m"}', undefined],
])('%s', async (line, tag) => {
  const { report, batches } = await readAll(bytesSource('x', `${line}\n`), formats);
  expect(report.format).toBe('fluent');
  const [log] = tablesOf(batches).logs ?? [];
  expect(log).toMatchObject({ ts: 1_790_000_000_123_456_789n, body: 'm' });
  expect(log?.['attributes']).toMatchObject(tag === undefined ? {} : { 'fluent.tag': tag });
});
