import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromJson, toBinary } from '@bufbuild/protobuf';
import { afterAll } from 'vitest';
import { createUpstream } from '../../app/node';
import type { TimeWindow } from '../../core/base';
import type { ConnectorSubject } from '../../core/connect/testing/connector-subject';
import { describeConnector } from '../../core/connect/testing/describe-connector';
import type { Row } from '../../core/connect/testing/import';
import type { Tables } from '../../core/connect/testing/pulled';
import { ownAuthority } from '../../core/host/testing/tls';
import { kafka as server } from '../../scripts/servers/index.mjs';
import { connectors } from '..';
import { ExportTraceServiceRequestSchema } from '../otlp/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb';
import { connect, type Sent } from './testing/produce';

const SECOND = 1_000_000_000n;
const START = 1_790_000_000;
const windows: readonly TimeWindow[] = [
  { from: BigInt(START + 400) * SECOND, to: BigInt(START + 600) * SECOND },
  { from: BigInt(START + 60) * SECOND, to: BigInt(START + 260) * SECOND },
];
const inWindows = (ms: number): boolean =>
  windows.some(({ from, to }) => BigInt(ms) * 1_000_000n >= from && BigInt(ms) * 1_000_000n < to);

interface Expected {
  readonly at: number;
  readonly key: string;
  readonly partition: number;
}

const words = ['basket opened', 'card refused', 'slow answer of payments', 'order placed'];
const levels = ['INFO', 'ERROR', 'WARN', 'INFO'];

/** Ten minutes of JSON log records, seven in two seconds, with a key and a header. */
const jsonLogs = Array.from({ length: 2100 }, (_, i) => {
  const at = START * 1000 + Math.floor((i * 2000) / 7);
  const message = `${words[i % 4]} ${i}`;
  const level = levels[i % 4];
  const record = { ts: new Date(at).toISOString(), level, msg: message, service: `svc-${i % 5}` };
  const sent: Sent = {
    at,
    value: JSON.stringify(record),
    partition: i % 3,
    key: `k${i % 7}`,
    headers: { source: 'test' },
  };
  return {
    sent,
    expected: { at, key: `${at} ${level} ${message} svc-${i % 5}`, partition: i % 3 },
  };
});

/** Ten minutes of plain lines, one a second. */
const lines = Array.from({ length: 600 }, (_, i) => {
  const at = (START + i) * 1000 + 250;
  const value = `${i % 10 === 0 ? 'ERROR' : 'INFO'} line ${i}`;
  const key = `${at} ${i % 10 === 0 ? 'ERROR' : 'INFO'} ${value} `;
  return { sent: { at, value, partition: i % 2 }, expected: { at, key, partition: i % 2 } };
});

/** Requests of three spans, one a second; they reach Kafka half a second later. */
function spans(letter: string, encode: (request: object) => string | Buffer) {
  return Array.from({ length: 600 }, (_, i) => {
    const of = [0, 1, 2].map((n) => {
      const start = BigInt(START + i) * SECOND + BigInt(n) * 100_000_001n;
      const spanId = `${letter}${String(i * 3 + n).padStart(15, '0')}`;
      return { start, spanId };
    });
    const request = {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
          scopeSpans: [
            {
              spans: of.map(({ start, spanId }) => ({
                traceId: spanId.padEnd(32, letter),
                spanId,
                name: `GET /${letter}`,
                kind: 2,
                startTimeUnixNano: String(start),
                endTimeUnixNano: String(start + SECOND),
                status: {},
              })),
            },
          ],
        },
      ],
    };
    const at = (START + i) * 1000 + 500;
    const sent: Sent = { at, value: encode(request), partition: i % 2 };
    return { sent, keys: of.map(({ start, spanId }) => ({ start, key: `${start} ${spanId}` })) };
  });
}

/** Ids are base64 in protobuf's own JSON. */
function protobuf(request: object): Buffer {
  const text = JSON.stringify(request, (name, value: unknown) =>
    /^(traceId|spanId)$/.test(name) && typeof value === 'string'
      ? Buffer.from(value, 'hex').toString('base64')
      : value,
  );
  const message = fromJson(ExportTraceServiceRequestSchema, JSON.parse(text));
  return Buffer.from(toBinary(ExportTraceServiceRequestSchema, message));
}

const jsonSpans = spans('a', (request) => JSON.stringify(request));
const protoSpans = spans('b', protobuf);

function keysOf(table: keyof Tables, tables: Tables): readonly string[] {
  const rows = tables[table] ?? [];
  if (table === 'spans')
    return rows.map((row) => `${row['start'] as bigint} ${row['span_id'] as string}`);
  const services = new Map(
    (tables.resources ?? []).map((row) => [row['resource_id'], row['attributes']]),
  );
  return rows.map((row: Row) => {
    const of = services.get(row['resource_id']) as Record<string, string>;
    const { ts, severity_text: level, body } = row;
    return `${(ts as bigint) / 1_000_000n} ${level as string} ${body as string} ${of['service.name'] ?? ''}`;
  });
}

const cleanups: (() => Promise<unknown> | void)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const kafka = connectors.find(({ id }) => id === 'kafka');

async function subject(): Promise<ConnectorSubject | { skipped: string }> {
  const got = await server.ensure();
  if (got.state === 'missing') return { skipped: got.reason };
  if (!kafka) throw new Error('The connector is not listed.');
  const folder = mkdtempSync(join(tmpdir(), 'faultline-kafka-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const own = ownAuthority(folder);
  const keystore = join(folder, 'keystore.pem');
  writeFileSync(keystore, Buffer.concat([own.server.key, own.server.cert]));
  const password = 'pa55word-1';
  const running = await server.start({
    sasl: { mechanisms: ['PLAIN', 'SCRAM-SHA-512'], username: 'reader', password },
    tls: { keystore, truststore: own.caFile },
    settings: { 'log.retention.ms': -1 },
  });
  cleanups.push(() => running.stop());
  const cluster = await connect(running.address, {
    caFile: own.caFile,
    sasl: { mechanism: 'plain', username: 'reader', password },
  });
  cleanups.push(() => cluster.close());
  const sent = (records: readonly { readonly sent: Sent }[]) =>
    records.map((record) => record.sent);
  await cluster.fill('app-logs', 3, sent(jsonLogs), { 'compression.type': 'zstd' });
  await cluster.fill('app-lines', 2, sent(lines), { 'compression.type': 'lz4' });
  await cluster.fill('otlp_json', 2, sent(jsonSpans), { 'compression.type': 'gzip' });
  await cluster.fill('otlp_proto', 2, sent(protoSpans), { 'compression.type': 'snappy' });
  await cluster.fill('pictures', 1, [
    { at: (START + 450) * 1000, value: Buffer.from([0x89, 0x50, 0, 255, 254]), partition: 0 },
  ]);
  await cluster.fill('empty', 1, []);
  const upstream = (word: string, url = running.url) =>
    createUpstream({ url, credentials: { username: 'reader', password: word }, caFile: own.caFile })
      .upstream;
  const logs: readonly Expected[] = [...jsonLogs, ...lines]
    .map(({ expected }) => expected)
    .filter(({ at }) => inWindows(at));
  const count = (records: readonly { readonly sent: Sent }[]): number =>
    records.filter((record) => inWindows(record.sent.at)).length;
  const spanKeys = [...jsonSpans, ...protoSpans]
    .flatMap(({ keys }) => keys)
    .filter(({ start }) => windows.some(({ from, to }) => start >= from && start < to))
    .map(({ key }) => key);
  const lost = (at: Expected): boolean =>
    lines.some(({ expected }) => expected === at && expected.partition === 1);
  return {
    factory: kafka,
    config: { fetch: '48' },
    upstream: upstream(password),
    wrong: upstream('wrong-9'),
    dead: upstream(password, 'kafka+ssl://127.0.0.1:1'),
    secrets: [password, 'wrong-9'],
    product: /Kafka 4\.1 or later/,
    version: /^4\.1$/,
    windows,
    counts: {
      'topic:app-logs': count(jsonLogs),
      'topic:app-lines': count(lines),
      'topic:otlp_json': count(jsonSpans),
      'topic:otlp_proto': count(protoSpans),
      'topic:pictures': 1,
      'topic:empty': 0,
    },
    expected: { logs: logs.map(({ key }) => key), spans: spanKeys },
    keysOf,
    budget: {
      rows: Math.round(logs.length * 0.4),
      signal: 'logs',
      total: logs.length,
      whole: (table, row) => table === 'logs' && (row['severity'] as number) >= 17,
    },
    failing: {
      request: ({ path, query }) => {
        const asked = Object.fromEntries(query ?? []);
        return path === '/records' && asked['topic'] === 'app-lines' && asked['partition'] === '1';
      },
      missing: 'app-lines/1',
      kept: { logs: logs.filter((at) => !lost(at)).map(({ key }) => key), spans: spanKeys },
    },
  };
}

describeConnector('kafka', subject);
