import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../model';
import { createTableSql, tableShapes } from '../schema';
import type { Engine } from '../engine';
import { spanBatches } from './rows';

export interface EngineUnderTest {
  /** A new, empty database in memory or in a place of its own. */
  readonly open: () => Promise<Engine>;
}

/** The contract of an engine: what every implementation of the seam must do alike. */
export function describeEngine(name: string, { open }: EngineUnderTest): void {
  const withEngine = async (work: (engine: Engine) => Promise<void>): Promise<void> => {
    const engine = await open();
    try {
      for (const shape of tableShapes()) await engine.exec(createTableSql(shape));
      await work(engine);
    } finally {
      await engine.close();
    }
  };

  describe(`engine: ${name}`, () => {
    it('keeps every type whole', () =>
      withEngine(async (engine) => {
        const histograms = new BatchBuilder('histogram_samples');
        histograms.col.series_id.push(-9223372036854775808n);
        histograms.col.ts.push(9223372036854775807n);
        histograms.col.count.push(3n);
        histograms.col.sum.push(Number.NaN);
        histograms.col.bounds.push([0.1, 1]);
        histograms.col.counts.push([1n, 1n, 1n]);
        histograms.endRow();
        const logs = new BatchBuilder('logs');
        for (const body of ['plain', 'ünïcödé 雪 🎿', "it's; DROP TABLE logs --", '']) {
          logs.col.ts.push(1n);
          logs.col.observed_ts.push(null);
          logs.col.resource_id.push(1n);
          logs.col.severity.push(9);
          logs.col.severity_text.push(body === '' ? null : 'INFO');
          logs.col.body.push(body);
          logs.col.trace_id.push('');
          logs.col.span_id.push('');
          logs.col.attributes.push(body === '' ? {} : { ключ: body, empty: '' });
          logs.endRow();
        }
        await engine.append(histograms.take(), { sourceId: 1, firstRowNo: 5n });
        expect(await engine.append(logs.take(), { sourceId: 2, firstRowNo: 0n })).toBe(4);
        const h = await engine.query(
          'SELECT series_id, ts, sum, row_no, bounds[2] AS bound, counts[3] AS n FROM histogram_samples',
          { series_id: 'i64', ts: 'i64', sum: 'f64', row_no: 'i64', bound: 'f64', n: 'i64' },
        );
        expect(h.col.series_id[0]).toBe(-9223372036854775808n);
        expect(h.col.ts[0]).toBe(9223372036854775807n);
        expect(h.col.sum[0]).toBeNaN();
        expect([h.col.row_no[0], h.col.bound[0], h.col.n[0]]).toEqual([5n, 1, 1n]);
        const l = await engine.query(
          'SELECT body, observed_ts IS NULL AS missing, severity_text, attributes FROM logs ORDER BY row_no',
          { body: 'str', missing: 'bool', severity_text: 'str?', attributes: 'map' },
        );
        expect([...l.col.body]).toEqual(['plain', 'ünïcödé 雪 🎿', "it's; DROP TABLE logs --", '']);
        expect([...l.col.missing]).toEqual([1, 1, 1, 1]);
        expect(l.col.severity_text[3]).toBeNull();
        expect(l.col.attributes[1]).toEqual({ ключ: 'ünïcödé 雪 🎿', empty: '' });
        expect(l.col.attributes[3]).toEqual({});
      }));

    it('answers the same sums and quantiles', () =>
      withEngine(async (engine) => {
        for (const batch of spanBatches(5000)) {
          await engine.append(batch, { sourceId: 1, firstRowNo: 0n });
        }
        const frame = await engine.query(
          `SELECT name, count(*)::DOUBLE AS n, quantile_cont(duration, 0.9)::DOUBLE AS p90,
            sum(duration / 1e6) AS total FROM spans GROUP BY name ORDER BY name`,
          { name: 'str', n: 'f64', p90: 'f64', total: 'f64' },
        );
        expect([...frame.col.name]).toEqual(['GET /', 'POST /checkout', 'SELECT orders']);
        expect([...frame.col.n]).toEqual([5000, 5000, 5000]);
        expect([...frame.col.p90]).toEqual([30e6, 20e6, 10e6]);
        expect([...frame.col.total]).toEqual([150_000, 100_000, 50_000]);
      }));

    it('rolls a failed transaction back', () =>
      withEngine(async (engine) => {
        const failing = engine.transaction(async (tx) => {
          for (const batch of spanBatches(10)) {
            await tx.append(batch, { sourceId: 1, firstRowNo: 0n });
          }
          await tx.exec('INSERT INTO nowhere VALUES (1)');
        });
        await expect(failing).rejects.toMatchObject({ code: 'store/query-failed' });
        const left = await engine.query('SELECT count(*)::DOUBLE AS n FROM spans', { n: 'f64' });
        expect(left.col.n[0]).toBe(0);
      }));

    it('cancels a running query and stays usable', () =>
      withEngine(async (engine) => {
        const controller = new AbortController();
        const slow = engine.query(
          'SELECT sum(a.range * b.range)::DOUBLE AS s FROM range(3000000) a, range(3000) b',
          { s: 'f64' },
          { signal: controller.signal },
        );
        setTimeout(() => controller.abort(), 50);
        await expect(slow).rejects.toMatchObject({ code: 'cancelled' });
        const after = await engine.query('SELECT 42 AS n', { n: 'i32' });
        expect(after.col.n[0]).toBe(42);
      }));

    const forbidden = [
      "COPY (SELECT 1) TO 'out.csv'",
      "SELECT * FROM read_csv('/etc/hosts')",
      "SELECT * FROM read_text('/etc/hosts')",
      "SELECT * FROM glob('/*')",
      "SELECT * FROM '/etc/hosts'",
      "ATTACH 'other.db'",
      "EXPORT DATABASE 'out'",
      'INSTALL httpfs',
      'LOAD httpfs',
      "SELECT * FROM 'https://127.0.0.1/x.parquet'",
      'CREATE TABLE t (a INTEGER)',
      'CREATE VIEW v AS SELECT 1',
      'DELETE FROM spans',
      "INSERT INTO meta VALUES ('a', 'b')",
      'DROP TABLE spans',
      'PRAGMA database_list',
      "SET memory_limit = '1MB'",
      'SELECT 1; DELETE FROM spans',
      'SELECT 1) ; DELETE FROM spans ; SELECT * FROM (SELECT 1',
      'COMMIT',
    ];
    it.each(forbidden)("refuses a person's SQL that does more than read: %s", (sql) =>
      withEngine(async (engine) => {
        for (const batch of spanBatches(1)) {
          await engine.append(batch, { sourceId: 1, firstRowNo: 0n });
        }
        await expect(engine.sql(sql, 10)).rejects.toMatchObject({
          code: expect.stringMatching(/^store\//) as string,
        });
        const left = await engine.query('SELECT count(*)::DOUBLE AS n FROM spans', { n: 'f64' });
        expect(left.col.n[0]).toBe(3);
      }),
    );

    it("limits a person's SQL and says so", () =>
      withEngine(async (engine) => {
        const result = await engine.sql('SELECT range AS n, [range] AS l FROM range(100);', 7);
        expect(result.rows).toBe(7);
        expect(result.truncated).toBe(true);
        expect(result.columns.map((c) => c.name)).toEqual(['n', 'l']);
        expect(result.data[0]?.map(Number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
        const whole = await engine.sql("SELECT MAP {'a': 'b'} AS m -- comment", 7);
        expect(whole.truncated).toBe(false);
        expect(whole.data[0]?.[0]).toEqual({ a: 'b' });
      }));
  });
}
