import type { AttributeStage } from './stages';

type Pairs = readonly (readonly [string, string])[];

/** A scope as attributes of its records: `otel.scope.name`, `otel.scope.version` and its own, prefixed. */
export function scopeAttributes(name: string, version: string, own: AttributeStage): Pairs {
  const pairs: [string, string][] = [];
  if (name !== '') pairs.push(['otel.scope.name', name]);
  if (version !== '') pairs.push(['otel.scope.version', version]);
  for (let i = 0; i < own.length; i++) pairs.push([`otel.scope.${own.keys[i]!}`, own.values[i]!]);
  return pairs;
}
