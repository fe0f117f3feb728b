import { createRng } from '../../base';
import type { Facts } from '../facts';
import type { MethodResult } from '../rca/method';
import type { Analysis } from '../seam';
import { scope } from './incident';

/** A method on facts: the analyses that it builds on run on the same. */
export function scored(method: Analysis<MethodResult>, facts: Facts): MethodResult {
  const given: Record<string, unknown> = { facts };
  for (const [name, used] of Object.entries(method.uses)) {
    if (!Array.isArray(used)) continue;
    given[name] = new Map(
      (used as Analysis<MethodResult>[]).map((one) => [one.id, scored(one, facts)]),
    );
  }
  const rng = createRng(0);
  const params = method.params.parse({});
  const notice = (): void => undefined;
  return method.run({ scope, params, frames: {}, given, rng, notice }) as MethodResult;
}

export const topOf = ({ scores }: MethodResult): string | undefined =>
  [...scores].sort((a, b) => b[1] - a[1])[0]?.[0];
