import { FaultlineError } from '../../core/base';
import {
  pathOf,
  pitAnswer,
  searchAnswer,
  statusOf,
  type CallOptions,
  type Client,
  type Hit,
  type Json,
  type SearchAnswer,
} from './api';
import type { Tally } from './tally';

const KEEP_ALIVE = '5m';
const FIRST_PAGE = 500;
const SMALLEST_PAGE = 10;
const LARGEST_PAGE = 10_000;
/** A page is sized to about this many bytes of JSON. */
const PAGE_BYTES = 8 << 20;

/** Ways to page, best first: what one product or setting refuses another allows. */
type Way = 'shard-doc' | 'id' | 'scroll';

export const EXPRESSION_QUERY: readonly (readonly [string, string])[] = [
  ['ignore_unavailable', 'true'],
  ['expand_wildcards', 'open,hidden'],
];

export interface ReaderOptions {
  readonly expression: string;
  /** 'elasticsearch' opens points in time under another path than 'opensearch'. */
  readonly product: 'elasticsearch' | 'opensearch';
  readonly docvalues: readonly Json[];
  /** Some of its shards are known to be down: their 503 is an answer, not a reason to wait. */
  readonly red: boolean;
}

const LOST = 'search_context_missing_exception';

/** The point in time is gone: what was read of this slice is read again with a new one. */
class ContextLost extends Error {}

/**
 * Pages through the documents of one item. Between slices it keeps one point in time; a slice is complete
 * or it throws. The order inside a slice is the server's own.
 */
export class Reader {
  private way: Way = 'shard-doc';
  private pit: string | undefined;
  private size = FIRST_PAGE;
  /** About how much JSON the last page was. */
  pageBytes = 0;

  constructor(
    private readonly client: Client,
    private readonly options: ReaderOptions,
    private readonly tally: Tally,
  ) {}

  /**
   * Pages of one slice. Where the server forgets the point in time in its middle, `restart` is called and
   * the pages begin anew; where `restart` says that it can't take that, the pull ends, resumable.
   */
  async *pages(query: Json, restart: () => boolean): AsyncGenerator<readonly Hit[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        yield* this.way === 'scroll' ? this.scroll(query) : this.search(query);
        return;
      } catch (error) {
        if (!(error instanceof ContextLost)) throw error;
        this.pit = undefined;
        if (attempt === 3 || !restart()) {
          throw new FaultlineError(
            'connector/refused',
            `The server forgot its point in time on ${this.options.expression} in the middle of a slice.`,
            { retryable: true, cause: error },
          );
        }
      }
    }
  }

  async close(): Promise<void> {
    const { pit } = this;
    this.pit = undefined;
    if (pit === undefined) return;
    const elastic = this.options.product === 'elasticsearch';
    const path = elastic ? '/_pit' : '/_search/point_in_time';
    const body = elastic ? { id: pit } : { pit_id: [pit] };
    await this.client.release({ method: 'DELETE', path, body });
  }

  private async *search(query: Json): AsyncGenerator<readonly Hit[]> {
    if (!(await this.openPit())) {
      yield* this.scroll(query);
      return;
    }
    let after: readonly unknown[] | undefined;
    for (;;) {
      const answer = await this.page(query, after);
      if (answer === undefined) {
        // The server refuses this order at the first page of all: try the next way.
        if (this.way === 'scroll') {
          yield* this.scroll(query);
          return;
        }
        continue;
      }
      const { hits } = answer;
      if (hits.length > 0) yield hits;
      if (hits.length < answer.asked) return;
      after = hits.at(-1)?.sort;
      if (after === undefined) return;
    }
  }

  /** One page; undefined where the way was refused and another was chosen. */
  private async page(
    query: Json,
    after: readonly unknown[] | undefined,
  ): Promise<(SearchAnswer & { asked: number }) | undefined> {
    const asked = this.size;
    const body = {
      ...this.searchBody(query, asked),
      track_total_hits: false,
      pit: { id: this.pit, keep_alive: KEEP_ALIVE },
      sort: this.way === 'shard-doc' ? ['_shard_doc'] : ['_id', '_index'],
      ...(after ? { search_after: after } : {}),
    };
    try {
      const request = { method: 'POST', path: '/_search', body } as const;
      const answer = await this.client.call(request, searchAnswer, this.patience);
      if (answer.pitId !== undefined) this.pit = answer.pitId;
      this.look(answer, asked);
      return { ...answer, asked };
    } catch (error) {
      if (statusOf(error) === 404) throw new ContextLost();
      if (this.tooLarge(error)) return this.page(query, after);
      if (statusOf(error) !== 400 || after !== undefined) throw error;
      if (this.way === 'shard-doc') this.way = 'id';
      else {
        await this.close();
        this.scrollFrom('neither _shard_doc nor _id can be sorted by');
      }
      return undefined;
    }
  }

  /** True where a point in time is open. */
  private async openPit(): Promise<boolean> {
    if (this.pit !== undefined) return true;
    const { expression, product } = this.options;
    const base = `/${pathOf(expression)}`;
    const path = product === 'elasticsearch' ? `${base}/_pit` : `${base}/_search/point_in_time`;
    const query = [['keep_alive', KEEP_ALIVE] as const, ...EXPRESSION_QUERY];
    try {
      const answer = await this.client.call(
        { method: 'POST', path, query },
        pitAnswer,
        this.patience,
      );
      this.pit = answer.id ?? answer.pit_id;
    } catch (error) {
      // Not known, not allowed, or a shard is not there: scrolling may bring the others.
      if (![400, 403, 404, 405, 500, 503].includes(statusOf(error))) throw error;
      this.scrollFrom(`status ${statusOf(error)}`);
      return false;
    }
    if (this.pit === undefined) this.scrollFrom('its answer names none');
    return this.pit !== undefined;
  }

  private scrollFrom(reason: string): void {
    this.way = 'scroll';
    this.tally.add('pit-not-allowed', reason);
  }

  private async *scroll(query: Json): AsyncGenerator<readonly Hit[]> {
    const path = `/${pathOf(this.options.expression)}/_search`;
    const asked = this.size;
    const body = { ...this.searchBody(query, asked), sort: ['_doc'] };
    const keep = [['scroll', KEEP_ALIVE] as const, ...EXPRESSION_QUERY];
    const first = { method: 'POST', path, query: keep, body } as const;
    let answer = await this.client.call(first, searchAnswer, this.patience);
    let id = answer.scrollId;
    try {
      for (;;) {
        this.look(answer, asked);
        const { hits } = answer;
        if (hits.length === 0) return;
        yield hits;
        if (id === undefined || hits.length < asked) return;
        answer = await this.scrollOn(id);
        id = answer.scrollId ?? id;
      }
    } finally {
      if (id !== undefined) {
        const freed = { scroll_id: [id] };
        await this.client.release({ method: 'DELETE', path: '/_search/scroll', body: freed });
      }
    }
  }

  private async scrollOn(id: string): Promise<SearchAnswer> {
    const body = { scroll: KEEP_ALIVE, scroll_id: id };
    try {
      const request = { method: 'POST', path: '/_search/scroll', body } as const;
      return await this.client.call(request, searchAnswer);
    } catch (error) {
      if (statusOf(error) === 404) throw new ContextLost();
      throw error;
    }
  }

  private get patience(): CallOptions {
    return this.options.red ? { giveUpOn: [503] } : {};
  }

  private searchBody(query: Json, size: number): Json {
    const docvalues = this.options.docvalues;
    return {
      size,
      query,
      ...(docvalues.length > 0 ? { docvalue_fields: docvalues } : {}),
    };
  }

  /** Sizes the next page by the bytes of this one, and counts what did not answer. */
  private look(answer: SearchAnswer, asked: number): void {
    const { hits } = answer;
    const mean = hits.length > 0 ? Math.max(64, sizeOf(hits)) : 0;
    this.pageBytes = mean * hits.length;
    if (hits.length > 0 && hits.length === asked) {
      const wanted = Math.floor(PAGE_BYTES / mean);
      this.size = Math.min(LARGEST_PAGE, asked * 4, Math.max(SMALLEST_PAGE, wanted));
    }
    const { shards } = answer;
    if (shards && shards.failed > 0) {
      const failures = shards.failures ?? [];
      if (failures.some(({ reason }) => reason?.type === LOST)) throw new ContextLost();
      const { index, reason } = failures[0] ?? {};
      const why = reason?.reason ?? reason?.type ?? 'no reason given';
      this.tally.add('shards-failed', `${index ?? this.options.expression}: ${why}`);
    }
    if (answer.timedOut) this.tally.add('search-timed-out');
  }

  /** An answer over the limit of bytes is asked for again in smaller pages. */
  private tooLarge(error: unknown): boolean {
    const limit = error instanceof FaultlineError && error.code === 'connector/limit';
    if (!limit || this.size <= 1) return false;
    this.size = Math.max(1, this.size >> 2);
    return true;
  }
}

/** The mean length of a few documents as JSON. */
function sizeOf(hits: readonly Hit[]): number {
  const step = Math.max(1, Math.floor(hits.length / 10));
  let bytes = 0;
  let n = 0;
  for (let i = 0; i < hits.length; i += step, n++) {
    bytes += JSON.stringify(hits[i]?.source ?? {}).length;
  }
  return bytes / n;
}
