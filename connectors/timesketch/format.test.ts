import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { timesketch } from './format';

describeFormat(timesketch, { beside: import.meta.url, formats });

it('takes the datetime, to the nanosecond, and the timestamp where that is none', async () => {
  const event = { message: 'm', timestamp_desc: 'Write time' };
  const lines = [
    { ...event, datetime: '2024-05-01T10:00:00.123456789+00:00', timestamp: 1714557600123456 },
    { ...event, datetime: '2024-05-01T12:00:00+02:00', timestamp: 123456789, hostname: 'web-1' },
    { ...event, datetime: '2024-05-01 10:00:00', level: 'error', trace_id: 'AB' },
    { ...event, datetime: '?', timestamp: '1714557600000001' },
  ];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  const { report, batches } = await readAll(bytesSource('t.jsonl', text), formats);
  expect(report.notices.map(({ code, count }) => [code, count])).toEqual([['times-disagree', 1]]);
  const { logs, resources } = tablesOf(batches);
  expect(logs?.map(({ ts }) => ts)).toEqual([
    1714557600123456789n,
    1714557600000000000n,
    1714557600000000000n,
    1714557600000001000n,
  ]);
  expect(logs?.[2]).toMatchObject({ severity: 17, severity_text: 'error', trace_id: 'ab' });
  expect(logs?.[0]?.['attributes']).toEqual({ timestamp_desc: 'Write time' });
  expect(resources?.map(({ attributes }) => attributes)).toEqual([{}, { 'host.name': 'web-1' }]);
});
