import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { journaldExport, journaldJson } from './format';

/** Entries end with an empty line, which may stand in a message, too: each begins with its cursor. */
const cursors = (files: readonly { readonly bytes: Uint8Array }[]): number =>
  files.reduce(
    (n, { bytes }) => n + new TextDecoder().decode(bytes).split('__CURSOR').length - 1,
    0,
  );

describeFormat(journaldExport, { beside: import.meta.url, formats, records: cursors });
describeFormat(journaldJson, { beside: import.meta.url, formats, records: cursors });

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const folder = new URL('.', import.meta.url).pathname;
const sample = async (file: string) => {
  const { batches } = await readSample(sampleFiles(folder, file), formats);
  return tablesOf(batches);
};
const read = async (content: Uint8Array | string, as = 'journald-export') => {
  const { report, batches } = await readAll(bytesSource('x', content, 11), formats, as);
  return { report, tables: tablesOf(batches) };
};

describe('the same journal in each form', () => {
  it('gives the same rows', async () => {
    const rows = (tables: Awaited<ReturnType<typeof sample>>) =>
      tables.logs?.map((row) => ({ ...row, resource_id: 0n, body: row['body'] })) ?? [];
    const all = rows(await sample('shop.export'));
    expect(all).toHaveLength(21);
    const json = rows(await sample('shop.json'));
    // journalctl left out what is longer than 4096 bytes.
    expect(json.map(({ body }) => body)).toEqual(
      all.map(({ body }) => (textOf(body).length > 4000 ? '' : body)),
    );
    expect(json.filter(({ body }) => body !== '')).toEqual(
      all.filter(({ body }) => textOf(body).length < 4000),
    );
    expect(rows(await sample('shop-seq.json'))).toEqual(all.slice(-4));
    expect(rows(await sample('shop-pretty.json')).at(-1)).toEqual(all.at(-1));
  });

  it('names services, hosts, containers, severities and traces', async () => {
    const { logs = [], resources = [] } = await sample('shop.export');
    const services = resources.map(
      (row) => (row['attributes'] as Record<string, string>)['service.name'],
    );
    expect(services).toEqual(['checkout', 'kernel', 'shop-cart-1', 'sshd', 'report', 'cart']);
    expect(logs[0]).toMatchObject({
      ts: 1795856399999969000n,
      observed_ts: 1795856400000000000n,
      severity: 9,
      severity_text: 'info',
      attributes: { 'process.pid': '1', 'code.line.number': '768', 'thread.id': '1' },
    });
    const failure = logs.find(({ body }) => textOf(body).includes('Traceback'));
    expect(failure).toMatchObject({
      severity: 17,
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      span_id: '00f067aa0ba902b7',
    });
    expect(textOf(failure?.['body']).split('\n')).toHaveLength(5);
    expect(JSON.stringify(logs, (_, v: unknown) => (typeof v === 'bigint' ? '' : v))).not.toContain(
      'not-a-real-token',
    );
    const link = logs.find(({ body }) => textOf(body).includes('Link is Down'));
    expect(link).toMatchObject({ severity: 17, severity_text: 'err' });
  });
});

describe('the export format', () => {
  const field = (
    name: string,
    bytes: readonly number[],
    size = bytes.length,
  ): readonly number[] => [
    ...new TextEncoder().encode(`${name}\n`),
    ...[0, 8, 16, 24, 32, 40, 48, 56].map((bit) => Math.floor(size / 2 ** bit) % 256),
    ...bytes,
    10,
  ];
  const text = (of: string): readonly number[] => [...new TextEncoder().encode(of)];
  const T = '__REALTIME_TIMESTAMP=1795856400000000\n';

  it('takes bytes with empty lines in them, repeated fields, and an end without its empty line', async () => {
    const { tables } = await read(
      Uint8Array.from([
        ...text(T),
        ...field('MESSAGE', text('a\n\nb')),
        ...text('TAG=x\nTAG=y\n\n'),
        ...text(`MESSAGE=last\n${T}`),
      ]),
    );
    expect(tables.logs).toMatchObject([
      { body: 'a\n\nb', attributes: { TAG: 'x, y' } },
      { body: 'last', severity: 0 },
    ]);
  });

  it.each([
    [4, 'does not end where its size says'],
    [2 ** 40, 'would have'],
  ])('drops an entry whose field says %i bytes, and finds the next', async (size, reason) => {
    const { report, tables } = await read(
      Uint8Array.from([
        ...text(T),
        ...field('MESSAGE', text('first'), size),
        ...text(`\n${T}MESSAGE=second\n\n`),
      ]),
    );
    expect(tables.logs).toMatchObject([{ body: 'second' }]);
    expect(report.parts[0]?.droppedExamples[0]?.reason).toContain(reason);
  });

  it('does not hold a line that never ends, and finds what comes after it', async () => {
    const line = 'x'.repeat(1 << 20);
    const rest = `\n\n${T}MESSAGE=after\n\n`;
    const content = new TextEncoder().encode(line.repeat(20) + rest);
    const { report, batches } = await readAll(
      bytesSource('x', content, 1 << 16),
      formats,
      'journald-export',
    );
    expect(tablesOf(batches).logs).toMatchObject([{ body: 'after' }]);
    expect(report.parts[0]).toMatchObject({
      dropped: 1,
      droppedExamples: [{ reason: 'a line has over 16 MiB' }],
    });
  });

  it('passes over a field as long as a core dump', async () => {
    const long = new Uint8Array(20 << 20).fill(120);
    const head = Uint8Array.from(field('COREDUMP', [], long.length).slice(0, -1));
    const content = new Uint8Array(head.length + long.length + 200);
    content.set(head);
    content.set(long, head.length);
    const rest = text(`\n${T}MESSAGE=dumped core\n\n`);
    content.set(rest, head.length + long.length);
    const { batches } = await readAll(
      bytesSource('x', content.subarray(0, head.length + long.length + rest.length), 1 << 20),
      formats,
      'journald-export',
    );
    expect(tablesOf(batches).logs).toMatchObject([{ body: 'dumped core' }]);
  });
});

it('joins what the journald driver of Docker cut, container by container', async () => {
  const entry = (message: string, container: string, partial: object) =>
    JSON.stringify({
      __REALTIME_TIMESTAMP: '1795856400000000',
      MESSAGE: message,
      CONTAINER_ID_FULL: container,
      CONTAINER_NAME: `shop-${container}`,
      ...partial,
    });
  const on = { CONTAINER_PARTIAL_MESSAGE: 'true', CONTAINER_PARTIAL_ORDINAL: '1' };
  const { report, tables } = await read(
    [
      entry('one ', 'a', on),
      entry('other', 'b', {}),
      entry('two', 'a', { CONTAINER_PARTIAL_LAST: 'true' }),
      entry('open', 'b', on),
    ].join('\n'),
    'journald-json',
  );
  expect(tables.logs?.map(({ body }) => body)).toEqual(['other', 'one two', 'open']);
  expect(tables.logs?.[1]).toMatchObject({ attributes: {} });
  expect(report.notices).toMatchObject([{ code: 'lines-joined', count: 1 }]);
});

it('reads events of a stream as journal-gatewayd sends them', async () => {
  const entry = '{"__REALTIME_TIMESTAMP":"1795856400000000","MESSAGE":[104,105],"PRIORITY":"2"}';
  const { tables } = await read(`data: ${entry}\n\ndata: ${entry}\n\n`, 'journald-json');
  expect(tables.logs).toMatchObject([
    { body: 'hi', severity: 21 },
    { body: 'hi', severity_text: 'crit' },
  ]);
});
