import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { syslog } from './format';
import { parseSyslog } from './message';

describeFormat(syslog, { beside: import.meta.url, formats });

const read = async (text: string, as?: string) => {
  const { report, batches } = await readAll(bytesSource('x', text, 9), formats, as);
  const { logs = [], resources = [] } = tablesOf(batches);
  return { report, logs, resources: resources.map((row) => row['attributes']) };
};

describe('a message', () => {
  it('of RFC 5424 with structured data', () => {
    const line =
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="App\\"l\\]\\\\n"][x y=""] \uFEFFAn application event';
    expect(parseSyslog(line)).toEqual({
      priority: 165,
      time: '2003-10-11T22:14:15.003Z',
      host: 'mymachine.example.com',
      app: 'evntslog',
      processId: '',
      messageId: 'ID47',
      data: {
        'exampleSDID@32473.iut': '3',
        'exampleSDID@32473.eventSource': 'App"l]\\n',
        'x.y': '',
      },
      text: 'An application event',
    });
  });

  it.each([
    ['<34>1 - - - - - -', '', '', '', ''],
    ['<34>1 2003-10-11T22:14:15Z h a p m [x]', 'h', 'a', 'p', ''],
    [
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
      'mymachine',
      'su',
      '',
      "'su root' failed",
    ],
    ['<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!', '10.0.0.99', '', '', 'Use the BFG!'],
    ['Oct 11 22:14:15 web-1 sshd[42]: Accepted key: x', 'web-1', 'sshd', '42', 'Accepted key: x'],
    ['Oct 11 22:14:15 cron[7]: no host', '', 'cron', '7', 'no host'],
    ['Oct 11 22:14:15 web-1 (systemd)[7]: x', 'web-1', '(systemd)', '7', 'x'],
    ['Oct 11 22:14:15 web-1 pay[7] no colon', 'web-1', 'pay', '7', 'no colon'],
    [
      'Oct 11 22:14:15 web-1 last message repeated 2 times',
      'web-1',
      '',
      '',
      'last message repeated 2 times',
    ],
    ['<30>Oct 11 2024 22:14:15.123: fw-1 asa: x', 'fw-1', 'asa', '', 'x'],
    ['Wed 2024-05-01 10:00:00.5 CET web-1 cart.service[9]: x', 'web-1', 'cart.service', '9', 'x'],
    ['2024-05-01T10:00:00+0200 web-1 postfix/smtpd[9]: x', 'web-1', 'postfix/smtpd', '9', 'x'],
  ])('%s', (line, host, app, processId, text) => {
    expect(parseSyslog(line)).toMatchObject({ host, app, processId, text });
  });

  it.each([
    '',
    'text',
    '<192>1 - - - - - -',
    '<34>1 - - - - -',
    '<x>y',
    '<34>1 - - - - - [a b="c]',
    'Oct 11',
  ])('is none: %s', (line) => {
    expect(parseSyslog(line)).toBeUndefined();
  });
});

it('gives severity by priority, service, host, facility and trace', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const { report, logs, resources } = await read(
    [
      `<134>1 2024-05-01T10:00:00Z web-1 cart 7 M1 [t@1 trace_id="${trace}" span_id="00f067aa0ba902b7"] ERROR by its text`,
      '<0>1 2024-05-01T10:00:00.5+02:00 web-1 /usr/sbin/pay x-1 - - Authorization: Bearer abcd1234efgh5678',
      '<14>1 2024-05-01T10:00:00Z - - - - - nobody',
      '',
    ].join('\n'),
  );
  expect(report).toMatchObject({ format: 'syslog', described: { zone: 'stated', guessed: false } });
  expect(logs).toMatchObject([
    {
      ts: 1714557600000000000n,
      severity: 9,
      severity_text: 'info',
      trace_id: trace,
      span_id: '00f067aa0ba902b7',
      attributes: { 'syslog.facility': 'local0', 'syslog.msgid': 'M1', 'process.pid': '7' },
    },
    { ts: 1714550400500000000n, severity: 24, attributes: { 'syslog.procid': 'x-1' } },
    { body: 'nobody' },
  ]);
  expect(logs[1]?.['body']).not.toContain('abcd1234');
  expect(resources).toEqual([
    { 'service.name': 'cart', 'host.name': 'web-1' },
    { 'service.name': 'pay', 'host.name': 'web-1' },
    {},
  ]);
});

it('counts repeated messages, and gives them to whoever said them', async () => {
  const { report, logs, resources } = await read(
    [
      'May  1 10:00:00 web-1 cart[7]: ERROR no stock',
      'May  1 10:00:30 web-1 last message repeated 12 times',
      'May  1 10:01:00 web-2 pay[8]: message repeated 3 times: [ WARNING slow]',
      '    and a further line',
    ].join('\n'),
  );
  expect(logs).toMatchObject([
    { severity: 17, body: 'ERROR no stock' },
    { severity: 17, attributes: { 'syslog.repeated': '12' } },
    {
      severity: 13,
      body: 'message repeated 3 times: [ WARNING slow]\nand a further line',
      attributes: { 'syslog.repeated': '3' },
    },
  ]);
  expect(resources).toHaveLength(2);
  expect(report.notices.map(({ code, count }) => [code, count])).toEqual([
    ['year-assumed', 3],
    ['zone-unknown', 3],
    ['severity-from-text', 2],
    ['messages-repeated', 15],
    ['lines-joined', 1],
  ]);
});

it('reads what journalctl -o short, short-iso, short-full and with-unit print', async () => {
  for (const [time, zone] of [
    ['May 01 10:00:00', 'unknown'],
    ['2024-05-01T10:00:00+0000', 'stated'],
    ['Wed 2024-05-01 10:00:00 UTC', 'stated'],
    ['Wed 2024-05-01 10:00:00 CET', 'unknown'],
  ] as const) {
    const start = `${time} web-1 cart.service[7]: `;
    const indent = ' '.repeat(start.length);
    const { report, logs, resources } = await read(
      `-- Boot 3c1f0e6f --\n${start}Traceback:\n${indent}  File "a.py"\n${indent}KeyError\n${start}b\n${start}c\n${start}d\n`,
    );
    expect(report).toMatchObject({ format: 'syslog', described: { zone } });
    expect(logs.map(({ body }) => body)).toEqual([
      'Traceback:\n  File "a.py"\nKeyError',
      'b',
      'c',
      'd',
    ]);
    expect(resources).toEqual([{ 'service.name': 'cart', 'host.name': 'web-1' }]);
  }
});

it('takes frames with line ends in them and between them', async () => {
  const frames = [
    '<14>1 2024-05-01T10:00:00Z h a - - - one\ntwo',
    '<14>1 2024-05-01T10:00:01Z h a - - - ü\n',
  ];
  const text = frames
    .map((frame) => `${new TextEncoder().encode(frame).length} ${frame}`)
    .join('\n');
  const { report, logs } = await read(`${text}17 <14>1`);
  expect(logs.map(({ body }) => body)).toEqual(['one\ntwo', 'ü']);
  expect(report.parts[0]?.droppedExamples).toMatchObject([
    { text: '<14>1', reason: 'the message is shorter than its count says' },
  ]);
});

it.each([
  'May  1 10:00:00 INFO main: an application that leaves out the year\n',
  '2024-05-01T10:00:00Z INFO main: started\n2024-05-01T10:00:01Z WARN main: slow\n',
  '2024-05-01T10:00:00Z cart main: started\n2024-05-01T10:00:01Z cart main: slow\n',
])('leaves to others: %s', (text) => {
  const head = { name: 'x', bytes: new TextEncoder().encode(text), text };
  expect(syslog.sniff(head).confidence).toBe(0);
});
