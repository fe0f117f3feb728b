import { z } from 'zod';
import { FaultlineError, throwIfAborted } from '../../core/base';
import { send, sendJson, type ConnectorEnv, type RetryCount } from '../../core/connect';
import { FetchedRecords } from './record-batch';

const offset = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number);

const clusterAnswer = z.object({
  clusterId: z.string(),
  brokers: z.number(),
  fetchVersion: z.number(),
});
const topicsAnswer = z.object({
  topics: z.array(
    z.object({
      name: z.string(),
      internal: z.boolean(),
      partitions: z.array(z.number()),
      offline: z.array(z.number()),
    }),
  ),
});
const offsetsAnswer = z.object({
  topics: z.array(
    z.object({
      topic: z.string(),
      partitions: z.array(
        z.object({ partition: z.number(), offset, error: z.string().optional() }),
      ),
    }),
  ),
});
const policiesAnswer = z.object({
  topics: z.array(z.object({ topic: z.string(), policy: z.string() })),
});

export type Topic = z.output<typeof topicsAnswer>['topics'][number];

/** Offsets of a topic by partition; a partition that did not answer is missing. */
export type Offsets = ReadonlyMap<number, number>;

/** Topics in one question. */
const AT_ONCE = 100;

/** What the host half offers of a cluster (app/node/kafka): questions in the shape of HTTP. */
export class KafkaClient {
  constructor(
    private readonly env: ConnectorEnv,
    private readonly signal: AbortSignal,
    private readonly retries: RetryCount,
  ) {}

  cluster(): Promise<z.output<typeof clusterAnswer>> {
    return this.json('/cluster', [], clusterAnswer);
  }

  async topics(): Promise<readonly Topic[]> {
    const { topics } = await this.json('/topics', [], topicsAnswer);
    return [...topics].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The first offset at or after a time in milliseconds; at an end of the log: 'earliest', 'latest'. -1 where there is none. */
  async offsets(
    topics: readonly string[],
    at: number | 'earliest' | 'latest',
  ): Promise<ReadonlyMap<string, Offsets>> {
    const found = new Map<string, Offsets>();
    for (let from = 0; from < topics.length; from += AT_ONCE) {
      const asked = topics.slice(from, from + AT_ONCE).map((topic): Pair => ['topic', topic]);
      const query: Pair[] = [...asked, ['at', String(at)]];
      const answer = await this.json('/offsets', query, offsetsAnswer);
      for (const { topic, partitions } of answer.topics) {
        const known = partitions.filter(({ error }) => error === undefined);
        found.set(topic, new Map(known.map((of) => [of.partition, of.offset])));
      }
    }
    return found;
  }

  /** Topics whose old values are taken out by key; empty where this sign-in may not see it. */
  async compacted(topics: readonly string[]): Promise<ReadonlySet<string>> {
    const query = topics.slice(0, AT_ONCE).map((topic): Pair => ['topic', topic]);
    try {
      const answer = await this.json('/policies', query, policiesAnswer);
      const compact = answer.topics.filter(({ policy }) => policy.includes('compact'));
      return new Set(compact.map(({ topic }) => topic));
    } catch (error) {
      const denied =
        isRefused(error) || (error instanceof FaultlineError && error.detail?.['status'] === 403);
      if (denied) return new Set();
      throw error;
    }
  }

  /** Records of a partition from an offset on, up to `until`. `waitMs`: how long to wait for the next where there is none yet. */
  async records(
    topic: string,
    partition: number,
    from: number,
    {
      maxBytes,
      until,
      waitMs = 0,
    }: { readonly maxBytes: number; readonly until?: number; readonly waitMs?: number },
  ): Promise<FetchedRecords> {
    const query: readonly Pair[] = [
      ['topic', topic],
      ['partition', String(partition)],
      ['offset', String(from)],
      ['max_bytes', String(maxBytes)],
      ['wait_ms', String(waitMs)],
    ];
    const { signal, retries } = this;
    const request = { method: 'GET', path: '/records', query } as const;
    const { body } = await send(this.env, request, { signal, retries });
    throwIfAborted(signal);
    return new FetchedRecords(body, from, until);
  }

  private async json<T>(path: string, query: readonly Pair[], schema: z.ZodType<T>): Promise<T> {
    const { signal, retries } = this;
    const request = { method: 'GET', path, query } as const;
    const answer = await sendJson(this.env, request, schema, { signal, retries });
    throwIfAborted(signal);
    return answer;
  }
}

type Pair = readonly [string, string];

/** True for what one topic or partition answers, while others may be read. */
export function isRefused(error: unknown): boolean {
  if (!(error instanceof FaultlineError)) return false;
  if (error.code === 'connector/refused' || error.code === 'connector/bad-answer') return true;
  return error.code === 'connector/auth' && error.detail?.['status'] === 403;
}
