import type { Attributes } from '../../model';
import { RESOURCE } from './mapping';
import { cellText } from './mapping-shape';
import type { Redactor } from './redact';

/** Reads a column of a record. */
export type Get<R> = (record: R) => unknown;

/** Attributes of a record from named fields and from what no field names, without secrets. */
export class Gathered<R> {
  private readonly known = new Map<string, Attributes>();
  private static readonly KEPT = 4096;

  constructor(
    private readonly named: readonly (readonly [string, Get<R>])[],
    private readonly redactor: Redactor,
    private readonly others?: (record: R, put: (name: string, value: unknown) => void) => void,
  ) {}

  of(record: R): Attributes {
    const found: Record<string, string> = {};
    const put = (name: string, value: unknown): void => {
      const nested = typeof value === 'object' && !(value instanceof Date);
      const plain = nested ? this.redactor.value(value, name) : value;
      const text = cellText(plain);
      if (text !== '') found[name] = this.redactor.field(name, text);
    };
    for (const [name, get] of this.named) put(name, get(record));
    this.others?.(record, put);
    if (this.others) return found;
    // Equal resources and labels are one object, which is looked up by identity.
    const key = JSON.stringify(found);
    const same = this.known.get(key);
    if (same) return same;
    if (this.known.size < Gathered.KEPT) this.known.set(key, found);
    return found;
  }
}

/** Fields whose name begins so, by the rest of it. */
export function prefixed<R>(
  get: Readonly<Record<string, Get<R>>>,
  prefix: string,
): readonly (readonly [string, Get<R>])[] {
  return Object.entries(get).flatMap(([name, of]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), of] as const] : [],
  );
}

/** What a mapping says of who wrote a record. */
export function resourceFields<R>(get: Readonly<Record<string, Get<R>>>) {
  const { service, host } = get;
  return [
    ...(service ? [['service.name', service] as const] : []),
    ...(host ? [['host.name', host] as const] : []),
    ...prefixed(get, RESOURCE),
  ];
}
