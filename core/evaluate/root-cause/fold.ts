import type { Entity, EntityKind, TopologyEdge } from '../../model';
import type { Truth } from './truth';

export interface Candidate {
  /** Its name at the level of the truth. */
  readonly id: string;
  readonly score: number;
  readonly confidence: number;
  readonly correct: boolean;
  /** Entity ids of the ranking that were folded into it. */
  readonly members: readonly string[];
}

export interface Folding {
  /** has_instance edges: source is the service, target its instance; entity ids. */
  readonly edges: readonly Pick<TopologyEdge, 'source' | 'target' | 'kind'>[];
  /** Names that the case holds to be other names of something. */
  readonly aliases: ReadonlyMap<string, string>;
}

const INSTANCES: ReadonlySet<EntityKind> = new Set(['service_instance', 'container']);

/** A pod's name as Kubernetes makes it: owner, replica set, pod; or owner and ordinal. */
const POD = /^(.+?)(?:-[a-f0-9]{6,10}-[a-z0-9]{5}|-\d+)$/;

/** The name of an entity at the level that the truth is stated at. */
export function nameAtLevel(entity: Entity, level: Truth['level'], folding: Folding): string {
  if (level !== 'service' || !INSTANCES.has(entity.kind)) return entity.name;
  const edge = folding.edges.find((e) => e.kind === 'has_instance' && e.target === entity.id);
  if (edge) return edge.source.slice(edge.source.indexOf(':') + 1);
  return POD.exec(entity.name)?.[1] ?? entity.name;
}

interface Ranked {
  readonly entity: Entity;
  readonly score: number;
  readonly confidence: number;
}

/** A ranking at the level of the truth: what folds into one name keeps its best score. */
export function foldRanking(
  ranking: readonly Ranked[],
  truth: Truth,
  folding: Folding,
): readonly Candidate[] {
  const isTrue = truthTest(truth, folding);
  const byName = new Map<string, Candidate>();
  for (const { entity, score, confidence } of ranking) {
    const id = nameAtLevel(entity, truth.level, folding);
    const known = byName.get(id);
    byName.set(id, {
      id,
      score: Math.max(known?.score ?? -Infinity, score),
      confidence: Math.max(known?.confidence ?? 0, confidence),
      correct: isTrue(id),
      members: [...(known?.members ?? []), entity.id],
    });
  }
  return [...byName.values()].sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

export function truthTest({ names }: Truth, { aliases }: Folding): (name: string) => boolean {
  const own = (name: string): string => aliases.get(name) ?? name;
  const right = new Set(names.map(own));
  return (name) => right.has(own(name));
}
