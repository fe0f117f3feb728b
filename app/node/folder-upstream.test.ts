import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readObjectList } from '../../core/connect';
import { folderOf, folderUpstream } from './folder-upstream';

const top = mkdtempSync(join(tmpdir(), 'folder-upstream-'));
const root = join(top, 'lake');
afterAll(() => rmSync(top, { recursive: true, force: true }));
const upstream = folderUpstream(root);
const get = (path: string, headers?: Record<string, string>) =>
  upstream.send({ method: 'GET', path, headers });
const text = (body: Uint8Array): string => new TextDecoder().decode(body);

beforeAll(() => {
  mkdirSync(join(root, 'a=1 & 2'), { recursive: true });
  writeFileSync(join(root, 'a=1 & 2', 'x+y.parquet'), '0123456789');
  writeFileSync(join(root, 'top.txt'), 'top');
  writeFileSync(join(top, 'secret'), 'secret');
  symlinkSync(join(top, 'secret'), join(root, 'link'));
  symlinkSync(top, join(root, 'out'));
});

it('lists as ListObjectsV2 does, deep and by folders', async () => {
  const list = async (query: readonly (readonly [string, string])[], prefix: string) => {
    const { body } = await upstream.send({
      method: 'GET',
      path: '/',
      query: [['prefix', prefix], ...query],
    });
    const { objects, folders } = readObjectList(text(body), prefix);
    return [objects.map(({ key, size }) => [key, size]), folders];
  };
  expect(await list([], '')).toEqual([
    [
      ['a=1 & 2/x+y.parquet', 10],
      ['top.txt', 3],
    ],
    [],
  ]);
  expect(await list([['delimiter', '/']], '')).toEqual([[['top.txt', 3]], ['a=1 & 2/']]);
  expect(await list([], 'a=1 & 2/x')).toEqual([[['a=1 & 2/x+y.parquet', 10]], []]);
  expect(await list([], 'none/')).toEqual([[], []]);
  expect(await list([], '../')).toEqual([[], []]);
  expect(await list([], 'out/')).toEqual([[], []]);
});

it('gives ranges, and none of a file that has changed', async () => {
  const path = `/${encodeURIComponent('a=1 & 2')}/x%2By.parquet`;
  const part = await get(path, { range: 'bytes=8-20' });
  expect([part.status, text(part.body), part.headers['content-range']]).toEqual([
    206,
    '89',
    'bytes 8-9/10',
  ]);
  expect((await get(path, { range: 'bytes=10-11' })).status).toBe(416);
  const etag = part.headers['etag'] ?? '';
  expect((await get(path, { 'if-match': etag })).status).toBe(200);
  expect((await get(path, { 'if-match': '"other"' })).status).toBe(412);
});

it.each([
  '/../secret',
  '/..%2Fsecret',
  '/link',
  '/out/secret',
  '/a%3D1%20%26%202/../../secret',
  '/nowhere',
])('does not give %s', async (path) => {
  const { status, body } = await get(path);
  expect([status, text(body).includes('secret')]).toEqual([404, false]);
});

it('takes paths and file addresses for folders, and nothing else', () => {
  expect(folderOf('/x/lake')?.endpoint).toBe('file:///x/lake');
  expect(folderOf('file:///x/lake')?.endpoint).toBe('file:///x/lake');
  expect(folderOf('s3://bucket/lake')).toBeUndefined();
  expect(folderOf('http://127.0.0.1:9000/lake')).toBeUndefined();
});
