import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bucketTarget,
  createUpstream,
  exportToBucket,
  openNativeEngine,
  withEndpoint,
} from '../../app/node';
import { testEnv } from '../../core/connect/testing/upstreams';
import { writeSample } from '../../core/session';
import { openCaseStore, type CaseStore } from '../../core/store';
import { available, s3proxy, trino } from '../../scripts/servers/index.mjs';
import { makeBucket } from './testing/bucket';
import { askTrino } from './testing/trino';

const wanted = process.env['FAULTLINE_BACKENDS'] === '1';
if (!wanted) console.log('SKIPPED: trino: only with npm run test:backends');
const there = wanted && (await available(s3proxy)) && (await available(trino));

const ATTRIBUTES = 'map(varchar, varchar)';
/** As docs/export.md has them. */
const COLUMNS = {
  logs: `Timestamp timestamp(9), TraceId varchar, SeverityNumber tinyint, Body varchar, ServiceName varchar,
    ResourceAttributes ${ATTRIBUTES}, LogAttributes ${ATTRIBUTES}`,
  spans: `Timestamp timestamp(9), TraceId varchar, SpanId varchar, SpanName varchar, Duration bigint,
    StatusCode tinyint, ServiceName varchar, SpanAttributes ${ATTRIBUTES}`,
  metrics: `TimeUnix timestamp(9), Value double, MetricName varchar, ServiceName varchar,
    Attributes ${ATTRIBUTES}`,
} as const;
const OF_CASE = {
  logs: 'SELECT ts, 1.0 * severity AS value FROM logs',
  spans: 'SELECT start AS ts, duration::DOUBLE AS value FROM spans',
  metrics: 'SELECT ts, value FROM samples',
} as const;
const VALUE = { logs: 'SeverityNumber', spans: 'Duration', metrics: 'Value' } as const;
const TABLES = ['logs', 'spans', 'metrics'] as const;

describe.skipIf(!there)('a lake on S3, read by a real Trino', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-trino-'));
  const cleanups: (() => Promise<unknown>)[] = [];
  let store: CaseStore;
  let url = '';

  beforeAll(async () => {
    const path = join(folder, 'case.faultline');
    const { signal } = new AbortController();
    store = await openCaseStore(await openNativeEngine({ path }), {
      now: 1n,
      create: { name: 't' },
    });
    const scenario = { size: 0.2, durationS: 5400 };
    await writeSample(store, scenario, 1n, signal, () => undefined);
    await store.checkpoint();
    await store.close();
    const s3 = await s3proxy.start();
    cleanups.push(() => s3.stop());
    makeBucket(s3, 'telemetry');
    const { accessKeyId, secretAccessKey } = s3;
    const { upstream } = createUpstream({
      url: withEndpoint('s3://telemetry/lake', s3.url),
      credentials: { accessKeyId, secretAccessKey },
    });
    const target = bucketTarget(testEnv(upstream));
    await exportToBucket(path, target, { signal, rowGroupRows: 8192 });
    store = await openCaseStore(await openNativeEngine({ path, readOnly: true }), { now: 1n });
    cleanups.push(() => store.close());
    const server = await trino.start({ s3 });
    cleanups.push(() => server.stop());
    ({ url } = server);
    await askTrino(url, `CREATE SCHEMA lake.faultline WITH (location = 'local:///metastore/f')`);
    for (const table of TABLES) {
      await askTrino(
        url,
        `CREATE TABLE lake.faultline.${table} (${COLUMNS[table]}, date varchar, hour varchar)
          WITH (format = 'PARQUET', partitioned_by = ARRAY['date', 'hour'],
          external_location = 's3://telemetry/lake/signal=${table}')`,
      );
      await askTrino(
        url,
        `CALL lake.system.sync_partition_metadata('faultline', '${table}', 'FULL')`,
      );
    }
  }, 900_000);

  afterAll(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it.each(TABLES)(
    '%s: rows and sums by hour are those of the case',
    async (table) => {
      const { rows } = await askTrino(
        url,
        `SELECT date, hour, count(*), sum(CAST(${VALUE[table]} AS double)) FROM lake.faultline.${table}
        GROUP BY date, hour ORDER BY date, hour`,
      );
      const { data } = await store.sql(
        `SELECT strftime(make_timestamp_ns(ts), '%Y-%m-%d') AS date, strftime(make_timestamp_ns(ts), '%H') AS hour,
        count(*)::INTEGER AS n, sum(value) AS total FROM (${OF_CASE[table]}) GROUP BY ALL ORDER BY ALL`,
        1000,
      );
      const [dates = [], hours = [], counts = [], sums = []] = data;
      expect(rows.length).toBeGreaterThan(1);
      expect(rows.map(([date, hour, n]) => [date, hour, n])).toEqual(
        dates.map((date, i) => [date, hours[i], counts[i]]),
      );
      // Trino adds in another order.
      for (const [i, row] of rows.entries()) {
        expect(Number(row[3]) / Number(sums[i])).toBeCloseTo(1, 9);
      }
      console.log(`trino: ${table}: ${JSON.stringify(rows)}`);
    },
    300_000,
  );

  it('reads of metrics only the hour that is asked for, and of the hour only row groups that fit', async () => {
    const hours = await askTrino(
      url,
      'SELECT date, hour, min(TimeUnix), count(*) FROM lake.faultline.metrics GROUP BY 1, 2 ORDER BY 4 DESC LIMIT 1',
    );
    const [date, hour, first, inHour] = hours.rows[0] ?? [];
    const sum = (where: string) =>
      askTrino(url, `SELECT count(*), sum(Value) FROM lake.faultline.metrics ${where}`);
    const all = await sum('');
    const one = await sum(`WHERE date = '${String(date)}' AND hour = '${String(hour)}'`);
    const minutes = await sum(
      `WHERE date = '${String(date)}' AND hour = '${String(hour)}' AND TimeUnix < TIMESTAMP '${String(first)}' + INTERVAL '5' MINUTE`,
    );
    for (const [name, { rows, stats }] of Object.entries({ all, one, minutes })) {
      console.log(
        `trino: ${name}: ${JSON.stringify(rows)} ${stats.processedRows} rows, ${stats.physicalInputBytes} bytes read`,
      );
    }
    expect(one.rows[0]?.[0]).toBe(inHour);
    expect(one.stats.processedRows).toBe(inHour);
    expect(one.stats.physicalInputBytes).toBeLessThan(all.stats.physicalInputBytes);
    expect(minutes.stats.processedRows).toBeLessThan(one.stats.processedRows);
    expect(minutes.stats.physicalInputBytes).toBeLessThan(one.stats.physicalInputBytes);
  }, 300_000);

  it('sees attributes as maps, and times to the nanosecond', async () => {
    const { rows } = await askTrino(
      url,
      `SELECT count(*) FROM lake.faultline.logs WHERE element_at(ResourceAttributes, 'service.name') = ServiceName
        AND ServiceName <> ''`,
    );
    const { data } = await store.sql(
      `SELECT count(*)::INTEGER AS n FROM logs l JOIN resources r USING (resource_id)
        WHERE coalesce(r.attributes['service.name'], '') <> ''`,
      1,
    );
    expect(rows[0]?.[0]).toBe(data[0]?.[0]);
    const times = await askTrino(url, 'SELECT max(Timestamp) FROM lake.faultline.spans');
    const ours = await store.sql(
      "SELECT strftime(make_timestamp_ns(max(start)), '%Y-%m-%d %H:%M:%S.%n') AS ts FROM spans",
      1,
    );
    const [theirs, own] = [times.rows[0]?.[0], ours.data[0]?.[0]] as readonly string[];
    console.log(`trino: ${theirs} is ${own}`);
    expect(theirs).toBe(own);
  }, 300_000);
});
