import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { plainLog } from './format';
import { headerOf } from './header';
import { startOf } from './times';

describeFormat(plainLog, { beside: import.meta.url, formats });

const folder = new URL('.', import.meta.url).pathname;
const sample = async (file: string) => {
  const { batches } = await readSample(sampleFiles(folder, file), formats);
  return tablesOf(batches).logs ?? [];
};
const read = async (text: string) => {
  const { report, batches } = await readAll(bytesSource('x', text, 9), formats);
  const { logs = [], resources = [] } = tablesOf(batches);
  return { report, logs, resources: resources.map((row) => row['attributes']) };
};
const header = (line: string) => {
  const start = startOf(line);
  if (!start) return undefined;
  const { level, thread, logger, processId, message } = headerOf(line, start);
  return [start.time, level, thread, logger, processId, message];
};

describe('the start of a line', () => {
  const T = '2024-05-01 10:00:00,123';
  it.each([
    // log4j, logback, Spring Boot, Kafka, ZooKeeper, Tomcat, Dropwizard
    [`${T} INFO  [main] c.s.Cart - started`, T, 'INFO', 'main', 'c.s.Cart', '', 'started'],
    [`${T} [main] WARN  c.s.Cart - slow - 5`, T, 'WARN', 'main', 'c.s.Cart', '', 'slow - 5'],
    [
      '2024-05-01T10:00:00.123+02:00  INFO 71 --- [shop] [nio-8080-exec-1] c.s.Cart  : up',
      '2024-05-01T10:00:00.123+02:00',
      'INFO',
      'nio-8080-exec-1',
      'c.s.Cart',
      '71',
      'up',
    ],
    [
      '2024-05-01 10:00:00.123  WARN 1 --- [           main] o.s.b.w.Tomcat   : slow',
      '2024-05-01 10:00:00.123',
      'WARN',
      'main',
      'o.s.b.w.Tomcat',
      '1',
      'slow',
    ],
    [
      `[${T}] INFO [KafkaServer id=0] started (kafka.server.KafkaServer)`,
      T,
      'INFO',
      '',
      '',
      '',
      '[KafkaServer id=0] started (kafka.server.KafkaServer)',
    ],
    [
      `${T} [myid:1] - INFO  [main:QuorumPeer@1] - up`,
      T,
      'INFO',
      'myid:1',
      '',
      '',
      '[main:QuorumPeer@1] - up',
    ],
    [
      '29-Nov-2026 08:36:17.123 INFO [main] org.apache.catalina.Catalina.start Server startup',
      '29-Nov-2026 08:36:17.123',
      'INFO',
      'main',
      'org.apache.catalina.Catalina.start',
      '',
      'Server startup',
    ],
    [
      `INFO  [${T}] org.eclipse.jetty.Server: Started`,
      T,
      'INFO',
      '',
      'org.eclipse.jetty.Server',
      '',
      'Started',
    ],
    [
      '[2024-05-01T10:00:00,123][INFO ][o.e.n.Node               ] [node-1] started',
      '2024-05-01T10:00:00,123',
      'INFO',
      '',
      'o.e.n.Node',
      '',
      '[node-1] started',
    ],
    // python, loguru, celery, gunicorn, uvicorn
    [`${T} - shop.cart - ERROR - no stock`, T, 'ERROR', '', 'shop.cart', '', 'no stock'],
    [`${T} ERROR [cart] no stock`, T, 'ERROR', '', '', '', '[cart] no stock'],
    [
      '2024-05-01 10:00:00.123 | INFO     | shop.cart:add:12 - added',
      '2024-05-01 10:00:00.123',
      'INFO',
      '',
      'shop.cart:add:12',
      '',
      'added',
    ],
    [`[${T}: INFO/MainProcess] Connected`, T, 'INFO', 'MainProcess', '', '', 'Connected'],
    [
      '[2024-05-01 10:00:00 +0000] [71] [INFO] Listening at: x',
      '2024-05-01 10:00:00 +0000',
      'INFO',
      '',
      '',
      '71',
      'Listening at: x',
    ],
    // .NET
    [
      '2024-05-01 10:00:00.123 +02:00 [WRN] slow',
      '2024-05-01 10:00:00.123 +02:00',
      'WRN',
      '',
      '',
      '',
      'slow',
    ],
    [
      '2024-05-01 10:00:00.1234|INFO|Shop.Cart|added',
      '2024-05-01 10:00:00.1234',
      'INFO',
      '',
      'Shop.Cart',
      '',
      'added',
    ],
    // nginx, Apache, PostgreSQL, MySQL, Redis, Ruby, klog, PHP, Envoy
    [
      '2024/05/01 10:00:00 [error] 71#72: *5 connect() failed',
      '2024/05/01 10:00:00',
      'error',
      '',
      '',
      '71',
      '*5 connect() failed',
    ],
    [
      '[Wed May 01 10:00:00.123456 2024] [core:error] [pid 71:tid 72] AH1: x',
      'Wed May 01 10:00:00.123456 2024',
      'error',
      '',
      'core',
      '71',
      'AH1: x',
    ],
    [
      '2024-05-01 10:00:00.123 CET [71] LOG:  ready',
      '2024-05-01 10:00:00.123 CET',
      'LOG',
      '',
      '',
      '71',
      'ready',
    ],
    [
      '2024-05-01T10:00:00.123456Z 0 [Warning] [MY-1] [Server] slow',
      '2024-05-01T10:00:00.123456Z',
      'Warning',
      '0',
      '',
      '',
      '[MY-1] [Server] slow',
    ],
    [
      '71:M 01 May 2024 10:00:00.123 # No room',
      '01 May 2024 10:00:00.123',
      'warning',
      '',
      '',
      '71',
      'No room',
    ],
    [
      'E, [2024-05-01T10:00:00.123456 #71] ERROR -- : no stock',
      '2024-05-01T10:00:00.123456',
      'ERROR',
      '',
      '',
      '71',
      'no stock',
    ],
    [
      'W0501 10:00:00.123456      71 cart.go:12] slow',
      'May 01 10:00:00.123456',
      'W',
      '',
      'cart.go:12',
      '71',
      'slow',
    ],
    [
      '[2024-05-01 10:00:00] production.ERROR: no stock',
      '2024-05-01 10:00:00',
      '',
      '',
      '',
      '',
      'production.ERROR: no stock',
    ],
    // zap, Go, dates, epochs
    [
      '2024-05-01T10:00:00.123Z\tINFO\tsetup\tstarting',
      '2024-05-01T10:00:00.123Z',
      'INFO',
      '',
      '',
      '',
      'setup\tstarting',
    ],
    [
      '2024/05/01 10:00:00 main.go:5: started',
      '2024/05/01 10:00:00',
      '',
      '',
      '',
      '',
      'main.go:5: started',
    ],
    ['May 1, 2024 9:05:00\u202FPM x', 'May 1, 2024 9:05:00 PM', '', '', '', '', 'x'],
    ['05/31/2024 10:00:00 x', '05/31/2024 10:00:00', '', '', '', '', 'x'],
    ['[1714557600] SERVICE ALERT: web-1', '1714557600', '', '', '', '', 'SERVICE ALERT: web-1'],
    ['2024-05-01 10:00:00', '2024-05-01 10:00:00', '', '', '', '', ''],
  ])('%s', (line, ...parts) => {
    expect(header(line)).toEqual(parts);
  });

  it.each([
    '[   12.345678] eth0: link up',
    '2024-05-01 10:00:00,5,cart',
    '2024-05-01T10:00:00Z,cart,5',
    '2024-05-01 is a day',
    '10:00:00.123 [main] INFO c.s.Cart - no date',
    '    at 2024-05-01 10:00:00',
    'INFO started',
    'Mayor 1 10:00:00',
    '',
  ])('has no time: %s', (line) => {
    expect(startOf(line)).toBeUndefined();
  });
});

it('joins traces with the blank lines in them, and gives levels', async () => {
  const python = await sample('python.log');
  expect(python.map(({ severity }) => severity)).toEqual([
    ...Array<number>(13).fill(9),
    5,
    13,
    17,
    21,
  ]);
  expect(python[13]?.['body']).toBe('basket\n  apple\n\n  pear');
  expect(python[14]).toMatchObject({ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' });
  expect(python[15]?.['body']).toMatch(
    /^cannot pay\nTraceback [^]+3000 ms\n\nThe above[^]+failed$/,
  );
  const java = await sample('java.log');
  expect(java.map(({ severity_text }) => severity_text)).toEqual([
    ...Array<string>(7).fill('INFO'),
    'WARNING',
    'SEVERE',
    'INFO',
  ]);
  expect(java[8]?.['body']).toMatch(
    /^order failed\njava.lang.RuntimeException[^]+Caused by[^]+2 more$/,
  );
  expect(java[8]).toMatchObject({ attributes: { 'otel.scope.name': 'Cart' } });
  expect(java[9]?.['body']).toBe('token=[redacted] was refused');
  const postgres = await sample('postgresql.log');
  expect(postgres.filter(({ severity }) => severity === 17)).toMatchObject([
    { attributes: { 'user.name': 'shop', 'db.namespace': 'postgres' } },
    { body: 'relation "basket" does not exist at character 15' },
  ]);
  expect(
    postgres.filter(({ body }) => /not-a-real/.test(typeof body === 'string' ? body : '')),
  ).toEqual([]);
  const node = await sample('node.log');
  expect(node).toHaveLength(9);
});

it('drops what stands before the first time, and says what it joined', async () => {
  const { report, logs } = await read(
    'booting\n\n2024-05-01 10:00:00 a\nb\n\n\n2024-05-01 10:00:01 c\n\n',
  );
  expect(report).toMatchObject({
    format: 'plain-log',
    described: { zone: 'unknown', guessed: true },
  });
  expect(logs.map(({ body }) => body)).toEqual(['a\nb', 'c']);
  expect(report.parts[0]).toMatchObject({
    rows: 2,
    dropped: 1,
    droppedExamples: [{ where: 'line 1', text: 'booting' }],
  });
  expect(report.notices.map(({ code, count }) => [code, count])).toEqual([
    ['zone-unknown', 2],
    ['lines-joined', 1],
  ]);
});

it('keeps what Spring says of its application and trace', async () => {
  const { logs, resources } = await read(
    '2024-05-01T10:00:00.123Z  INFO 71 --- [shop] [nio-8080-exec-1] [4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7] c.s.Cart  : up\n',
  );
  expect(logs).toMatchObject([
    {
      body: 'up',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      span_id: '00f067aa0ba902b7',
      attributes: {
        'thread.name': 'nio-8080-exec-1',
        'otel.scope.name': 'c.s.Cart',
        'process.pid': '71',
      },
    },
  ]);
  expect(resources).toEqual([{ 'service.name': 'shop' }]);
});

it('finds times behind what docker compose writes, and the service there', async () => {
  const { report, logs, resources } = await read(
    [
      'cart-1      | 2024-05-01T10:00:00.123456789Z INFO started',
      'checkout-1  | 2024-05-01T10:00:01Z WARN slow',
      'checkout-1  | and further',
      '',
    ].join('\n'),
  );
  expect(report.format).toBe('plain-log');
  expect(logs).toMatchObject([
    { ts: 1714557600123456789n, severity: 9, body: 'cart-1      | started' },
    { severity: 13, body: 'checkout-1  | slow\ncheckout-1  | and further' },
  ]);
  expect(resources).toEqual([
    { 'service.name': 'cart', 'container.name': 'cart-1' },
    { 'service.name': 'checkout', 'container.name': 'checkout-1' },
  ]);
});

it('takes the colours of a terminal away', async () => {
  const { report, logs } = await read(
    '\u001B[90m2024-05-01T10:00:00Z\u001B[0m \u001B[33mWARN\u001B[0m slow\n\u001B[90m2024-05-01T10:00:01Z\u001B[0m \u001B[1;31merror\u001B[0m x\n',
  );
  expect(report.format).toBe('plain-log');
  expect(logs).toMatchObject([
    { severity: 13, body: 'slow' },
    { severity: 0, body: 'error x' },
  ]);
});

it('is the last choice, and none for tables and documents', () => {
  const sniff = (text: string): number =>
    plainLog.sniff({ name: 'x', bytes: new TextEncoder().encode(text), text }).confidence;
  expect(sniff('2024-05-01 10:00:00 a\n')).toBe(0.5);
  expect(sniff('[main] at 2024-05-01 10:00:00 a\n')).toBe(0.4);
  expect(sniff('time,value\n2024-05-01 10:00:00,5\n')).toBe(0);
  expect(sniff('{"a":1}\n2024-05-01 10:00:00 a\n')).toBe(0);
  expect(sniff('nothing here\n')).toBe(0);
});
