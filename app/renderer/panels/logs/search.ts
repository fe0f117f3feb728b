import type { Entity } from '../../../../core/model';
import type { LogFilter } from '../../../../core/model/queries';

/** One condition of the search box: `level:error`, `-path:/health`, `"exact words"`, `word`. */
export interface SearchTerm {
  readonly field: string | undefined;
  readonly value: string;
  readonly negated: boolean;
}

const TERM = /(-)?(?:([A-Za-z_][\w.-]*):)?(?:"([^"]*)"|(\S+))/g;

/** Takes the search box's text apart; a quote that never closes runs to the end. */
export function parseSearch(text: string): readonly SearchTerm[] {
  const closed = (text.match(/"/g)?.length ?? 0) % 2 === 0 ? text : `${text}"`;
  return [...closed.matchAll(TERM)]
    .map(([, minus, field, quoted, word]) => ({
      field,
      value: quoted ?? word ?? '',
      negated: minus !== undefined,
    }))
    .filter((term) => term.value !== '');
}

/** Lowest OpenTelemetry severity number of a level by its usual names. */
const LEVELS: readonly (readonly [RegExp, number])[] = [
  [/^trace$/i, 1],
  [/^debug$/i, 5],
  [/^info/i, 9],
  [/^warn/i, 13],
  [/^err/i, 17],
  [/^(fatal|crit|alert|emerg|panic)/i, 21],
];

function severityOf(word: string): number | undefined {
  return LEVELS.find(([pattern]) => pattern.test(word))?.[1];
}

export interface FilterParts {
  readonly from: bigint;
  readonly to: bigint;
  readonly minSeverity: number;
  readonly entityId: string | undefined;
  readonly traceId?: string;
}

/**
 * The query's filter for a search text: `level:` raises the severity, `service:`/`host:`… name an entity,
 * `trace:` a trace, any other field an attribute; the rest is text of the body.
 */
export function logFilter(
  text: string,
  parts: FilterParts,
  entities: readonly Entity[],
): LogFilter {
  const filter = {
    from: parts.from,
    to: parts.to,
    minSeverity: parts.minSeverity,
    entities: parts.entityId === undefined ? [] : [parts.entityId],
    contains: [] as string[],
    excludes: [] as string[],
    keys: [] as string[],
    values: [] as string[],
    notKeys: [] as string[],
    notValues: [] as string[],
    traceId: parts.traceId ?? '',
    like: '',
  };
  for (const { field, value, negated } of parseSearch(text)) {
    const low = value.toLowerCase();
    const level = field === 'level' || field === 'severity' ? severityOf(value) : undefined;
    const named = negated || field === undefined ? [] : entitiesNamed(field, low, entities);
    if (level !== undefined && !negated) filter.minSeverity = Math.max(filter.minSeverity, level);
    else if (named.length > 0) filter.entities = named;
    else if ((field === 'trace' || field === 'trace_id') && !negated) filter.traceId = low;
    else if (field === undefined) (negated ? filter.excludes : filter.contains).push(low);
    else {
      (negated ? filter.notKeys : filter.keys).push(field);
      (negated ? filter.notValues : filter.values).push(low);
    }
  }
  return filter;
}

function entitiesNamed(field: string, name: string, entities: readonly Entity[]): string[] {
  const kind = field === 'pod' || field === 'instance' ? 'service_instance' : field;
  return entities
    .filter((e) => e.name.toLowerCase() === name && (e.kind === kind || field === 'entity'))
    .map((e) => e.id);
}

/** Where the searched words stand in a body, as [start, end) pairs without overlap, in order. */
export function matchesIn(
  body: string,
  words: readonly string[],
): readonly (readonly [number, number])[] {
  const low = body.toLowerCase();
  const found: [number, number][] = [];
  for (const word of words) {
    if (word === '') continue;
    let at = low.indexOf(word);
    while (at >= 0) {
      found.push([at, at + word.length]);
      at = low.indexOf(word, at + word.length);
    }
  }
  found.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const pair of found) {
    const last = merged.at(-1);
    if (last && pair[0] <= last[1]) last[1] = Math.max(last[1], pair[1]);
    else merged.push([...pair]);
  }
  return merged;
}
