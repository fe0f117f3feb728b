import { z } from 'zod';
import { eitherSignal, FaultlineError, NS_PER_MS } from '../../core/base';
import {
  isJsonObject,
  parseExact,
  send,
  type ConnectorEnv,
  type JsonObject,
  type RetryCount,
  type Upstream,
  type UpstreamRequest,
  type UpstreamResponse,
} from '../../core/connect';

export type Json = Readonly<Record<string, unknown>>;

const object = z.custom<JsonObject>(isJsonObject, 'is no object');
const total = z
  .union([z.number(), z.object({ value: z.number() }).transform(({ value }) => value)])
  .optional();

const hit = z
  .object({
    _index: z.string(),
    _id: z.string().default(''),
    _source: object.optional(),
    fields: z.record(z.string(), z.array(z.unknown())).optional(),
    sort: z.array(z.unknown()).optional(),
  })
  .transform(({ _index: index, _id: id, _source: source, fields, sort }) => ({
    index,
    id,
    source: source ?? {},
    /** The index keeps no source of it. */
    ...(source === undefined ? { bare: true } : {}),
    fields,
    sort,
  }));
/** One document as a search gives it. */
export type Hit = z.output<typeof hit>;

const failure = z.object({
  index: z.string().nullish(),
  reason: z.object({ reason: z.string().nullish(), type: z.string().nullish() }).nullish(),
});

const clusters = z
  .object({
    total: z.number(),
    skipped: z.number().default(0),
    partial: z.number().default(0),
    failed: z.number().default(0),
    details: z.record(z.string(), z.object({ status: z.string() })).default({}),
  })
  .transform(({ total, skipped, partial, failed, details }) => ({
    total,
    missing: skipped + partial + failed,
    /** Only newer servers name them. */
    names: Object.entries(details)
      .filter(([, { status }]) => !['successful', 'running'].includes(status))
      .map(([name]) => name || 'the local one'),
  }));

export const searchAnswer = z
  .object({
    _scroll_id: z.string().optional(),
    pit_id: z.string().optional(),
    timed_out: z.boolean().default(false),
    _shards: z
      .object({ total: z.number(), failed: z.number(), failures: z.array(failure).optional() })
      .optional(),
    _clusters: clusters.optional(),
    hits: z.object({ total, hits: z.array(hit) }),
    aggregations: z.record(z.string(), object).optional(),
  })
  .transform(
    ({ _scroll_id: scrollId, pit_id: pitId, _shards: shards, _clusters: of, hits, ...rest }) => ({
      scrollId,
      pitId,
      shards,
      clusters: of,
      timedOut: rest.timed_out,
      total: hits.total ?? null,
      hits: hits.hits,
      aggregations: rest.aggregations,
    }),
  );
export type SearchAnswer = z.output<typeof searchAnswer>;

export const pitAnswer = z.object({ id: z.string().optional(), pit_id: z.string().optional() });

export const countAnswer = z.object({ count: z.number() });

export const fieldCapsAnswer = z.object({
  fields: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        type: z.string(),
        searchable: z.boolean().default(true),
        aggregatable: z.boolean().default(true),
        metadata_field: z.boolean().optional(),
        time_series_metric: z.string().optional(),
      }),
    ),
  ),
});
export type FieldCaps = z.output<typeof fieldCapsAnswer>['fields'];

/** One alone may stand without its list. */
const names = z.union([z.array(z.string()), z.string().transform((one) => [one])]).default([]);

export const resolveAnswer = z.object({
  indices: z
    .array(
      z.object({
        name: z.string(),
        attributes: z.array(z.string()).default([]),
        data_stream: z.string().optional(),
      }),
    )
    .default([]),
  aliases: z.array(z.object({ name: z.string(), indices: names })).default([]),
  data_streams: z.array(z.object({ name: z.string(), backing_indices: names })).default([]),
});

const said = z.string().optional();
export const settingsAnswer = z.record(
  z.string(),
  z.object({
    settings: z.object({
      index: z.object({
        frozen: said,
        mode: said,
        mapping: z.object({ source: z.object({ mode: said }).optional() }).optional(),
        store: z.object({ snapshot: z.object({ partial: said }).optional() }).optional(),
      }),
    }),
  }),
);

const patterns = z.array(z.string()).optional();
const anything = z.record(z.string(), z.unknown()).optional();
export const sourcesAnswer = z.record(
  z.string(),
  z.object({
    mappings: z
      .object({
        _source: z
          .object({ enabled: z.boolean().optional(), includes: patterns, excludes: patterns })
          .optional(),
        runtime: anything,
        derived: anything,
      })
      .transform(({ _source: source = {}, ...rest }) => ({ source, ...rest })),
  }),
);

export const catAnswer = z.array(
  z.object({
    index: z.string(),
    health: z.string().nullish(),
    status: z.string().nullish(),
    'docs.count': z.string().nullish(),
  }),
);

export const healthAnswer = z.object({
  cluster_name: z.string(),
  status: z.string(),
  number_of_nodes: z.number(),
});

export const rootAnswer = z.object({
  version: z.object({ number: z.string(), distribution: z.string().optional() }),
});

export const nodesAnswer = z.object({
  nodes: z.record(z.string(), z.object({ version: z.string() })),
});

export interface CallOptions {
  /** Answers other than 2xx that are worth no repeat: they become 'connector/refused' at once. */
  readonly giveUpOn?: readonly number[];
  /** What to ask instead after an answer that the server is too busy. */
  readonly onBusy?: (response: UpstreamResponse) => CallRequest;
}

export type CallRequest = Omit<UpstreamRequest, 'body' | 'headers'> & { readonly body?: Json };

interface Measured<T> {
  readonly answer: T;
  /** Of the body, decompressed. */
  readonly bytes: number;
  readonly ms: number;
}

/** What every call of one probe, listing or pull shares. */
export class Client {
  constructor(
    private readonly env: ConnectorEnv,
    readonly signal: AbortSignal,
    readonly retries: RetryCount,
    /** What was found out about the server, by name: found out once for all clients of one work. */
    readonly found = new Map<string, Promise<string | undefined>>(),
  ) {}

  get aborted(): boolean {
    return this.signal.aborted;
  }

  async call<T>(request: CallRequest, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> {
    return (await this.measured(request, schema, options)).answer;
  }

  async measured<T>(
    request: CallRequest,
    schema: z.ZodType<T>,
    { giveUpOn, onBusy }: CallOptions = {},
  ): Promise<Measured<T>> {
    const started = this.env.now();
    const response = await this.raw(request, giveUpOn, onBusy);
    if (response.status >= 300) throw refusalOf(request.path, response);
    const ms = Number((this.env.now() - started) / NS_PER_MS);
    return { answer: parsed(response, schema, request.path), bytes: response.body.length, ms };
  }

  raw(
    request: CallRequest,
    accept: readonly number[] = [],
    onBusy?: CallOptions['onBusy'],
  ): Promise<UpstreamResponse> {
    const { signal, retries, env } = this;
    const upstream = onBusy ? askingLess(env.upstream, onBusy) : env.upstream;
    const own = { upstream, now: () => env.now(), sleep: env.sleep.bind(env) };
    return send(own, withBody(request), { signal, retries, accept });
  }

  /** Waits before something is asked for once more, and counts it. */
  async pause(ms: number): Promise<void> {
    this.retries.add(ms);
    await this.env.sleep(ms, this.signal);
  }

  /** The same, ended by a second signal too. */
  until(signal: AbortSignal): Client {
    return new Client(this.env, eitherSignal(this.signal, signal), this.retries, this.found);
  }

  /** Frees something on the server; nobody waits for it after an abort, and nothing fails by it. */
  async release(request: CallRequest): Promise<void> {
    const freed = this.env.upstream.send(withBody(request)).then(
      () => undefined,
      () => undefined,
    );
    if (!this.signal.aborted) await freed;
  }
}

/** After an answer that the server is too busy, the repeat is another request. */
function askingLess(
  upstream: Upstream,
  onBusy: (response: UpstreamResponse) => CallRequest,
): Upstream {
  let next: UpstreamRequest | undefined;
  return {
    send: async (request, signal) => {
      const response = await upstream.send(next ?? request, signal);
      if (BUSY.has(response.status)) next = withBody(onBusy(response));
      return response;
    },
  };
}

const BUSY = new Set([429, 502, 503, 504]);

function withBody({ body, ...rest }: CallRequest): UpstreamRequest {
  if (body === undefined) return rest;
  const headers = { 'content-type': 'application/json' };
  return { ...rest, headers, body: JSON.stringify(body) };
}

function parsed<T>(response: UpstreamResponse, schema: z.ZodType<T>, path: string): T {
  let value: unknown;
  try {
    value = parseExact(new TextDecoder().decode(response.body));
  } catch (cause) {
    throw new FaultlineError(
      'connector/bad-answer',
      `${path} did not answer with JSON. Is this the address of Elasticsearch or OpenSearch?`,
      { detail: { status: response.status }, cause },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new FaultlineError(
    'connector/bad-answer',
    `${path} answered in a form that is not known (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}).`,
    { detail: { status: response.status } },
  );
}

function refusalOf(path: string, { status, body }: UpstreamResponse): FaultlineError {
  const text = new TextDecoder().decode(body.subarray(0, 2000)).replace(/\s+/g, ' ');
  const excerpt = text.length > 300 ? `${text.slice(0, 299)}…` : text;
  return new FaultlineError(
    'connector/refused',
    `The backend refused ${path} (${status}): ${excerpt}`,
    { detail: { status, path, body: excerpt } },
  );
}

/** The HTTP status that an error of `send` carries; 0 where there was no answer. */
export function statusOf(error: unknown): number {
  if (!(error instanceof FaultlineError)) return 0;
  const status = error.detail?.['status'];
  return typeof status === 'number' ? status : 0;
}

/** Trouble with one index that the others don't share. */
export function isPartial(error: unknown): boolean {
  if (!(error instanceof FaultlineError)) return false;
  if (error.code === 'connector/auth') return statusOf(error) === 403;
  return (
    error.code === 'connector/refused' ||
    error.code === 'connector/bad-answer' ||
    error.code === 'connector/limit'
  );
}

/** An index expression as a piece of a path: commas, stars and dashes stay. */
export function pathOf(expression: string): string {
  return expression.split(',').map(encodeURIComponent).join(',').replaceAll('%2A', '*');
}
