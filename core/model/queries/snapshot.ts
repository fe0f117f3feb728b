/**
 * What an evidence query says about the rows its figure rests on, beside the figure: how many, a sum that
 * changes with any of them, and the places (source_id:row_no) of the first three. Integers and text only, so
 * that both engines agree to the digit; one more aggregate of the same scan.
 */
export const SNAPSHOT = { snap_rows: 'f64', snap_hash: 'str', snap_first: 'str' } as const;

/** A prime below 2^20: what is multiplied stays far from the end of a BIGINT, summed in a HUGEINT. */
const P = 1048573;

/** 2^64 modulo P. */
const HALF = 432;

/**
 * Text, or a figure as text, as a number that differs where the text does: its MD5 modulo P. By halves: the
 * engine divides 128 bits bit by bit, which takes twenty times as long as the rest.
 */
export const textKey = (column: string): string => {
  const md5 = `md5_number(coalesce(${column}, ''))`;
  const high = `((${md5} >> 64::UHUGEINT)::UBIGINT % ${P})::BIGINT`;
  const low = `((${md5} & 18446744073709551615::UHUGEINT)::UBIGINT % ${P})::BIGINT`;
  return `(${high} * ${HALF} + ${low}) % ${P}`;
};

/**
 * The three columns as aggregates. `ts` orders; `content` are integer expressions of what each row says;
 * `where` says which rows of the scan are meant. source_id and row_no must be in scope.
 */
export function snapshotSql(ts: string, content: readonly string[], where: string): string {
  const said = content.map((part, i) => `(${part}) % ${P} * ${2 * i + 3} + `).join('');
  const place = `(row_no % ${P} + 1 + source_id)`;
  return `count(*) FILTER (WHERE ${where})::DOUBLE AS snap_rows,
  coalesce(sum(${place} * (${said}${ts} % ${P} + 1)) FILTER (WHERE ${where}), 0)::VARCHAR AS snap_hash,
  coalesce(array_to_string([x.s || ':' || x.r FOR x IN
    min({'t': ${ts}, 's': source_id, 'r': row_no}, 3) FILTER (WHERE ${where})], ' '), '') AS snap_first`;
}
