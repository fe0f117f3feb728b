import { FaultlineError } from '../../core/base';
import { pathOf, pitAnswer, statusOf, type Client, type Json } from './api';
import type { Pace } from './pace';
import {
  ContextLost,
  KEEP_ALIVE,
  Paging,
  type Page,
  type Read,
  type ReaderOptions,
} from './paging';

/** Ways to page, best first: what one product or setting refuses another allows. */
type Way = 'shard-doc' | 'id' | 'scroll';

const EXPRESSION_QUERY: readonly (readonly [string, string])[] = [
  ['ignore_unavailable', 'true'],
  ['expand_wildcards', 'open,hidden'],
];

/** How an expression is to be understood; `frozen` as of a target. */
export function expressionQuery(frozen = false): readonly (readonly [string, string])[] {
  return frozen ? [...EXPRESSION_QUERY, ['ignore_throttled', 'false']] : EXPRESSION_QUERY;
}

/** A point in time, or why there is none. */
interface Context {
  id: string | undefined;
  readonly refused?: string;
}

/**
 * Pages through the documents of one item, several slices at once. They share one point in time; a slice is
 * complete or it throws. The order inside a slice is the server's own.
 */
export class Reader {
  private way: Way;
  private context: Promise<Context> | undefined;
  private readonly scrolls = new Set<string>();
  private readonly paging: Paging;

  constructor(
    private readonly client: Client,
    private readonly options: ReaderOptions,
    pace: Pace,
  ) {
    // OpenSearch 3.6 takes `_shard_doc` and loses documents between pages by it; earlier ones refuse it.
    this.way = options.product === 'elasticsearch' ? 'shard-doc' : 'id';
    this.paging = new Paging(client, options, pace);
  }

  /** The pages of one slice; where the server forgets the point in time in its middle, they begin 'again'. */
  async *read(query: Json): AsyncGenerator<Read> {
    for (let attempt = 1; ; attempt++) {
      try {
        yield* this.way === 'scroll' ? this.scroll(query) : this.search(query);
        return;
      } catch (error) {
        if (!(error instanceof ContextLost)) throw error;
        if (attempt === 3) throw forgotten(this.options.expression, error);
        yield { kind: 'again' };
      }
    }
  }

  /** Frees what the server holds for this reader. */
  async close(): Promise<void> {
    const context = await this.context?.catch(() => undefined);
    this.context = undefined;
    const elastic = this.options.product === 'elasticsearch';
    if (context?.id !== undefined) {
      const path = elastic ? '/_pit' : '/_search/point_in_time';
      const body = elastic ? { id: context.id } : { pit_id: [context.id] };
      await this.client.release({ method: 'DELETE', path, body });
    }
    if (this.scrolls.size === 0) return;
    const body = { scroll_id: [...this.scrolls] };
    this.scrolls.clear();
    await this.client.release({ method: 'DELETE', path: '/_search/scroll', body });
  }

  private async *search(query: Json): AsyncGenerator<Read> {
    const context = await (this.context ??= this.openContext());
    if (context.id === undefined) {
      if (this.way !== 'scroll') yield this.scrollFrom(context.refused ?? 'its answer names none');
      yield* this.scroll(query);
      return;
    }
    let after: readonly unknown[] | undefined;
    for (;;) {
      const way = this.way;
      if (way === 'scroll') return yield* this.scroll(query);
      const page = await this.page(query, context, way, after);
      if (page === undefined) {
        // The server refuses this order at the first page of all: try the next way.
        if (way === this.way) yield* this.nextWay(way);
        continue;
      }
      yield* page.reads;
      if (page.hits.length < page.asked) return;
      after = page.hits.at(-1)?.sort;
      if (after === undefined) return;
    }
  }

  private *nextWay(from: Way): Generator<Read> {
    if (from === 'shard-doc') this.way = 'id';
    else yield this.scrollFrom('neither _shard_doc nor _id can be sorted by');
  }

  /** One page; undefined where the order is refused. */
  private async page(
    query: Json,
    context: Context,
    way: Way,
    after: readonly unknown[] | undefined,
  ): Promise<Page | undefined> {
    const body = () => ({
      query,
      track_total_hits: false,
      pit: { id: context.id, keep_alive: KEEP_ALIVE },
      sort: way === 'shard-doc' ? ['_shard_doc'] : ['_id', '_index'],
      ...(after ? { search_after: after } : {}),
    });
    try {
      const page = await this.paging.page({ method: 'POST', path: '/_search' }, body);
      if (page.answer.pitId !== undefined) context.id = page.answer.pitId;
      return page;
    } catch (error) {
      if (statusOf(error) === 404) this.forget(context, error);
      if (statusOf(error) !== 400 || after !== undefined) throw error;
      return undefined;
    }
  }

  private forget(context: Context, cause: unknown): never {
    context.id = undefined;
    this.context = undefined;
    throw new ContextLost('', { cause });
  }

  private async openContext(): Promise<Context> {
    const { expression, product, red, frozen } = this.options;
    const base = `/${pathOf(expression)}`;
    const path = product === 'elasticsearch' ? `${base}/_pit` : `${base}/_search/point_in_time`;
    const query = [['keep_alive', KEEP_ALIVE] as const, ...expressionQuery(frozen)];
    try {
      const request = { method: 'POST', path, query } as const;
      const answer = await this.client.call(request, pitAnswer, red ? { giveUpOn: [503] } : {});
      return { id: answer.id ?? answer.pit_id };
    } catch (error) {
      // Not known, not allowed, or a shard is not there: scrolling may bring the others.
      if (![400, 403, 404, 405, 500, 503].includes(statusOf(error))) throw error;
      return { id: undefined, refused: `status ${statusOf(error)}` };
    }
  }

  private scrollFrom(reason: string): Read {
    this.way = 'scroll';
    return { kind: 'remark', code: 'pit-not-allowed', reason };
  }

  private async *scroll(query: Json): AsyncGenerator<Read> {
    const path = `/${pathOf(this.options.expression)}/_search`;
    const keep = [['scroll', KEEP_ALIVE] as const, ...expressionQuery(this.options.frozen)];
    const body = () => ({ query, sort: ['_doc'] });
    let page = await this.paging.page({ method: 'POST', path, query: keep }, body);
    const { asked } = page;
    let id = page.answer.scrollId;
    if (id !== undefined) this.scrolls.add(id);
    for (;;) {
      yield* page.reads;
      if (id === undefined || page.hits.length < asked) break;
      page = await this.scrollOn(id, asked);
      const next = page.answer.scrollId;
      if (next !== undefined && next !== id) {
        this.scrolls.delete(id);
        this.scrolls.add((id = next));
      }
    }
    if (id === undefined) return;
    this.scrolls.delete(id);
    const freed = { scroll_id: [id] };
    await this.client.release({ method: 'DELETE', path: '/_search/scroll', body: freed });
  }

  private async scrollOn(id: string, asked: number): Promise<Page> {
    try {
      return await this.paging.next(id, asked);
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      this.scrolls.delete(id);
      throw new ContextLost('', { cause: error });
    }
  }
}

export function forgotten(expression: string, cause?: unknown): FaultlineError {
  return new FaultlineError(
    'connector/refused',
    `The server forgot its point in time on ${expression} in the middle of a slice.`,
    { retryable: true, cause },
  );
}
