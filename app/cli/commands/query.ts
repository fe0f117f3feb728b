import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { FaultlineError } from '../../../core/base';
import { shiftsInForce } from '../../../core/model';
import type { Cell, SqlResult } from '../../../core/store';
import { withCase, type Context } from '../context';
import { table, toJson } from '../output';

export interface QueryFlags {
  readonly format: string;
  readonly limit: string;
}

export async function queryCommand(
  file: string,
  sql: string,
  flags: QueryFlags,
  context: Context,
): Promise<void> {
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1) {
    throw new FaultlineError('usage', `Not a number of rows: --limit ${flags.limit}.`);
  }
  const { result, shifted } = await withCase(file, 'read', context, async (store) => ({
    result: await store.sql(sql, limit, { signal: context.signal }),
    shifted: shiftsInForce(await store.clocks()).length,
  }));
  if (shifted > 0) {
    context.out.note(
      `Times are on shifted clocks (of ${shifted} sources); faultline clocks ${file} --raw shows all as they came.`,
    );
  }
  if (result.truncated) {
    context.out.note(`Only the first ${result.rows} rows; --limit takes more.`);
  }
  if (context.out.json) {
    const { columns, rows, truncated } = result;
    const document = { schema: 1, columns, rows, truncated, data: rowsOf(result) };
    return context.out.result(document, () => '');
  }
  write(result, flags.format);
}

function write(result: SqlResult, format: string): void {
  const names = result.columns.map(({ name }) => name);
  switch (format) {
    case 'table':
      process.stdout.write(
        `${table(
          names,
          rowsOf(result).map((row) => row.map(text)),
        )}\n`,
      );
      return;
    case 'csv':
      process.stdout.write(
        [names.map(csv), ...rowsOf(result).map((r) => r.map(csv))]
          .map((r) => `${r.join(',')}\n`)
          .join(''),
      );
      return;
    case 'jsonl':
      for (const row of rowsOf(result)) {
        process.stdout.write(`${toJson(Object.fromEntries(row.map((c, i) => [names[i], c])))}\n`);
      }
      return;
    case 'arrow':
      process.stdout.write(tableToIPC(tableFromArrays(plainColumns(result)), 'stream'));
      return;
    case 'parquet': {
      const columnData = Object.entries(plainColumns(result)).map(([name, data]) => ({
        name,
        data,
      }));
      process.stdout.write(new Uint8Array(parquetWriteBuffer({ columnData })));
      return;
    }
    default:
      throw new FaultlineError(
        'usage',
        `No format "${format}". Known: table, csv, jsonl, arrow, parquet.`,
      );
  }
}

function rowsOf(result: SqlResult): Cell[][] {
  return Array.from({ length: result.rows }, (_, i) =>
    result.data.map((column) => column[i] ?? null),
  );
}

function text(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'object' ? toJson(cell) : String(cell);
}

function csv(cell: Cell): string {
  const value = text(cell);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Columns of one plain type each; lists and maps as JSON text. */
function plainColumns(
  result: SqlResult,
): Record<string, (string | number | bigint | boolean | null)[]> {
  return Object.fromEntries(
    result.columns.map(({ name }, i) => [
      name,
      (result.data[i] ?? []).map((cell) =>
        cell !== null && typeof cell === 'object' ? toJson(cell) : cell,
      ),
    ]),
  );
}
