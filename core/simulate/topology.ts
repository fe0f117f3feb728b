import type { Step } from './system-types';
import type { World } from './world';

/**
 * The architecture as a wiki page states it, partly out of date: it doesn't know of newer calls, and
 * may know of a service that is long gone.
 */
export function stateTopology(world: World): void {
  const { def, recorder } = world;
  const { forgotten, gone } = def.noise.topology;
  const left = new Set(forgotten.map(([from, to]) => `service:${from}>service:${to}`));
  const { col } = recorder.relations;
  const state = (source: string, target: string, kind: string): void => {
    col.source.push(source);
    col.target.push(target);
    col.kind.push(kind);
    col.calls.push(null);
    recorder.relations.endRow();
  };
  const seen = new Set<string>();
  const edges: (readonly [string, string, string])[] = [];
  const edge = (source: string, target: string, kind: string): void => {
    const key = `${source}>${target}`;
    if (seen.has(key) || left.has(key)) return;
    seen.add(key);
    edges.push([source, target, kind]);
  };
  const walk = (service: string, steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.do === 'call') edge(`service:${service}`, `service:${step.service}`, 'calls');
      if (step.do === 'db') edge(`service:${service}`, `database:${step.db}`, 'data');
      if (step.do === 'cache') edge(`service:${service}`, `cache:${step.cache}`, 'data');
      if (step.do === 'external') edge(`service:${service}`, `external:${step.host}`, 'calls');
      if (step.do === 'publish') edge(`service:${service}`, `queue:${step.topic}`, 'calls');
      if (step.do === 'parallel' || step.do === 'span') walk(service, step.steps);
      if (step.do === 'cache' && step.miss) walk(service, step.miss);
    }
  };
  for (const service of def.services) {
    for (const operation of Object.values(service.operations)) walk(service.name, operation.steps);
    if (service.consumes) {
      edge(`queue:${service.consumes.topic}`, `service:${service.name}`, 'calls');
    }
  }
  if (gone) edge(`service:${gone[0]}`, `service:${gone[1]}`, 'calls');
  const nodes = new Set(edges.flatMap(([source, target]) => [source, target]));
  for (const host of world.hosts) nodes.add(`host:${host.name}`);
  for (const node of nodes) state(node, '', '');
  for (const [source, target, kind] of edges) state(source, target, kind);
}
