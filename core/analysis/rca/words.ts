import { parseEntityId } from '../../model';

/** Figures as the workbench writes them: three significant digits, units always. */
export function ms(value: number): string {
  if (!Number.isFinite(value)) return 'unknown';
  if (value >= 60_000) return `${digits(value / 60_000)} min`;
  if (value >= 1000) return `${digits(value / 1000)} s`;
  return `${digits(value)} ms`;
}

export function digits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const rounded = Number(value.toPrecision(3));
  if (Math.abs(rounded) >= 1e6) return rounded.toExponential(2);
  return String(rounded);
}

export function percent(ratio: number): string {
  return `${digits(100 * ratio)} %`;
}

export function clock(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 19);
}

export function nameOf(entityId: string): string {
  return parseEntityId(entityId).name;
}

export function list(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
