import { parseEntityId, type Entity } from '../model';
import type { Graph } from './shifts';

/**
 * Folds what is an instance of something into it: by stated edges (has_instance), else by the name of a
 * pod without the suffixes that its replica set and the scheduler gave it.
 */
export function instanceFolder(graph: Graph, entities: readonly Entity[]): (id: string) => string {
  const owners = new Map<string, string>();
  for (const { source, target, kind } of graph.edges) {
    if (kind === 'has_instance') owners.set(target, source);
  }
  const services = new Map(
    entities.filter(({ kind }) => kind === 'service').map(({ id, name }) => [name, id]),
  );
  const cache = new Map<string, string>();
  return (id) => {
    const known = cache.get(id);
    if (known !== undefined) return known;
    const folded = owners.get(id) ?? byName(id, services) ?? id;
    cache.set(id, folded);
    return folded;
  };
}

function byName(id: string, services: ReadonlyMap<string, string>): string | undefined {
  const { kind, name } = parseEntityId(id);
  if (kind !== 'service_instance' && kind !== 'container') return undefined;
  const owner = name.replace(/-[a-f0-9]{6,10}-[a-z0-9]{5}$/, '').replace(/[-_]?\d+$/, '');
  return services.get(owner) ?? services.get(name);
}
