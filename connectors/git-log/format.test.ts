import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseRfc3339 } from '../../core/base';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { gitLog } from './format';

describeFormat(gitLog, {
  beside: import.meta.url,
  formats,
  records: (files) =>
    files
      .flatMap(({ bytes }) => new TextDecoder().decode(bytes).split('\n'))
      .filter((line) => /^(commit [0-9a-f]|\{"commit")/.test(line)).length,
});

const folder = fileURLToPath(new URL('.', import.meta.url));
const changesOf = async (file: string) =>
  tablesOf((await readSample(sampleFiles(folder, file), formats)).batches).changes ?? [];
const read = async (text: string) => {
  const { report, batches } = await readAll(bytesSource('x', text), formats, 'git-log');
  return { report, tables: tablesOf(batches) };
};

it('gives the same commits from every form that has their committer dates', async () => {
  const keys = async (file: string) =>
    (await changesOf(file)).map(({ ts, version }) => `${version as string} ${ts as bigint}`);
  const fuller = await keys('fuller-stat.txt');
  expect(fuller.length).toBe(6);
  expect(await keys('raw-names.txt')).toEqual(fuller);
  expect(await keys('log.jsonl')).toEqual(fuller);
});

it('takes the short hash for the version, and the subject for the title', async () => {
  const [revert, , pool] = await changesOf('fuller-stat.txt');
  expect(revert).toMatchObject({
    ts: parseRfc3339('2026-11-29T09:47:20+01:00'),
    kind: 'commit',
    title: 'checkout: back to a pool for each request',
    attributes: { 'commit.author': 'Bo Example', 'commit.files': 'services/checkout/pool.go' },
  });
  expect(pool).toMatchObject({
    ts: parseRfc3339('2026-11-29T08:55:31+01:00'),
    attributes: { 'commit.author': 'Ada Example', 'commit.committer': 'Bo Example' },
  });
  const attributes = revert?.['attributes'] as Record<string, string>;
  expect(attributes['vcs.ref.head.revision']?.slice(0, 7)).toBe(revert?.['version']);
});

it('keeps names of people, and neither their addresses nor secrets', async () => {
  for (const file of ['log.txt', 'fuller-stat.txt', 'raw-names.txt', 'log.jsonl']) {
    const text = JSON.stringify(await changesOf(file), (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(text).toContain('Ada Example');
    expect(text).not.toContain('@');
    expect(text).not.toContain('hunter2');
  }
});

it('knows the service where a commit touches the folder of one only', async () => {
  const { tables, report } = await read(`commit ${'a'.repeat(40)}
Author: Ada <a@b.example>
Date:   2026-11-29 09:47:20 +0100

    one

 services/cart/main.go | 2 +-
 services/cart/{old => new}/x.go | Bin 0 -> 4 bytes
 2 files changed, 1 insertion(+), 1 deletion(-)

commit ${'b'.repeat(40)}
Author: Ada <a@b.example>
Date:   2026-11-29 09:40:20 +0100

    two

3\t0\tservices/cart/main.go
1\t1\tREADME.md
`);
  expect(tables.resources?.map((row) => row['attributes'])).toEqual([{ service: 'cart' }, {}]);
  expect(tables.changes?.[0]?.['attributes']).toMatchObject({
    'commit.files': 'services/cart/main.go, services/cart/new/x.go',
  });
  expect(report.notices.map(({ code }) => code)).toEqual([
    'time-of-author',
    'service-of-path',
    'emails-left-out',
  ]);
});

it('leaves patches out and drops a commit whose date is relative', async () => {
  const { tables, report } = await read(`commit ${'a'.repeat(40)}
Author: Ada <a@b.example>
Date:   2026-11-29 09:47:20 +0100

    one

diff --git a/x b/x
--- a/x
+++ b/x
+password=hunter2

commit ${'b'.repeat(40)}
Author: Ada <a@b.example>
Date:   3 days ago

    two
`);
  expect(tables.changes?.map(({ title }) => title)).toEqual(['one']);
  expect(report.parts).toMatchObject([{ signal: 'changes', rows: 1, dropped: 1 }]);
  expect(report.notices.map(({ code }) => code)).toContain('patches-left-out');
});
