import { hashHex } from '../base';
import { entityKindOf, literal, parseEntityId, type Attributes, type Entity } from '../model';
import type { EntityMerge } from './case-store';
import type { Db } from './db';
import type { Engine } from './engine';
import type { ShownRows } from './shown';
import { membershipsOf, proposeMerges } from './who';

const INSERT_ROWS = 500;

async function insert(
  engine: Engine,
  table: string,
  rows: readonly (readonly (string | number | bigint | null)[])[],
): Promise<void> {
  for (let i = 0; i < rows.length; i += INSERT_ROWS) {
    const values = rows.slice(i, i + INSERT_ROWS).map((row) => `(${row.map(literal).join(', ')})`);
    await engine.exec(`INSERT INTO ${table} VALUES ${values.join(', ')}`);
  }
}

/**
 * Who is who in a source: its resources' entities, those its spans call, those it states. Of a source that
 * grows, rows below those of `from` and resources whose entities are known were looked at before.
 */
export async function deriveEntities(
  engine: Engine,
  db: Db,
  sourceId: number,
  from: ShownRows = {},
): Promise<void> {
  const fresh = (table: string): string =>
    `FROM ${db.table(table)} WHERE source_id = ${sourceId} AND row_no >= ${BigInt(from[table] ?? '0')}`;
  const resources = await engine.query(
    `SELECT DISTINCT resource_id, attributes ${fresh('resources')} AND resource_id NOT IN
      (SELECT resource_id FROM ${db.table('resource_entities')} WHERE source_id = ${sourceId})`,
    { resource_id: 'i64', attributes: 'map' },
  );
  const entities = new Map<string, Entity>();
  const rows: (string | number | bigint)[][] = [];
  for (let i = 0; i < resources.rows; i++) {
    const attributes: Attributes = resources.col.attributes[i] ?? {};
    const id = resources.col.resource_id[i] ?? 0n;
    for (const { entity, role, provenance } of membershipsOf(attributes)) {
      entities.set(entity.id, entity);
      rows.push([sourceId, id, entity.id, role, provenance]);
    }
  }
  await insert(engine, db.table('resource_entities'), rows);
  for (const entity of [
    ...(await calledEntities(engine, fresh('spans'))),
    ...(await statedEntities(engine, fresh('stated_relations'))),
  ]) {
    entities.set(entity.id, entity);
  }
  const known = new Set((await listEntities(engine, db)).map(({ id }) => id));
  const added = [...entities.values()].filter(({ id }) => !known.has(id));
  await insert(
    engine,
    db.table('entities'),
    added.map(({ id, kind, name }) => [id, kind, name]),
  );
}

/** Databases, caches and queues that client and producer spans name. See PEER_SQL in core/model. */
async function calledEntities(engine: Engine, spans: string): Promise<Entity[]> {
  const frame = await engine.query(
    `SELECT DISTINCT
      coalesce(attributes['db.system.name'], attributes['db.system'], attributes['messaging.system']) AS system,
      coalesce(attributes['messaging.destination.name'], attributes['server.address'],
        attributes['peer.service'], attributes['net.peer.name'], attributes['db.namespace'],
        attributes['db.name']) AS name,
      attributes['messaging.system'] IS NOT NULL AS queue
    ${spans} AND kind IN (3, 4, 5)
      AND coalesce(attributes['db.system.name'], attributes['db.system'], attributes['messaging.system']) IS NOT NULL`,
    { system: 'str', name: 'str?', queue: 'bool' },
  );
  return Array.from({ length: frame.rows }, (_, i) => {
    const system = frame.col.system[i] ?? '';
    const name = frame.col.name[i] ?? system;
    const cache = entityKindOf(system) === 'cache';
    return parseEntityId(`${frame.col.queue[i] ? 'queue' : cache ? 'cache' : 'database'}:${name}`);
  });
}

async function statedEntities(engine: Engine, stated: string): Promise<Entity[]> {
  const frame = await engine.query(
    `SELECT source AS id ${stated} UNION SELECT target ${stated} AND target <> ''`,
    { id: 'str' },
  );
  return [...frame.col.id].map(parseEntityId);
}

async function listEntities(engine: Engine, db: Db): Promise<readonly Entity[]> {
  const frame = await engine.query(
    `SELECT DISTINCT entity_id FROM ${db.table('entities')} ORDER BY entity_id`,
    { entity_id: 'str' },
  );
  return frame.col.entity_id.map(parseEntityId);
}

export async function listMerges(engine: Engine, db: Db): Promise<readonly EntityMerge[]> {
  const frame = await engine.query(
    `SELECT merge_id, from_id, into_id, reason, state FROM ${db.table('entity_merges')} ORDER BY merge_id`,
    { merge_id: 'str', from_id: 'str', into_id: 'str', reason: 'str', state: 'str' },
  );
  const { col } = frame;
  return Array.from({ length: frame.rows }, (_, i) => ({
    mergeId: col.merge_id[i] ?? '',
    from: parseEntityId(col.from_id[i] ?? ''),
    into: parseEntityId(col.into_id[i] ?? ''),
    reason: col.reason[i] ?? '',
    state: (col.state[i] ?? 'proposed') as EntityMerge['state'],
  }));
}

/** Proposes merges among all entities; earlier decisions stand. */
export async function refreshMerges(engine: Engine, db: Db): Promise<void> {
  const speaking = await engine.query(
    `SELECT DISTINCT re.entity_id FROM ${db.table('resource_entities')} re
    WHERE re.role = 'service' AND re.resource_id IN (SELECT DISTINCT resource_id FROM ${db.table('spans')})`,
    { entity_id: 'str' },
  );
  const withSpans = new Set(speaking.col.entity_id);
  const known = new Set((await listMerges(engine, db)).map(({ mergeId }) => mergeId));
  const proposals = proposeMerges(await listEntities(engine, db), (id) => withSpans.has(id));
  const rows = proposals
    .map(({ from, into, reason, certain }) => ({
      id: mergeIdOf(from.id, into.id),
      from,
      into,
      reason,
      certain,
    }))
    .filter(({ id }) => !known.has(id))
    .map(({ id, from, into, reason, certain }) => [
      id,
      from.id,
      into.id,
      reason,
      certain ? 'accepted' : 'proposed',
      into.id,
    ]);
  await insert(engine, db.table('entity_merges'), rows);
  await resolveMerges(engine, db);
}

export function mergeIdOf(from: string, into: string): string {
  return hashHex(`${from}\u0001${into}`);
}

/** Writes where each chain of accepted merges ends; a circle ends where it began. */
export async function resolveMerges(engine: Engine, db: Db): Promise<void> {
  const merges = await listMerges(engine, db);
  const next = new Map(
    merges.filter(({ state }) => state === 'accepted').map(({ from, into }) => [from.id, into.id]),
  );
  for (const { mergeId, from, into } of merges) {
    let end = into.id;
    for (let hops = 0; hops < next.size; hops++) {
      const further = next.get(end);
      if (further === undefined || further === from.id) break;
      end = further;
    }
    await engine.exec(
      `UPDATE ${db.table('entity_merges')} SET resolved_id = ${literal(end)} WHERE merge_id = ${literal(mergeId)}`,
    );
  }
}
