import { TELEMETRY_TABLES, TIME_OF, type Came } from '../model';
import { readClocks, shiftsOf } from './clocks';
import type { Db } from './db';
import type { Engine } from './engine';
import type { ShownRows } from './shown';

/**
 * When the rows of a source are that `from` does not count: of spans all of their traces, as a child that came
 * late changes its parent; of samples all from the first on, as a counter's next rate is taken from it.
 */
export async function whatCame(
  engine: Engine,
  db: Db,
  sourceId: number,
  from: ShownRows = {},
): Promise<readonly Came[]> {
  const shifts = shiftsOf(await readClocks(engine, db));
  const moved = [...shifts].map(([id, shift]) => `WHEN ${id} THEN ${shift}`).join(' ');
  const shift = moved === '' ? '' : ` + CASE source_id ${moved} ELSE 0 END`;
  const all: Came[] = [];
  for (const table of TELEMETRY_TABLES) {
    const time = TIME_OF[table];
    if (time === undefined) continue;
    const rows = `FROM ${db.table(table)} WHERE source_id = ${sourceId} AND row_no >= ${BigInt(from[table] ?? '0')}`;
    const onwards = table === 'samples' || table === 'histogram_samples';
    const touched =
      table === 'spans'
        ? `FROM ${db.table(table)} WHERE trace_id IN (SELECT trace_id ${rows})`
        : rows;
    const second = `(${time}${shift}) // 1000000000`;
    const { col } = await engine.query(
      `SELECT DISTINCT ${onwards ? `min(${second})` : second} AS second ${touched}`,
      { second: 'f64' },
    );
    all.push({ table, seconds: [...col.second].filter((s) => !Number.isNaN(s)), onwards });
  }
  return all;
}
