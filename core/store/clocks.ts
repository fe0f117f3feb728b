import {
  literal,
  shiftsInForce,
  type CaseClocks,
  type ClockConfidence,
  type ClockSetting,
} from '../model';
import type { Db } from './db';
import type { Engine } from './engine';
import { readMeta, writeMeta } from './meta';

/** Columns that hold a time of the source's clock, by table. */
const TIMES: Readonly<Record<string, readonly string[]>> = {
  samples: ['ts'],
  histogram_samples: ['ts'],
  exemplars: ['ts'],
  logs: ['ts', 'observed_ts'],
  spans: ['start'],
  span_events: ['ts'],
  alerts: ['starts_at', 'ends_at'],
  changes: ['ts'],
};

/** ns by which the times of a source are shown later than they came, by source. */
export type Shifts = ReadonlyMap<number, bigint>;

/** The key in `meta`: 'raw' while times are shown as they came. */
const VIEW = 'clocks';

/** Ten years. A case is a stranger's file: what is beyond would make times that no engine can hold. */
const MOST = 10n * 366n * 86_400_000_000_000n;

const SPEC = {
  source_id: 'i32',
  shift: 'i64',
  lower: 'i64',
  upper: 'i64',
  anchors: 'f64',
  confidence: 'str',
  how: 'str',
  applied: 'bool',
  set_at: 'i64',
} as const;

export async function readClocks(
  engine: Engine,
  db: Db,
  lacking: readonly string[] = [],
): Promise<CaseClocks> {
  if (lacking.includes('clock_offsets')) return { settings: [], raw: false };
  const { rows, col } = await engine.query(
    `SELECT * FROM ${db.table('clock_offsets')} WHERE shift BETWEEN ${-MOST} AND ${MOST} ORDER BY source_id`,
    SPEC,
  );
  const settings = Array.from({ length: rows }, (_, i) => ({
    sourceId: col.source_id[i] ?? 0,
    shift: col.shift[i] ?? 0n,
    lower: col.lower[i] ?? 0n,
    upper: col.upper[i] ?? 0n,
    anchors: col.anchors[i] ?? 0,
    confidence: confidenceOf(col.confidence[i] ?? ''),
    how: col.how[i] ?? '',
    applied: col.applied[i] === 1,
    setAt: col.set_at[i] ?? 0n,
  }));
  return { settings, raw: (await readMeta(engine, db, VIEW)) === 'raw' };
}

function confidenceOf(text: string): ClockConfidence {
  return text === 'high' || text === 'low' ? text : 'none';
}

/** All settings of the case; inside a transaction. */
export async function writeClocks(
  tx: Engine,
  db: Db,
  { settings, raw }: CaseClocks,
): Promise<void> {
  await tx.exec(`DELETE FROM ${db.table('clock_offsets')}`);
  for (const setting of settings) await tx.exec(insertSql(db, setting));
  await writeMeta(tx, db, VIEW, raw ? 'raw' : undefined);
}

function insertSql(db: Db, setting: ClockSetting): string {
  const { sourceId, shift, lower, upper, anchors, confidence, how, applied, setAt } = setting;
  const values = [sourceId, shift, lower, upper, anchors, confidence, how, applied, setAt];
  return `INSERT INTO ${db.table('clock_offsets')} VALUES (${values.map(literal).join(', ')})`;
}

export function shiftsOf(clocks: CaseClocks): Shifts {
  return new Map(shiftsInForce(clocks).map(({ sourceId, shift }) => [sourceId, shift]));
}

/** Part of the state of the data: what was found under one set of clocks does not answer under another. */
export function clockVersion(shifts: Shifts): string {
  if (shifts.size === 0) return '';
  return ` clocks ${[...shifts].map(([id, shift]) => `${id}${shift < 0n ? '' : '+'}${shift}`).join(' ')}`;
}

/** The columns of a table of telemetry as the clock of a source is shown; '*' where nothing moves. */
export function shiftedColumns(table: string, shift: bigint | undefined): string {
  const times = TIMES[table];
  if (!times || shift === undefined) return '*';
  return `* REPLACE (${times.map((time) => `${time} + ${literal(shift)} AS ${time}`).join(', ')})`;
}

export function hasTimes(table: string): boolean {
  return TIMES[table] !== undefined;
}

/** What queries can read of the shifts: `clock_shifts`, and when sources were asked for what, on the shown clock. */
export function clockViews(db: Db, shifts: Shifts, present: string): readonly string[] {
  const rows = [...shifts].map(
    ([id, shift]) => `SELECT ${id} AS source_id, ${literal(shift)} AS shift`,
  );
  const none = 'SELECT 0 AS source_id, 0::BIGINT AS shift WHERE false';
  const moved = ['window_from', 'window_to'].map((c) => `c.${c} + coalesce(k.shift, 0) AS ${c}`);
  return [
    `CREATE OR REPLACE TEMP TABLE clock_shifts AS ${rows.join(' UNION ALL ') || none}`,
    `CREATE OR REPLACE TEMP VIEW coverage AS SELECT c.* REPLACE (${moved.join(', ')})
      FROM ${db.table('coverage')} c LEFT JOIN clock_shifts k ON k.source_id = c.source_id
      WHERE c.source_id IN ${present}`,
  ];
}
