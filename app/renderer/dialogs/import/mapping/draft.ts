import type { MapFrom, Mapping, MappingTarget, TablePreview } from '../../../../../core/connect';

export const TARGET_WORD: Readonly<Record<MappingTarget, string>> = {
  logs: 'log records',
  samples: 'metric samples',
  spans: 'spans of traces',
  alerts: 'alerts',
  changes: 'changes',
};

/** Another target: fields of the same name stay. */
export function withTarget(
  mapping: Mapping,
  target: MappingTarget,
  fields: TablePreview['fields'],
): Mapping {
  const known = new Set(fields[target].map(({ name }) => name));
  const kept = Object.entries(mapping.fields).filter(
    ([name, of]) => known.has(name) || name.startsWith('resource.') || isNamed(name, of),
  );
  const { table, header, time, decimal } = mapping;
  return {
    target,
    ...(table === undefined ? {} : { table }),
    fields: Object.fromEntries(kept),
    ...(header === undefined ? {} : { header }),
    ...(time ? { time } : {}),
    ...(decimal ? { decimal } : {}),
  };
}

/** An attribute under another name; a column that is a label of samples is an attribute of others anyway. */
const isNamed = (name: string, of: MapFrom): boolean =>
  name.startsWith('attribute.') && !('column' in of && name === `attribute.${of.column}`);

/** A field from somewhere else, or from nowhere. */
export function withField(mapping: Mapping, name: string, from: MapFrom | undefined): Mapping {
  const { [name]: _, ...others } = mapping.fields;
  const fields = from ? { ...mapping.fields, [name]: from } : others;
  return { ...mapping, fields };
}

/** Time unit or zone; '' takes the choice back. */
export function withTime(mapping: Mapping, what: 'unit' | 'zone', value: string): Mapping {
  const { time, ...rest } = mapping;
  const all = Object.entries({ ...time, [what]: value }).filter(([, v]) => v !== '');
  return all.length === 0 ? rest : { ...rest, time: Object.fromEntries(all) };
}

/** Samples with a column of values each, or a metric's name and its value in a row. */
export function withWide(mapping: Mapping, wide: boolean): Mapping {
  const { values: _, ...rest } = mapping;
  if (!wide) return rest;
  const { metric: _m, value: _v, ...fields } = mapping.fields;
  return { ...rest, fields, values: [] };
}

export type Role = 'value' | 'label' | '';

/** What a column of samples is beside the fields. */
export function roleOf(mapping: Mapping, column: string): Role {
  if (mapping.values?.includes(column)) return 'value';
  return `attribute.${column}` in mapping.fields ? 'label' : '';
}

export function withRole(mapping: Mapping, column: string, role: Role): Mapping {
  const label = role === 'label' ? { column } : undefined;
  const next = withField(mapping, `attribute.${column}`, label);
  if (!mapping.values) return next;
  const others = mapping.values.filter((name) => name !== column);
  return { ...next, values: role === 'value' ? [...others, column] : others };
}

/** Columns that a field of the target takes. */
export function takenBy(mapping: Mapping): ReadonlySet<string> {
  const fields = Object.entries(mapping.fields).filter(([name]) => !name.startsWith('attribute.'));
  return new Set(fields.flatMap(([, of]) => ('column' in of ? [of.column] : [])));
}

/** A preview may be as wide as this. */
const COLUMNS = 14;

/** The fields of the rows, each once, in the order in which they first stand; and how many are not shown. */
export function shownFields(rows: TablePreview['rows']): {
  readonly names: readonly string[];
  readonly more: number;
} {
  const names = [...new Set(rows.flatMap(({ fields }) => fields.map(([name]) => name)))];
  return { names: names.slice(0, COLUMNS), more: Math.max(0, names.length - COLUMNS) };
}
