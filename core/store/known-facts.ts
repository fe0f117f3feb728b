import type { Came, TelemetryTable } from '../model';
import type { Engine } from './engine';

/** Of each table, the rows by id and a sum of what they say. */
export type Facts = ReadonlyMap<TelemetryTable, ReadonlyMap<bigint, bigint>>;

/** Rows that have no time: what is said of an id, and who is who. */
const SAID: Readonly<Partial<Record<TelemetryTable, string>>> = {
  resources: `SELECT resource_id AS id, hash(attributes) AS said FROM resources
    UNION ALL SELECT resource_id, hash(entity_id, kind, role) FROM resource_entities`,
  metric_series:
    'SELECT series_id AS id, hash(metric, kind, unit, resource_id, labels) AS said FROM metric_series',
  stated_relations: `SELECT (hash(source, target, kind) >> 1)::BIGINT AS id, 0::UBIGINT AS said
    FROM (SELECT DISTINCT source, target, kind FROM stated_relations)`,
};

export async function readFacts(engine: Engine): Promise<Facts> {
  const facts = new Map<TelemetryTable, ReadonlyMap<bigint, bigint>>();
  for (const [table, rows] of Object.entries(SAID)) {
    const { col } = await engine.query(
      `SELECT id, (sum(said) % 9223372036854775807)::BIGINT AS said FROM (${rows}) GROUP BY id`,
      { id: 'i64', said: 'i64' },
    );
    const said = col.said;
    facts.set(
      table as TelemetryTable,
      new Map(Array.from(col.id, (id, i) => [id, said[i] ?? 0n] as const)),
    );
  }
  return facts;
}

/** What is new among facts; undefined where one of those before is gone or says something else. */
export function added(before: Facts, now: Facts): readonly Came[] | undefined {
  const all: Came[] = [];
  for (const [table, said] of now) {
    const known = before.get(table) ?? new Map<bigint, bigint>();
    for (const [id, value] of known) if (said.get(id) !== value) return undefined;
    if (said.size > known.size) all.push({ table, seconds: [0], onwards: true });
  }
  return all;
}
