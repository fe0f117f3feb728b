import type { Attributes } from '../../model';

/** OTLP's attributes: a list of keys with their values, all texts. */
export function keyValues(attributes: Attributes): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: { stringValue: value },
  }));
}

/** A double as protobuf's JSON has it: what JSON has no word for is a text. */
export function doubleJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

export type Grouped<T> = Map<string, T[]>;

/** The list of a group, made where it is new; groups stay in the order of their first sight. */
export function grouped<T>(groups: Grouped<T>, key: string): T[] {
  const known = groups.get(key);
  if (known) return known;
  const made: T[] = [];
  groups.set(key, made);
  return made;
}
