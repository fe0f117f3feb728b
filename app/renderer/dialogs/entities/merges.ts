import type { Entity } from '../../../../core/model';
import type { EntityMerge } from '../../../../core/store';

export const ORDER = ['proposed', 'accepted', 'rejected'] as const;
export type MergeState = (typeof ORDER)[number];

/** The merges of a state, those whose entity or reason holds what is typed, by name. */
export function mergesOf(
  merges: readonly EntityMerge[],
  state: MergeState,
  typed: string,
): readonly EntityMerge[] {
  const wanted = typed.trim().toLowerCase();
  return merges
    .filter((merge) => merge.state === state)
    .filter(({ from, into, reason }) =>
      `${from.id} ${into.id} ${reason}`.toLowerCase().includes(wanted),
    )
    .sort((a, b) => (a.into.id + a.from.id < b.into.id + b.from.id ? -1 : 1));
}

/** Why two entities can't be merged by hand; undefined where they can. */
export function mergeProblem(
  from: Entity | undefined,
  into: Entity | undefined,
  merges: readonly EntityMerge[],
): string | undefined {
  if (!from || !into) return 'Choose two names.';
  if (from.id === into.id) return 'This is one name already.';
  const known = merges.find((m) => m.from.id === from.id && m.into.id === into.id);
  if (known?.state === 'accepted') return 'They are merged already.';
  const back = merges.some(
    (m) => m.from.id === into.id && m.into.id === from.id && m.state === 'accepted',
  );
  return back ? `${into.name} is merged into ${from.name} already; undo that first.` : undefined;
}
