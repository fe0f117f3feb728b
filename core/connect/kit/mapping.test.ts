import { describe, expect, it } from 'vitest';
import { formats } from '../../../connectors';
import { bytesSource, readAll, tablesOf } from '../testing/import';
import { readFile, type FormatItem, type Mapping, type MappingPreview } from '..';
import { mappingWords, parseMapping } from './mapping';
import { guessMapping } from './mapping-guess';

const never = new AbortController().signal;

/** A guess as "target: field=column", for a table given as text. */
function guess(text: string): string {
  const [columns = [], ...rows] = text.split('\n').map((line) => line.split(','));
  const mapping = guessMapping({ columns, rows }, 'logs/web.csv');
  if (!mapping) return 'none';
  const fields = Object.entries(mapping.fields).map(([name, of]) =>
    'column' in of ? `${name}=${of.column}` : `${name}="${of.constant}"`,
  );
  const values = mapping.values ? [`values=${mapping.values.join('+')}`] : [];
  return `${mapping.target}: ${[...fields, ...values].join(' ')}`;
}

const T = '2024-05-01T10:00:00Z';

describe('guessMapping', () => {
  it.each([
    [`time,level,msg\n${T},info,a b`, 'logs: time=time body=msg severity=level'],
    [`when,what\n${T},the disk of db-1 is full`, 'logs: time=when body=what'],
    [`timestamp,value\n1714557600,3.5`, 'samples: time=timestamp metric="web" value=value'],
    [
      `timestamp,host,cpu,mem,id\n1714557600,a,3,4,7`,
      'samples: time=timestamp host=host values=cpu+mem',
    ],
    [
      `ts,metric,value,region\n${T},up,1,eu`,
      'samples: time=ts metric=metric value=value attribute.region=region',
    ],
    [
      `Timestamp,TraceId,SpanId,ParentSpanId,SpanName,ServiceName,Duration\n${T},a,b,c,GET,web,9`,
      'spans: time=Timestamp service=ServiceName trace_id=TraceId span_id=SpanId parent_span_id=ParentSpanId name=SpanName duration=Duration',
    ],
    [
      `traceId,id,parentId,name,timestamp,duration\na1,b1,,get,1544805927446743,90`,
      'spans: time=timestamp trace_id=traceId span_id=id parent_span_id=parentId name=name duration=duration',
    ],
    [
      `startsAt,alertname,severity,service\n${T},Down,page,web`,
      'alerts: time=startsAt service=service name=alertname severity=severity',
    ],
    [
      `time,type,title,version\n${T},deploy,cart goes out,1.2`,
      'changes: time=time title=title kind=type version=version',
    ],
    [
      `id,attributes.timestamp,attributes.status,attributes.service,attributes.message\n1,${T},error,web,it fails`,
      'logs: time=attributes.timestamp service=attributes.service body=attributes.message severity=attributes.status',
    ],
    [
      `Timestamp,service.name,trace.trace_id,trace.span_id,name,duration_ms\n${T},web,a,b,GET,9`,
      'spans: time=Timestamp service=service.name trace_id=trace.trace_id span_id=trace.span_id name=name duration=duration_ms',
    ],
    [`time,status,message\n${T},200,served`, 'logs: time=time body=message'],
    [`date,time,message\n01.05.2024,10:00:00,up`, 'logs: time=time date=date body=message'],
    [`name,age\nann,31`, 'none'],
    [`id,name\n17,x`, 'none'],
  ])('%j', (text, expected) => {
    expect(guess(text)).toBe(expected);
  });
});

it('a column whose values are all different is no label', () => {
  const rows = Array.from({ length: 30 }, (_, i) => `${1714557600 + i},${i % 3},r${i % 2},id${i}`);
  expect(guess(`time,load,region,request\n${rows.join('\n')}`)).toBe(
    'samples: time=time attribute.region=region values=load',
  );
});

describe('a mapping file', () => {
  const mapping: Mapping = {
    target: 'logs',
    fields: { time: { column: 't' }, body: { column: 'm' }, service: { constant: 'web' } },
  };

  it('is said in words', () => {
    expect(mappingWords(mapping)).toBe('time = t, body = m, service = "web"');
    const fields = { time: { column: 't' }, 'attribute.a': { column: 'a' } };
    expect(mappingWords({ target: 'samples', fields, values: ['x', 'y'] })).toBe(
      'time = t, metrics = x, y, labels = a',
    );
  });

  it('is read as it was written', () => {
    expect(parseMapping(JSON.stringify({ version: 1, ...mapping }))).toEqual(mapping);
  });

  it.each([
    ['no', 'not JSON'],
    ['{}', '"version": 1'],
    [JSON.stringify({ version: 1, ...mapping, fields: {} }), 'a column for time is missing'],
    [
      JSON.stringify({ version: 1, ...mapping, fields: { ...mapping.fields, x: { column: 'a' } } }),
      'logs have no field "x"',
    ],
    [JSON.stringify({ version: 1, ...mapping, values: ['a'] }), 'only samples'],
    [
      JSON.stringify({ version: 1, target: 'samples', fields: { time: { column: 't' } } }),
      'metric and value are missing',
    ],
  ])('says what is wrong: %s', (text, message) => {
    expect(() => parseMapping(text)).toThrow(message);
  });
});

async function mapped(text: string, mapping: Mapping | undefined, name = 'x.csv', as?: string) {
  const items: FormatItem[] = [];
  const report = await readFile(bytesSource(name, text), formats, {
    signal: never,
    as,
    choices: { mapping },
    onItem: (item) => void items.push(item),
  });
  const batches = items.flatMap((item) => (item.kind === 'batch' ? [item.batch] : []));
  return { report, tables: tablesOf(batches) };
}

describe('reading by a mapping', () => {
  it('takes spans from JSON lines, by paths, with units', async () => {
    const line = (more: object) =>
      JSON.stringify({ at: 1714557600, op: { id: 'AB', of: 'C1' }, took: 1.5, ...more });
    const { report, tables } = await mapped(
      [line({ op: { id: 'AB', of: 'C1', name: 'GET /' }, result: 'ERROR' }), line({})].join('\n'),
      {
        target: 'spans',
        fields: {
          time: { column: 'at' },
          name: { column: 'op.name' },
          trace_id: { column: 'op.of' },
          span_id: { column: 'op.id' },
          duration: { column: 'took' },
          status: { column: 'result' },
          'resource.service.name': { constant: 'web' },
        },
        duration: 's',
      },
    );
    expect(report).toMatchObject({ format: 'json-table', mapped: { guessed: false } });
    expect(report.parts).toMatchObject([{ signal: 'spans', rows: 1, dropped: 1 }]);
    expect(tables.spans).toMatchObject([
      {
        trace_id: 'c1'.padStart(32, '0'),
        span_id: 'ab'.padStart(16, '0'),
        duration: 1500000000n,
        status: 2,
      },
    ]);
    expect(tables.resources).toMatchObject([{ attributes: { 'service.name': 'web' } }]);
  });

  it('takes durations that say no unit in that of the times, where these are fine', async () => {
    const fields = Object.fromEntries(
      ['time', 'name', 'trace_id', 'span_id', 'duration'].map((name) => [name, { column: name }]),
    );
    const line = (time: number): string =>
      JSON.stringify({ time, name: 'GET /', trace_id: 'a1', span_id: 'b2', duration: 1500 });
    const lines = [1605223981761425, 1605223981761, 1605223981].map(line).join('\n');
    const { tables, report } = await mapped(lines, { target: 'spans', fields });
    expect(tables.spans?.map(({ duration }) => duration)).toEqual([
      1_500_000n,
      1_500_000_000n,
      1_500_000_000n,
    ]);
    expect(report.notices).toContainEqual(
      expect.objectContaining({ code: 'duration-unit-assumed', count: 3 }),
    );
  });

  it('takes each column of values as a metric, and the zone that the mapping says', async () => {
    const { report, tables } = await mapped(
      'Zeit;Last;Frei\n01.05.2024 12:00;1,5;1.024,0\n01.05.2024 12:01;;x\n',
      {
        target: 'samples',
        fields: { time: { column: 'Zeit' }, host: { constant: 'db' } },
        values: ['Last', 'Frei'],
        decimal: ',',
        time: { zone: 'Europe/Berlin' },
      },
    );
    expect(tables.metric_series?.map(({ metric }) => metric)).toEqual(['Last', 'Frei']);
    expect(tables.samples).toMatchObject([
      { ts: 1714557600000000000n, value: 1.5 },
      { ts: 1714557600000000000n, value: 1024 },
    ]);
    expect(report.parts).toMatchObject([{ rows: 2, dropped: 1 }]);
    expect(report.notices.map(({ code }) => code)).toEqual([
      'values-not-numbers',
      'columns-mapped',
    ]);
  });

  it.each(['\n', ''])(
    'takes the records of a list that the mapping names, also of several documents',
    async (between) => {
      const line = (...msgs: string[]) =>
        JSON.stringify({ sent: [{ x: 1 }], of: { events: msgs.map((msg) => ({ ts: T, msg })) } });
      const { report, tables } = await mapped(
        between === '' ? line('a', 'b', '') : [line('a'), line(), line('b', ''), ''].join(between),
        {
          target: 'logs',
          records: 'of.events',
          fields: { time: { column: 'ts' }, body: { column: 'msg' } },
        },
        'x.json',
        'json-table',
      );
      expect(tables.logs?.map(({ body }) => body)).toEqual(['a', 'b']);
      expect(report.parts).toMatchObject([{ signal: 'logs', rows: 2, dropped: 1 }]);
    },
  );

  it('keeps secrets out of rows and out of what is shown of dropped records', async () => {
    const { report, tables } = await mapped(
      `time,message,password,note\n${T},hello,hunter2,token=abcdefgh1\nnever,hello,hunter3,b\n`,
      undefined,
    );
    const shown = JSON.stringify([tables.logs, report.parts], (_, v: unknown) =>
      typeof v === 'bigint' ? String(v) : v,
    );
    expect(tables.logs).toHaveLength(1);
    for (const secret of ['hunter2', 'hunter3', 'abcdefgh1']) expect(shown).not.toContain(secret);
  });

  it('drops everything of a table that has no time, and asks for a mapping', async () => {
    const { report } = await readAll(bytesSource('x', 'name,age\nann,31\nbob,5\n'), formats);
    expect(report.parts).toMatchObject([{ rows: 0, dropped: 2 }]);
    expect(report.notices).toMatchObject([{ code: 'mapping-needed' }]);
  });

  it('says which columns a mapping names in vain', async () => {
    const fields = { time: { column: 'time' }, body: { column: 'm' }, service: { column: 'svc' } };
    const { report } = await mapped(`time,m\n${T},a\n`, { target: 'logs', fields });
    expect(report.notices).toMatchObject([
      { code: 'mapped-columns-missing' },
      { code: 'columns-mapped' },
    ]);
  });
});

describe('a preview', () => {
  const preview = async (text: string, mapping?: Mapping): Promise<MappingPreview | undefined> =>
    formats
      .find(({ id }) => id === 'csv-table')
      ?.preview?.(bytesSource('x.csv', text), never, { mapping });

  it('shows records as they would be, and why others would be dropped', async () => {
    const text = `time,msg,svc,n\n${T},one,web,1\nnever,two,web,2\n${T},short\n`;
    expect(await preview(text)).toMatchObject({
      guessed: true,
      columns: [
        { name: 'time' },
        { name: 'msg', examples: ['one', 'two'] },
        { name: 'svc' },
        { name: 'n' },
      ],
      rows: [
        {
          fields: [
            ['ts', '2024-05-01T10:00:00Z'],
            ['body', 'one'],
            ['svc', 'web'],
            ['n', '1'],
          ],
          reason: '',
        },
        { fields: [], reason: 'its time can not be read' },
        { fields: [], reason: 'it has 2 fields, the table has 4 columns' },
      ],
    });
  });

  it('shows the columns where nothing is known of them', async () => {
    expect(await preview('name,age\nann,31\n')).toMatchObject({
      mapping: null,
      rows: [],
      columns: [{ name: 'name', examples: ['ann'] }, { name: 'age' }],
    });
  });
});
