import { openNativeEngine } from '../app/node';
import { simulate } from '../core/simulate';
import { openCaseStore, type Engine } from '../core/store';

/** Rows that a case shall have, about. */
export interface ScaleSize {
  readonly spans: number;
  readonly logs: number;
  readonly samples: number;
}

/** The simulated incident that is laid over itself: 5,202 spans, 7,465 log lines, 67,106 samples. */
const SIMULATED = { scenario: 'slow-query', seed: 14, size: 'small' } as const;
/** Beyond so many times the series, samples become denser instead. */
const MOST_COPIES = 8;

/**
 * A case of any size at `path`: a simulated incident, then the same requests again and again beside it, as a
 * system with more traffic has them (other trace and span ids, a millisecond later each), the same series
 * under other labels, and samples between the samples. Windows, services, templates and the cause stay.
 */
export async function writeScaledCase(path: string, size: ScaleSize): Promise<ScaleSize> {
  const engine = await openNativeEngine({ path });
  const store = await openCaseStore(engine, { now: 1n, create: { name: 'scale' } });
  try {
    const simulation = simulate(SIMULATED);
    const identity = { connector: 'simulator', name: 'scale', endpoint: '', query: '' };
    const writer = await store.beginSource({ ...identity, window: null }, 1n);
    for (const batch of simulation.batches()) writer.add(batch);
    await writer.finish();
    const { incident, baseline } = simulation.hints;
    await store.setRequest({ incident, baselines: baseline ? [baseline] : [] });
    const db = await nameOf(engine);
    const now = await countsOf(engine, db);
    await copySpans(engine, db, size.spans / now.spans);
    await copyLogs(engine, db, size.logs / now.logs);
    await copySamples(engine, db, size.samples / now.samples);
    const counts = await countsOf(engine, db);
    await store.checkpoint();
    return counts;
  } finally {
    await store.close();
  }
}

async function nameOf(engine: Engine): Promise<string> {
  const { col } = await engine.query('SELECT current_database() AS name', { name: 'str' });
  return `"${col.name[0] ?? ''}".main`;
}

async function countsOf(engine: Engine, db: string): Promise<ScaleSize> {
  const count = (table: string): string => `(SELECT count(*) FROM ${db}.${table})::DOUBLE`;
  const { col } = await engine.query(
    `SELECT ${count('spans')} AS spans, ${count('logs')} AS logs, ${count('samples')} AS samples`,
    { spans: 'f64', logs: 'f64', samples: 'f64' },
  );
  return { spans: col.spans[0] ?? 0, logs: col.logs[0] ?? 0, samples: col.samples[0] ?? 0 };
}

/** Row (…, k) with k = 1, 2, … up to `times` times the rows; of the last copy only a share, by `key`. */
const repeated = (table: string, times: number, key: string): string =>
  `(SELECT t.*, k FROM ${table} t, range(1, ${Math.ceil(times)}) AS c(k)
    WHERE k < ${Math.floor(times)} OR hash(${key}) % 1000 < ${Math.round((times % 1) * 1000)})`;

const idOf = (column: string): string =>
  `CASE ${column} WHEN '' THEN '' ELSE ${column} || '-' || k END`;

async function copySpans(engine: Engine, db: string, times: number): Promise<void> {
  if (times <= 1) return;
  await engine.exec(`INSERT INTO ${db}.spans
    SELECT source_id, row_no + k * 100000000, ${idOf('trace_id')}, ${idOf('span_id')}, ${idOf('parent_span_id')},
      resource_id, name, kind, start + k * 1000000, duration, status, status_message, attributes
    FROM ${repeated(`${db}.spans`, times, 'trace_id')} ORDER BY start`);
}

async function copyLogs(engine: Engine, db: string, times: number): Promise<void> {
  if (times <= 1) return;
  await engine.exec(`INSERT INTO ${db}.logs
    SELECT source_id, row_no + k * 100000000, ts + k * 1000000, observed_ts, resource_id, severity, severity_text,
      body, ${idOf('trace_id')}, ${idOf('span_id')}, attributes
    FROM ${repeated(`${db}.logs`, times, 'row_no')} ORDER BY ts`);
}

async function copySamples(engine: Engine, db: string, times: number): Promise<void> {
  if (times <= 1) return;
  const series = Math.min(times, MOST_COPIES);
  const seriesId = '(hash(series_id, k) >> 1)::BIGINT';
  await engine.exec(`INSERT INTO ${db}.metric_series
    SELECT source_id, row_no + k * 100000000, ${seriesId}, metric, kind, unit, description, temporality, step,
      resource_id, map_concat(labels, MAP {'copy': k::VARCHAR})
    FROM ${repeated(`${db}.metric_series`, series, 'series_id')}`);
  const denser = times / series;
  const between = `(SELECT *, lead(ts) OVER w AS next_ts, lead(value) OVER w AS next_value FROM ${db}.samples
      WINDOW w AS (PARTITION BY series_id ORDER BY ts))`;
  await engine.exec(`INSERT INTO ${db}.samples
    SELECT source_id, row_no + k * 100000000, ${seriesId}, ts, value
    FROM ${repeated(`${db}.samples`, series, 'series_id')}`);
  if (denser <= 1) return;
  await engine.exec(`INSERT INTO ${db}.samples
    SELECT source_id, row_no + k * 10000000000, series_id, ts + (next_ts - ts) * k // ${Math.ceil(denser)},
      value + greatest(0, next_value - value) * k / ${Math.ceil(denser)}
    FROM ${repeated(between, denser, 'series_id, ts')} WHERE next_ts IS NOT NULL`);
}
