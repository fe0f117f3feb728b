import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { dockerJson } from './format';

describeFormat(dockerJson, { beside: import.meta.url, formats });

const read = async (name: string, lines: readonly object[]) => {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const { report, batches } = await readAll(bytesSource(name, text), formats);
  return { report, tables: tablesOf(batches) };
};
const time = '2024-05-01T10:00:00.123456789Z';

it('joins a message that Docker cut, stream by stream', async () => {
  const { report, tables } = await read('x.log', [
    { log: 'the first half, ', stream: 'stdout', time },
    { log: 'level=warn elsewhere\n', stream: 'stderr', time },
    { log: 'the second\n', stream: 'stdout', time },
    { log: 'without its end', stream: 'stdout', time },
  ]);
  expect(report).toMatchObject({ format: 'docker-json', state: 'ok' });
  expect(tables.logs?.map(({ body, severity }) => [body, severity])).toEqual([
    ['level=warn elsewhere', 13],
    ['the first half, the second', 0],
    ['without its end', 0],
  ]);
  expect(report.notices.map(({ code, count }) => [code, count])).toEqual([
    ['severity-from-text', 1],
    ['lines-joined', 1],
  ]);
});

it('names the service by its labels and the container by its file', async () => {
  const id = 'ab'.repeat(32);
  const { tables } = await read(`/var/lib/docker/containers/${id}/${id}-json.log`, [
    { log: 'a\n', stream: 'stdout', attrs: { 'com.docker.compose.service': 'web' }, time },
  ]);
  expect(tables.resources?.[0]?.['attributes']).toEqual({
    'com.docker.compose.service': 'web',
    'service.name': 'web',
    'container.id': id,
  });
  expect(tables.logs?.[0]?.['ts']).toBe(1714557600123456789n);
});

it('splits a message that never ends, and says so', async () => {
  const piece = 'x'.repeat(1 << 20);
  const lines = Array.from({ length: 9 }, () => ({ log: piece, stream: 'stdout', time }));
  const { report, tables } = await read('x.log', [
    { log: 'up\n', stream: 'stderr', time },
    ...lines,
  ]);
  const sizes = tables.logs?.map(
    ({ body }) => (typeof body === 'string' ? body.length : 0) / piece.length,
  );
  expect(sizes).toEqual([2 / piece.length, 4, 4, 1]);
  expect(report.notices.find(({ code }) => code === 'message-split')?.count).toBe(2);
});
