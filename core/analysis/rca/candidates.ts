import type { Facts } from '../facts';

export function kindOf(facts: Facts, id: string): string | undefined {
  return facts.graph.entities.get(id)?.kind ?? id.split(':')[0];
}

/** Clients and what is outside can be struck, but are not ours to name as the cause. */
export function rankable(facts: Facts, id: string): boolean {
  return id !== '' && kindOf(facts, id) !== 'client';
}
