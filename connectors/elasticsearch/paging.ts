import { FaultlineError } from '../../core/base';
import type { UpstreamResponse } from '../../core/connect';
import {
  searchAnswer,
  statusOf,
  type CallRequest,
  type Client,
  type Hit,
  type Json,
  type SearchAnswer,
} from './api';
import type { Pace } from './pace';

export const KEEP_ALIVE = '5m';

export interface ReaderOptions {
  readonly expression: string;
  /** 'elasticsearch' opens points in time under another path than 'opensearch'. */
  readonly product: 'elasticsearch' | 'opensearch';
  /** What a search asks for beside its query: fields that the documents' source does not give. */
  readonly wanted: Json;
  /** Some of its shards are known to be down: their 503 is an answer, not a reason to wait. */
  readonly red: boolean;
  /** As of a target. */
  readonly frozen?: boolean;
}

/** The point in time is gone: what was read of this slice is read again with a new one. */
export class ContextLost extends Error {}

/** What a slice gives while it is read. */
export type Read =
  | { readonly kind: 'page'; readonly hits: readonly Hit[]; readonly bytes: number }
  /** Everything so far of this slice comes once more. */
  | { readonly kind: 'again' }
  | { readonly kind: 'remark'; readonly code: string; readonly reason: string };

export interface Page {
  readonly asked: number;
  readonly hits: readonly Hit[];
  readonly answer: SearchAnswer;
  readonly reads: readonly Read[];
}

const LOST = 'search_context_missing_exception';
/** Why a shard may answer the next time, if it is asked for less. */
const BUSY_SHARD = /circuit_breaking|rejected_execution|timeout/;
/** How often a page that lacks such shards is asked for again. */
const ATTEMPTS = 8;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

/** Single pages, as large as the pace says and the server can give. */
export class Paging {
  constructor(
    private readonly client: Client,
    private readonly options: ReaderOptions,
    private readonly pace: Pace,
  ) {}

  /** One page of a search; `body` gives what differs from page to page. */
  async page(request: CallRequest, body: () => Json): Promise<Page> {
    for (let attempt = 1; ;) {
      const page = await this.pace.inTurn(() => this.attempt(request, body));
      if (page === 'too large') continue;
      if (attempt === ATTEMPTS || !lacksBusyShards(page.answer)) return page;
      this.pace.refused(page.asked);
      await this.client.pause(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt++));
    }
  }

  /** The next page of a scroll, which has the size of its first. */
  async next(id: string, asked: number): Promise<Page> {
    const body = { scroll: KEEP_ALIVE, scroll_id: id };
    const request = { method: 'POST', path: '/_search/scroll', body } as const;
    const got = await this.pace.inTurn(() => this.client.measured(request, searchAnswer));
    return this.pageOf(asked, got.answer, got.bytes);
  }

  private async attempt(request: CallRequest, body: () => Json): Promise<Page | 'too large'> {
    let asked = this.pace.size;
    const build = (): CallRequest => ({
      ...request,
      body: { size: asked, ...this.options.wanted, ...body() },
    });
    const onBusy = (response: UpstreamResponse): CallRequest => {
      if (wantsLess(response)) this.pace.refused(asked);
      asked = this.pace.size;
      return build();
    };
    const giveUpOn = this.options.red ? [503] : [];
    try {
      const got = await this.client.measured(build(), searchAnswer, { giveUpOn, onBusy });
      const documents = got.answer.hits.length;
      this.pace.answered({ asked, documents, bytes: got.bytes, ms: got.ms });
      return this.pageOf(asked, got.answer, got.bytes);
    } catch (error) {
      if (this.smaller(error, asked)) return 'too large';
      throw error;
    }
  }

  /** Whether a page of fewer documents may succeed where this one did not. */
  private smaller(error: unknown, asked: number): boolean {
    if (!(error instanceof FaultlineError)) return false;
    if (error.code === 'connector/limit' || statusOf(error) === 413) {
      return this.pace.tooLarge(asked);
    }
    if (statusOf(error) !== 400) return false;
    // index.max_result_window, in a search and in a scroll.
    const said = /(?:window|batch size) is too large.{0,90}?equal to: \[(\d+)\]/i.exec(
      error.message,
    );
    const most = Number(said?.[1] ?? asked);
    if (most >= asked) return false;
    this.pace.capped(most);
    return true;
  }

  private pageOf(asked: number, answer: SearchAnswer, bytes: number): Page {
    const { hits, shards, timedOut } = answer;
    const reads: Read[] = [];
    const failures = shards?.failures ?? [];
    if (failures.some(({ reason }) => reason?.type === LOST)) throw new ContextLost();
    if (shards && shards.failed > 0) {
      const { index, reason } = failures[0] ?? {};
      const why = reason?.reason ?? reason?.type ?? 'no reason given';
      const at = `${index ?? this.options.expression}: ${why}`;
      reads.push({ kind: 'remark', code: 'shards-failed', reason: at });
    }
    if (timedOut) reads.push({ kind: 'remark', code: 'search-timed-out', reason: '' });
    if (hits.length > 0) reads.push({ kind: 'page', hits, bytes });
    return { asked, hits, answer, reads };
  }
}

/** Too many requests, a gateway that gave up, or a circuit breaker, which some versions answer with 503. */
function wantsLess({ status, body }: UpstreamResponse): boolean {
  if (status !== 503) return true;
  return new TextDecoder().decode(body.subarray(0, 2000)).includes('circuit_breaking');
}

/** Whether shards are missing that may answer the next time. */
export function lacksBusyShards({ shards, timedOut }: SearchAnswer): boolean {
  const types = (shards?.failures ?? []).map(({ reason }) => reason?.type ?? '');
  return timedOut || types.some((type) => BUSY_SHARD.test(type));
}
