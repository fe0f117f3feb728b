/** A figure as reports print it; empty where there is none. */
export const figure = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value)
    ? ''
    : Math.abs(value) >= 1000
      ? value.toFixed(0)
      : value.toFixed(3);

/** 'low to high'; empty where there is none. */
export const range = (interval: readonly [number, number] | undefined): string =>
  interval ? `${figure(interval[0])} to ${figure(interval[1])}` : '';

export function mdTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
