import { hashHex } from '../base';
import { literal, type AnalysisResult, type RankedCause, type SqlValue } from '../model';
import type { Db } from './db';
import type { Engine } from './engine';
import { decodeJson, encodeJson } from './json';

const INSERT_ROWS = 200;

/** The key in `meta` of the run that the next one takes the place of. */
const PASSING = 'passing_run';

export interface RunMoment {
  readonly dataVersion: string;
  readonly now: bigint;
  /** True while a source grows: the next run takes this one's place, or each minute would leave one. */
  readonly passing: boolean;
}

/** Stores what an analysis found: the run, whole, and each kind of finding in its table. */
export async function saveRun(
  engine: Engine,
  db: Db,
  result: AnalysisResult,
  { dataVersion, now, passing }: RunMoment,
): Promise<string> {
  const parameters = encodeJson({ incident: result.incident, baselines: result.baselines });
  const runId = hashHex(`${dataVersion}\u0001${parameters}\u0001${String(now)}`);
  const run: SqlValue[] = [
    runId,
    now,
    encodeJson(result.methods),
    parameters,
    dataVersion,
    result.incident.from,
    result.incident.to,
    result.verdict,
    result.headline,
    encodeJson(result),
  ];
  const findings = findingRows(runId, result);
  const isPassing = `WHERE key = ${literal(PASSING)}`;
  await engine.transaction(async (tx) => {
    for (const table of ['runs', ...Object.keys(findings)]) {
      await tx.exec(
        `DELETE FROM ${db.table(table)} WHERE run_id IN (SELECT value FROM ${db.table('meta')} ${isPassing})`,
      );
    }
    await tx.exec(`DELETE FROM ${db.table('meta')} ${isPassing}`);
    if (passing) await insert(tx, db.table('meta'), [[PASSING, runId]]);
    await insert(tx, db.table('runs'), [run]);
    for (const [table, rows] of Object.entries(findings)) await insert(tx, db.table(table), rows);
  });
  return runId;
}

function findingRows(runId: string, result: AnalysisResult): Record<string, SqlValue[][]> {
  return { ...detectedRows(runId, result), ...rankedRows(runId, result) };
}

function detectedRows(runId: string, result: AnalysisResult): Record<string, SqlValue[][]> {
  return {
    anomalies: result.anomalies.map((a) => [
      runId,
      a.entityId,
      a.signal,
      a.name,
      a.from,
      a.to,
      a.score,
      a.tail,
      a.baselineValue,
      a.incidentValue,
      a.unit,
      a.query,
    ]),
    log_templates: result.logTemplates.map((t) => [
      runId,
      t.templateId,
      t.entityId,
      t.template,
      t.severity,
      t.baselineCount,
      t.incidentCount,
      t.firstSeen,
      t.isNew,
      t.score,
    ]),
    alert_groups: result.alertGroups.map((g) => [
      runId,
      g.groupId,
      g.title,
      g.severity,
      g.from,
      g.to,
      g.notifications,
    ]),
    alert_group_members: result.alertGroups.flatMap((g) =>
      g.members.map((m) => [runId, g.groupId, m.sourceId, m.rowNo]),
    ),
  };
}

function rankedRows(runId: string, result: AnalysisResult): Record<string, SqlValue[][]> {
  return {
    rankings: result.ranking.map((c) => [
      runId,
      c.rank,
      c.entity.id,
      c.score,
      c.confidence,
      c.bucket,
      c.sentence,
      encodeJson(c.methods),
    ]),
    evidence: result.ranking.flatMap((c) =>
      c.evidence.map((e) => [
        runId,
        e.id,
        c.entity.id,
        e.stance,
        e.claim,
        e.query,
        e.version,
        encodeJson(e.params),
        e.value === null ? null : String(e.value),
        e.rows,
      ]),
    ),
  };
}

async function insert(engine: Engine, table: string, rows: readonly SqlValue[][]): Promise<void> {
  for (let i = 0; i < rows.length; i += INSERT_ROWS) {
    const values = rows.slice(i, i + INSERT_ROWS).map((row) => `(${row.map(literal).join(', ')})`);
    await engine.exec(`INSERT INTO ${table} VALUES ${values.join(', ')}`);
  }
}

/** The newest run on this state of the data. */
export async function loadRun(
  engine: Engine,
  db: Db,
  dataVersion: string,
): Promise<AnalysisResult | undefined> {
  const frame = await engine.query(
    `SELECT result FROM ${db.table('runs')} WHERE data_version = ${literal(dataVersion)}
    ORDER BY started_at DESC, run_id LIMIT 1`,
    { result: 'str' },
  );
  const text = frame.col.result[0];
  return text === undefined ? undefined : completed(decodeJson(text) as AnalysisResult);
}

/** A run that an older Faultline stored lacks what came later. */
function completed(result: AnalysisResult): AnalysisResult {
  const ranking = result.ranking.map((cause) => ({ ...LATER, ...cause }));
  return { ...result, ranking };
}

const LATER: Pick<RankedCause, 'propagation'> = { propagation: [] };
