import { pathOf, searchAnswer, type Client, type Json } from './api';
import type { Target } from './cursor';
import { lacksBusyShards } from './paging';
import { EXPRESSION_QUERY } from './reader';

const ATTEMPTS = 3;
const WAIT_MS = 500;

export interface Aggregated {
  /** Of the aggregation `t`. */
  readonly answer: unknown;
  /** Shards that did not answer, so that the figures are too small. */
  readonly failed: number;
}

/** The answer of the aggregation `t`; shards that were too busy are asked again. */
export async function aggregate(
  client: Client,
  { expression, red }: Target,
  body: Json,
): Promise<Aggregated> {
  const path = `/${pathOf(expression)}/_search`;
  const request = { method: 'POST', path, query: EXPRESSION_QUERY, body } as const;
  for (let attempt = 1; ; attempt++) {
    const answer = await client.call(request, searchAnswer, red ? { giveUpOn: [503] } : {});
    if (attempt < ATTEMPTS && lacksBusyShards(answer)) {
      await client.pause(WAIT_MS * attempt);
      continue;
    }
    const { shards, timedOut, aggregations } = answer;
    const failed = Math.max(shards?.failed ?? 0, timedOut ? 1 : 0);
    return { answer: aggregations?.['t'] ?? { buckets: [] }, failed };
  }
}
