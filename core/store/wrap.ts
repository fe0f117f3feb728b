import { FaultlineError } from '../base';

/** What reads and can stand in a subquery; comments before it don't count. */
const READS =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*(select|with|from|values|table|describe|show|summarize|pivot|unpivot)\b/i;

/**
 * A person's SQL as a subquery: only what reads is one, and the limit holds. Together with "one prepared
 * statement" and a read-only transaction nothing can be written, whatever the text says.
 */
export function wrapSelect(sql: string, limit: number): string {
  if (!READS.test(sql)) {
    throw new FaultlineError(
      'store/read-only',
      'Only queries run here: a case is read, never changed, by SQL. Begin with SELECT, WITH or FROM.',
      { detail: { sql } },
    );
  }
  const body = sql.trim().replace(/;\s*$/, '');
  return `SELECT * FROM (\n${body}\n) LIMIT ${Math.max(0, Math.floor(limit)) + 1}`;
}
