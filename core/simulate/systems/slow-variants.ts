import { reachOf } from '../places';
import type { DatabaseDef, StatementDef, SystemDef } from '../system-types';

/** How many times over a slow statement fills the slots of its database. */
const LOAD = 1.2;

/** Adds to each SELECT one that no index serves, slow enough to fill its database. */
export function withSlowVariants(plain: Omit<SystemDef, 'slowVariants'>): SystemDef {
  const { statements } = reachOf({ ...plain, slowVariants: {} });
  const slowVariants: Record<string, string> = {};
  const databases = plain.databases.map((database): DatabaseDef => {
    const added: Record<string, StatementDef> = {};
    for (const [id, statement] of Object.entries(database.statements)) {
      const rate = plain.telemetry.perSecond * (statements.get(`${database.name}/${id}`) ?? 0);
      if (statement.verb !== 'SELECT' || !statement.text.includes('WHERE') || rate === 0) continue;
      const ms = Math.min(1500, Math.max(250, (LOAD * 1000 * database.slots) / rate));
      const text = statement.text.replace(/WHERE ([\w.]+)/, "WHERE concat('', $1)");
      slowVariants[id] = `${id}Unindexed`;
      added[`${id}Unindexed`] = { ...statement, text, ms, rows: 1_100_000 };
    }
    return { ...database, statements: { ...database.statements, ...added } };
  });
  return { ...plain, databases, slowVariants };
}
