import type { Client, Json } from './api';
import { longSearch } from './async-search';
import type { Target } from './cursor';
import { lacksBusyShards } from './paging';

const ATTEMPTS = 3;
const WAIT_MS = 500;

export interface Aggregated {
  /** Of the aggregation `t`. */
  readonly answer: unknown;
  /** By the names of the aggregations. */
  readonly all: Readonly<Record<string, unknown>>;
  /** Shards that did not answer, so that the figures are too small. */
  readonly failed: number;
}

/** The answers of aggregations; shards that were too busy are asked again. */
export async function aggregate(
  client: Client,
  { expression, red, frozen }: Pick<Target, 'expression' | 'red' | 'frozen'>,
  body: Json,
): Promise<Aggregated> {
  for (let attempt = 1; ; attempt++) {
    const answer = await longSearch(client, { expression, red, frozen, body });
    if (attempt < ATTEMPTS && lacksBusyShards(answer)) {
      await client.pause(WAIT_MS * attempt);
      continue;
    }
    const { shards, timedOut, aggregations } = answer;
    const failed = Math.max(shards?.failed ?? 0, timedOut ? 1 : 0);
    return { answer: aggregations?.['t'] ?? { buckets: [] }, all: aggregations ?? {}, failed };
  }
}
