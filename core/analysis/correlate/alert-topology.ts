/** What the ranking asks of a topology; built once for a system. */
export interface AlertTopology {
  readonly kindOf: (entity: string) => string;
  /** The service that an entity is, or is an instance of. */
  readonly serviceOf: (entity: string) => string | undefined;
  readonly calleesOf: (service: string) => readonly string[];
  /** Neighbours, with how much of a walk goes there. */
  readonly besides: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

interface Edge {
  readonly source: string;
  readonly target: string;
  readonly kind: string;
}

/** A host is shared by many that have nothing to do with each other. */
const HOST_WEIGHT = 0.2;

/** Edges point from the caller to the callee, from the service to its instance, from the instance to its host. */
export function alertTopology(
  kinds: ReadonlyMap<string, string>,
  edges: Iterable<Edge>,
): AlertTopology {
  const services = new Map<string, string>();
  const callees = new Map<string, string[]>();
  const besides = new Map<string, Map<string, number>>();
  const beside = (a: string, b: string, weight: number): void => {
    const list = besides.get(a);
    if (list) list.set(b, Math.max(list.get(b) ?? 0, weight));
    else besides.set(a, new Map([[b, weight]]));
  };
  for (const { source, target, kind } of edges) {
    if (kind === 'registers_with') continue;
    if (kind === 'has_instance') services.set(target, source);
    if (kind === 'calls' || kind === 'data') {
      const list = callees.get(source);
      if (list) list.push(target);
      else callees.set(source, [target]);
    }
    const weight = kind === 'hosted_on' ? HOST_WEIGHT : 1;
    beside(source, target, weight);
    beside(target, source, weight);
  }
  const kindOf = (entity: string): string => kinds.get(entity) ?? '';
  return {
    kindOf,
    serviceOf: (entity) => (kindOf(entity) === 'service' ? entity : services.get(entity)),
    calleesOf: (service) => callees.get(service) ?? [],
    besides,
  };
}
