import { inSample } from '../../core/connect';
import type { TimeWindow } from '../../core/base';
import { z } from 'zod';
import { aggregate } from './aggregate';
import type { Client, Json } from './api';
import type { Target } from './cursor';
import { allOf, anyOf, errorQuery } from './queries';
import { rangeQuery } from './time-field';

/** A cluster refuses more than 65,536 terms; fewer keep requests small. */
export const TRACES_PER_QUERY = 20_000;
const COMPOSITE_PAGE = 10_000;
/** More traces with errors than this are not named one by one. */
const MAX_TRACES = 50_000;

const compositeAnswer = z.object({
  after_key: z.record(z.string(), z.unknown()).optional(),
  buckets: z.array(z.object({ key: z.object({ trace: z.string() }) })),
});
const termsAnswer = z.object({
  sum_other_doc_count: z.number().default(0),
  buckets: z.array(z.object({ key: z.string() })),
});

/** Ids, as the index has them, of the traces with a failed span in the windows; undefined where too many. */
export async function tracesWithErrors(
  client: Client,
  target: Target,
  windows: readonly TimeWindow[],
): Promise<ReadonlySet<string> | undefined> {
  const { mapping } = target;
  const errors = errorQuery(mapping);
  const found = new Set<string>();
  if (errors === undefined || mapping.trace === undefined) return found;
  const ranges = anyOf(windows.map((window) => rangeQuery(mapping.time, window)));
  const sources = [{ trace: { terms: { field: mapping.trace } } }];
  let after: Json | undefined;
  do {
    const composite = { size: COMPOSITE_PAGE, sources, ...(after ? { after } : {}) };
    const body = { size: 0, query: allOf([ranges, errors]), aggs: { t: { composite } } };
    const page = compositeAnswer.parse((await aggregate(client, target, body)).answer);
    for (const { key } of page.buckets) found.add(key.trace);
    if (found.size > MAX_TRACES) return undefined;
    after = page.buckets.length < COMPOSITE_PAGE ? undefined : page.after_key;
  } while (after);
  return found;
}

/**
 * Spans of a slice whose traces are in the sample: chosen by a hash of the trace's id, so that a trace
 * comes whole, whichever slice, index or connector its spans come through. Failed spans always come.
 */
export async function tracesQuery(
  client: Client,
  target: Target,
  range: Json,
  { share, always, most }: { share: number; always: ReadonlySet<string>; most: number },
): Promise<Json> {
  const { trace = '' } = target.mapping;
  const ids = await tracesOf(client, target, range, most + 100);
  const chosen = ids.filter((id) => always.has(id) || inSample(id.toLowerCase(), share));
  const errors = errorQuery(target.mapping);
  const any: Json[] = errors ? [errors] : [];
  for (let at = 0; at < chosen.length; at += TRACES_PER_QUERY) {
    any.push({ terms: { [trace]: chosen.slice(at, at + TRACES_PER_QUERY) } });
  }
  return any.length > 0 ? allOf([range, anyOf(any)]) : { match_none: {} };
}

/** Every trace id of a slice; more may have come since it was counted. */
async function tracesOf(
  client: Client,
  target: Target,
  query: Json,
  most: number,
): Promise<readonly string[]> {
  for (let size = most; ; size *= 2) {
    const terms = { field: target.mapping.trace, size };
    const body = { size: 0, query, aggs: { t: { terms } } };
    const page = termsAnswer.parse((await aggregate(client, target, body)).answer);
    if (page.sum_other_doc_count === 0) return page.buckets.map(({ key }) => key);
  }
}
