/**
 * A person's SQL as a subquery: only what reads is one, and the limit holds. Together with "one prepared
 * statement" and a read-only transaction nothing can be written, whatever the text says.
 */
export function wrapSelect(sql: string, limit: number): string {
  const body = sql.trim().replace(/;\s*$/, '');
  return `SELECT * FROM (\n${body}\n) LIMIT ${Math.max(0, Math.floor(limit)) + 1}`;
}
