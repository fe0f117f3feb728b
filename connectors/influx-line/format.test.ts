import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample } from '../../core/connect/testing/samples';
import { formats } from '..';
import { influxLine } from './format';

describeFormat(influxLine, { beside: import.meta.url, formats });

const read = async (...lines: readonly string[]) => {
  const { report, batches } = await readAll(
    bytesSource('x', `${lines.join('\n')}\n`),
    formats,
    'influx-line',
  );
  return { report, tables: tablesOf(batches) };
};
const TS = 1465839830100400200n;

it('reads escapes as the protocol has them', async () => {
  const { report, tables } = await read(
    String.raw`my\ queue\,a,tag\ key=tag\,value\=1,host=shop-1 field\ key=1.5,b=2i,c=-3e2,d=t,e=FALSE,f=7u ${TS}`,
  );
  expect(report.parts).toMatchObject([{ rows: 6, dropped: 0 }]);
  expect(tables.metric_series?.[0]).toMatchObject({
    metric: 'my queue,a_field key',
    kind: 'unknown',
    labels: { 'tag key': 'tag,value=1' },
  });
  expect(tables.samples?.map(({ ts, value }) => [ts, value])).toEqual(
    [1.5, 2, -300, 1, 0, 7].map((value) => [TS, value]),
  );
  expect(tables.resources).toMatchObject([{ attributes: { 'host.name': 'shop-1' } }]);
});

it('drops texts, lines without a time and what can not be read, each with its reason', async () => {
  const { report } = await read(
    `cpu,host=a used=1,state="o\\"k, \\\\ yes",busy=1 ${TS}`,
    'cpu,host=a used=1',
    'cpu,host=a used=1 soon',
    `cpu,host=a used=one ${TS}`,
    `cpu,host= used=1 ${TS}`,
    `cpu ${TS}`,
    `cpu,host=a text="open ${TS}`,
    'cpu,host=a used=1 14658398301004',
    `# a comment`,
  );
  expect(report.parts).toMatchObject([{ rows: 2, dropped: 8 }]);
  expect(report.parts[0]?.droppedExamples.map(({ reason }) => reason)).toEqual([
    'the field is a text',
    'the line has no time',
    'the time can not be read',
  ]);
  expect(report.notices.map(({ code }) => code)).toEqual(['comments-skipped']);
});

it('takes another precision by choice, or by magnitude with a notice', async () => {
  const file = [{ name: 'x', bytes: new TextEncoder().encode('cpu used=1 1465839830\n') }];
  const guessed = await readSample(file, formats);
  const [report] = guessed.reports;
  expect(report).toMatchObject({ format: 'influx-line', described: { time: 's', guessed: true } });
  expect(report?.notices.map(({ code }) => code)).toEqual(['time-unit-s-guessed']);
  expect(tablesOf(guessed.batches).samples?.[0]?.['ts']).toBe(1465839830000000000n);
  const chosen = await readSample(file, formats, { choices: { timeUnit: 'ms' } });
  expect(tablesOf(chosen.batches).samples?.[0]?.['ts']).toBe(1465839830000000n);
});
