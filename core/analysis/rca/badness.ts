import { errorOrigin } from './error-origin';
import { logNovelty } from './log-novelty';
import type { MethodResult } from './method';
import { metricRoot } from './metric-root';
import { selfTime } from './self-time';

/** The methods that look at an entity by itself. */
export const OWN = [selfTime, errorOrigin, metricRoot, logNovelty] as const;

/** How bad an entity looks by itself, 0–1: added time, own errors, metrics, logs. */
export function badnessOf(own: ReadonlyMap<string, MethodResult>): ReadonlyMap<string, number> {
  const out = new Map<string, number>();
  for (const { scores, strength } of own.values()) {
    for (const [id, score] of scores) out.set(id, Math.max(out.get(id) ?? 0, score * strength));
  }
  return out;
}
