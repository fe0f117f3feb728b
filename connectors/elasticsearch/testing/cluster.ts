import type { TimeWindow } from '../../../core/base';
import type { Notice } from '../../../core/model';
import type { PullRequest, Upstream, UpstreamRequest } from '../../../core/connect';
import { pullAll, type Pulled } from '../../../core/connect/testing/pulled';
import { testEnv } from '../../../core/connect/testing/upstreams';
import { elasticsearch } from '../connector';

export const MS = 1_000_000n;
export const START_MS = 1_790_100_000_000;
export const START = BigInt(START_MS) * MS;
const HOUR = 3_600_000n * MS;
export const WINDOW: TimeWindow = { from: START, to: START + HOUR };

export type Document = Readonly<Record<string, unknown>> & { readonly _id?: string };

export class Cluster {
  constructor(readonly upstream: Upstream) {}

  async send(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    query?: UpstreamRequest['query'],
  ): Promise<string> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
    const headers = { 'content-type': type };
    const request = { method, path, query, ...(body === undefined ? {} : { body: text, headers }) };
    const response = await this.upstream.send(request);
    const said = new TextDecoder().decode(response.body);
    if (response.status >= 300 || said.includes('"errors":true'))
      throw new Error(`${path}: ${said}`);
    return said;
  }

  /** Where other clusters would reach it. */
  async transportAddress(): Promise<string> {
    const said = await this.send('GET', '/_nodes/_local/transport');
    const address = /"publish_address":"([^"]+)"/.exec(said)?.[1];
    if (address === undefined) throw new Error(said);
    return address;
  }

  /** `mappings` are an index's properties, or all of its mapping. */
  async index(
    name: string,
    mappings: Readonly<Record<string, unknown>>,
    documents: readonly Document[],
    shards = 1,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const settings = { number_of_shards: shards, number_of_replicas: 0, ...more };
    const whole = 'properties' in mappings ? mappings : { properties: mappings };
    await this.send('PUT', `/${name}`, { settings, mappings: whole });
    const lines = documents.flatMap(({ _id, ...source }) => [
      JSON.stringify({ index: { _index: name, ...(_id ? { _id } : {}) } }),
      // Integers beyond 2^53 are written as they are.
      JSON.stringify(source, (_, v: unknown) => (typeof v === 'bigint' ? `#${v}#` : v)).replace(
        /"#(\d+)#"/g,
        '$1',
      ),
    ]);
    await this.send('POST', '/_bulk', lines.join('\n') + '\n', [['refresh', 'true']]);
  }

  pull(
    config: Readonly<Record<string, string>>,
    request: Partial<PullRequest> = {},
    upstream: Upstream = this.upstream,
  ): Promise<Pulled> {
    const connector = elasticsearch.open(elasticsearch.config.parse(config), testEnv(upstream));
    return pullAll(connector, { windows: [WINDOW], budget: 1e9, ...request });
  }
}

export const DATE = { type: 'date' } as const;
export const iso = (ms: number): string => new Date(START_MS + ms).toISOString();
export const noticeOf = ({ notices }: Pulled, code: string): Notice | undefined =>
  notices.find((notice) => notice.code === code);
export const bodies = ({ tables }: Pulled): readonly string[] =>
  (tables.logs ?? []).map((row) => row['body'] as string).sort();
/** Whether exactly the documents m0 to m(n-1) came, each once; where not, what was said. */
export function cameOnce(pulled: Pulled, n: number): unknown {
  const came = bodies(pulled);
  const distinct = new Set(came.filter((body) => Number(body.slice(1)) < n)).size;
  return came.length === n && distinct === n
    ? 'each once'
    : [came.length, distinct, pulled.notices];
}
export const numbered = (n: number, from = 0): readonly string[] =>
  Array.from({ length: n }, (_, i) => `m${i + from}`).sort();
