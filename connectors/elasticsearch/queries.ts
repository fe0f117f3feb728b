import type { TimeWindow } from '../../core/base';
import type { Json } from './api';
import { errorSeverityQuery } from './severity';
import type { Mapping, QueryField } from './spec';
import { rangeQuery } from './time-field';

/** The documents of a window; where traces are named, those of them alone. */
export function inWindow({ time, trace, named }: Mapping, window: TimeWindow): Json {
  const range = rangeQuery(time, window);
  if (named === undefined || trace === undefined) return range;
  return allOf([range, { terms: { [trace]: named } }]);
}

/**
 * Documents that are errors: severity error or worse, status error, HTTP status 500 or above. Undefined
 * where the documents have no field that could say so.
 */
export function errorQuery(mapping: Mapping): Json | undefined {
  const clauses = [statusClause(mapping), httpClause(mapping.http)].filter(
    (clause) => clause !== undefined,
  );
  return clauses.length > 0 ? anyOf(clauses) : undefined;
}

function statusClause({ profile, severity }: Mapping): Json | undefined {
  if (profile === 'jaeger-spans') {
    return anyOf([
      tagClause('error', 'true'),
      tagClause('otel.status_code', 'ERROR'),
      { terms: { 'tag.error': ['true'] } },
      { terms: { 'tag.otel@status_code': ['ERROR'] } },
    ]);
  }
  if (severity === undefined) return undefined;
  if (profile === 'apm-spans') return { terms: { [severity.name]: ['failure'] } };
  if (profile.endsWith('spans')) {
    const codes = severity.type === 'number' ? [2] : ['Error', 'ERROR', 'STATUS_CODE_ERROR', '2'];
    return { terms: { [severity.name]: codes } };
  }
  return errorSeverityQuery(severity.name, severity.type);
}

/** Jaeger's tags are nested documents; an index without them is no error. */
function tagClause(key: string, value: string): Json {
  const filter = [{ term: { 'tags.key': key } }, { term: { 'tags.value': value } }];
  return { nested: { path: 'tags', ignore_unmapped: true, query: { bool: { filter } } } };
}

/** A status may be a number, or three digits as text, which sort alike. */
function httpClause(field: QueryField | undefined): Json | undefined {
  if (field === undefined) return undefined;
  if (field.type === 'number') return { range: { [field.name]: { gte: 500, lt: 600 } } };
  return field.type === 'keyword'
    ? { range: { [field.name]: { gte: '500', lt: '600' } } }
    : undefined;
}

export function allOf(clauses: readonly Json[]): Json {
  return { bool: { filter: clauses } };
}

export function anyOf(clauses: readonly Json[]): Json {
  return { bool: { should: clauses, minimum_should_match: 1 } };
}

export function noneOf(clause: Json): Json {
  return { bool: { must_not: [clause] } };
}

/** The same in every run, so that what one pull samples another does too. */
const SEED = 20_260_101;

/**
 * Errors whole and a share of the rest, chosen by the server from a hash of each document's number: a
 * smaller share keeps some of what a larger one keeps.
 */
export function sampledQuery(within: Json, errors: Json | undefined, share: number): Json {
  const random = { random_score: { seed: SEED, field: '_seq_no' } };
  const functions = errors
    ? [
        { filter: errors, weight: 2 },
        { filter: noneOf(errors), ...random },
      ]
    : [{ filter: { match_all: {} }, ...random }];
  return {
    function_score: {
      query: within,
      functions,
      score_mode: 'sum',
      boost_mode: 'replace',
      // Scores are in [0, 1); those of errors are 2. A share of 0 leaves the errors alone.
      min_score: share > 0 ? 1 - share : 1.5,
    },
  };
}
