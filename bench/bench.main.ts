import { benches, type BenchRow } from './list';

/**
 * node dist/bench/bench.mjs [--json] [--full] [NAME…]: the named benches (all without any) as tables; with --full also
 * what takes minutes.
 */
const json = process.argv.includes('--json');
const full = process.argv.includes('--full');
const names = process.argv.slice(2).filter((word) => word !== '--json' && word !== '--full');
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(
    `No bench ${unknown.join(', ')}; there are: ${benches.map((b) => b.name).join(', ')}.`,
  );
  process.exit(2);
}
const results: Record<string, readonly BenchRow[]> = {};
for (const bench of benches) {
  if (names.length > 0 && !names.includes(bench.name)) continue;
  const rows = await bench.run({ full });
  results[bench.name] = rows;
  if (!json) console.log(`\n${bench.name}: ${bench.about}\n${table(rows)}`);
}
if (json) console.log(JSON.stringify({ schema: 1, benches: results }));

function table(rows: readonly BenchRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  return lines
    .map((line) => line.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return Math.abs(value) >= 100 || Number.isInteger(value)
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)));
}
