import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { victoriaMetricsExport } from './format';

describeFormat(victoriaMetricsExport, {
  beside: import.meta.url,
  formats,
  records: (files) =>
    files.reduce(
      (n, { bytes }) => n + (new TextDecoder().decode(bytes).match(/\d{13}/g)?.length ?? 0),
      0,
    ),
});

const read = async (text: string) => {
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  return { report, tables: tablesOf(batches) };
};

it('reads what is no number in all the ways that versions write it', async () => {
  const { report, tables } = await read(
    '{"metric":{"__name__":"queue_limit","note":"[NaN]"},"values":[+Inf,-Inf,NaN,null,"Infinity","-Infinity",2.5],"timestamps":[1,2,3,4,5,6,7]}\n',
  );
  expect(report).toMatchObject({ format: 'victoriametrics-export', state: 'ok', notices: [] });
  expect(tables.samples?.map(({ value }) => value)).toEqual([
    Infinity,
    -Infinity,
    NaN,
    NaN,
    Infinity,
    -Infinity,
    2.5,
  ]);
  expect(tables.metric_series?.[0]?.['labels']).toEqual({ note: '[NaN]' });
});

it('drops values without times, times without values and lines that are no series', async () => {
  const { report, tables } = await read(
    [
      '{"metric":{"__name__":"up","job":"cart"},"values":[1,1,0],"timestamps":[1549891472010,1549891487724]}',
      '{"metric":{"__name__":"up","job":"pay"},"values":[1],"timestamps":[1549891472010,1549891487724]}',
      '{"metric":{"__name__":"up","job":"pay"},"values":[true],"timestamps":["soon"]}',
      '{"metric":{"__name__":"up"},"values":[1]}',
      '{"metric":{"__name__":"up"},"values":[],"timestamps":[]}',
      '{"metric":{"__name__":1},"values":[1],"timestamps":[1549891472010]}',
      'up 1',
      '',
    ].join('\n'),
  );
  expect(report.parts).toMatchObject([{ rows: 3, dropped: 7 }]);
  expect(tables.samples?.[0]?.['ts']).toBe(1549891472010000000n);
});
