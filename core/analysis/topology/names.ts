import { parseEntityId, type Entity } from '../../model';

/** An address that is a known thing's name is that thing. */
export function entityResolver(entities: readonly Entity[]): (id: string) => string {
  const byName = new Map<string, string>();
  for (const { id, kind, name } of entities) {
    if (kind !== 'service_instance' && kind !== 'host' && !byName.has(name)) byName.set(name, id);
  }
  const ids = new Set(entities.map(({ id }) => id));
  return (id) => {
    if (ids.has(id)) return id;
    const { name } = parseEntityId(id);
    return byName.get(name) ?? byName.get(name.split('.')[0] ?? name) ?? id;
  };
}
