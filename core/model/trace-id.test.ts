import { expect, it } from 'vitest';
import { traceIdIn, traceIdsIn } from './trace-id';

const ID = '5b8efff798038103d269b633813fc60c';

it.each([
  [ID, ID],
  [`  ${ID.toUpperCase()}\n`, ID],
  ['d269b633813fc60c', `${'0'.repeat(16)}d269b633813fc60c`],
  [`00-${ID}-eee19b7ec3c1b174-01`, ID],
  ['5b8efff7-9803-8103-d269-b633813fc60c', ID],
  [Buffer.from(ID, 'hex').toString('base64'), ID],
  [Buffer.from('d269b633813fc60c', 'hex').toString('base64'), `${'0'.repeat(16)}d269b633813fc60c`],
  ['0'.repeat(32), undefined],
  ['deadbeef', undefined],
  [`${ID}0`, undefined],
  ['cart', undefined],
  [`trace ${ID}`, undefined],
  ['', undefined],
])('the trace that %j names is %s', (text, id) => {
  expect(traceIdIn(text)).toBe(id);
});

it.each([
  [`${ID}, ${ID.toUpperCase()}\n00-${'a'.repeat(32)}-eee19b7ec3c1b174-01`, [ID, 'a'.repeat(32)]],
  ['d269b633813fc60c', [`${'0'.repeat(16)}d269b633813fc60c`]],
  ['1d269b633813fc60c', [`${'0'.repeat(15)}1d269b633813fc60c`]],
  [`${ID} cart`, undefined],
  [' , ', undefined],
])('the traces that %j names are %j', (text, ids) => {
  expect(traceIdsIn(text)).toEqual(ids);
});
