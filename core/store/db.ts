import { quote } from './schema';

/** Names base tables past the visible views of the same name. */
export interface Db {
  readonly name: string;
  table(name: string): string;
}

export function dbNamed(name: string): Db {
  return { name, table: (table) => `${quote(name)}.main.${quote(table)}` };
}
