import { z } from 'zod';
import { FaultlineError, type TimeWindow } from '../../core/base';
import {
  RetryCount,
  TraceTally,
  decodedTraces,
  send,
  sendJson,
  type ConnectorEnv,
  type DecodeTraces,
  type FoundTrace,
  type Sentences,
  type StoredSpan,
  type TracePage,
  type TraceQuery,
  type TraceStore,
} from '../../core/connect';

const searchAnswer = z.object({
  traces: z
    .array(z.looseObject({ traceID: z.string() }))
    .nullish()
    .transform((list) => list ?? []),
});
const valuesAnswer = z.object({
  tagValues: z
    .array(z.union([z.string(), z.looseObject({ value: z.string() })]))
    .nullish()
    .transform((list) => (list ?? []).map((one) => (typeof one === 'string' ? one : one.value))),
});
const buildAnswer = z.looseObject({ version: z.string().optional() });
const partialAnswer = z.looseObject({
  status: z.string().optional(),
  message: z.string().optional(),
});

const SENTENCES: Sentences = {
  'traces-partial': ['warning', (n, why) => `Tempo handed out ${n} traces in part: ${why}`],
};

/** Spans of traces that were read, which the next slices find again. */
const REMEMBERED = 100_000;

interface Read {
  readonly spans: readonly StoredSpan[];
  readonly remarks: TraceTally;
}

/** Tempo's HTTP API: TraceQL search, which names traces, and traces by id (grafana.com/docs/tempo/latest/api_docs). */
export class TempoClient implements TraceStore {
  readonly name = 'Tempo';
  /** It is asked by seconds. */
  readonly resolution = 1_000_000_000n;
  readonly together = true;
  readonly findsErrors = true;
  readonly sentences = SENTENCES;
  readonly retries = new RetryCount();
  private readonly read = new Map<string, Read>();
  private remembered = 0;
  /** Version 2 of the trace endpoint, until it turns out not to be there. */
  private version2 = true;
  /** Most traces of one search, where Tempo has said so. */
  private most = Number.MAX_SAFE_INTEGER;

  constructor(
    private readonly env: ConnectorEnv,
    private readonly decode: DecodeTraces,
    private readonly options: { readonly query?: string; readonly tenant?: string },
  ) {}

  async services(signal: AbortSignal, windows: readonly TimeWindow[]): Promise<readonly string[]> {
    const found = new Set<string>();
    for (const query of windows.length === 0 ? [[]] : windows.map(rangeOf)) {
      for (const service of await this.values(query, signal)) found.add(service);
    }
    return [...found].sort();
  }

  /** Tempo finds traces that overlap the time: those with a span in it are among them. */
  foundBy(): Promise<'span'> {
    return Promise.resolve('span');
  }

  isOwn(service: string): boolean {
    return /^tempo(-|$)/.test(service);
  }

  /** Any of the traces that overlap the slice, in no order, up to the limit. */
  async traces(asked: TraceQuery, signal: AbortSignal): Promise<TracePage> {
    const limit = Math.min(asked.limit, this.most);
    const query: [string, string][] = [
      ['q', this.traceQl(asked)],
      ['limit', String(limit)],
      // Spans that the search itself would show.
      ['spss', '1'],
      ...rangeOf(asked.slice),
    ];
    const request = { method: 'GET', path: '/api/search', query, headers: this.headers } as const;
    try {
      const { traces } = await sendJson(this.env, request, searchAnswer, this.sending(signal));
      const found = traces.map(({ traceID }) => this.found(traceID, signal));
      return { traces: found, failures: [], full: traces.length >= limit };
    } catch (error) {
      if (!this.lowered(error, limit)) throw error;
      return this.traces(asked, signal);
    }
  }

  async trace(id: string, signal: AbortSignal): Promise<FoundTrace | undefined> {
    let body: Uint8Array;
    try {
      body = await this.bodyOf(id, signal);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    return {
      id,
      read: (tally) => {
        const read = this.decoded(id, body, tally);
        if (read) tally.join(read.remarks);
        return Promise.resolve(read?.spans);
      },
    };
  }

  /** '' where it does not say. */
  async version(signal: AbortSignal): Promise<string> {
    const path = '/api/status/buildinfo';
    const request = { method: 'GET', path, headers: this.headers } as const;
    const sending = { ...this.sending(signal), accept: [404] };
    const { status, body } = await send(this.env, request, sending);
    if (status !== 200) return '';
    try {
      return buildAnswer.parse(JSON.parse(new TextDecoder().decode(body))).version ?? '';
    } catch {
      return '';
    }
  }

  private async values(
    query: readonly (readonly [string, string])[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const ask = (path: string) => {
      const request = { method: 'GET', path, query, headers: this.headers } as const;
      return sendJson(this.env, request, valuesAnswer, this.sending(signal));
    };
    try {
      return (await ask('/api/v2/search/tag/resource.service.name/values')).tagValues;
    } catch (error) {
      if (!isMissing(error)) throw error;
      return (await ask('/api/search/tag/service.name/values')).tagValues;
    }
  }

  private traceQl({ services, errorsOnly }: TraceQuery): string {
    const parts = [this.options.query ?? '{ }'];
    if (services) {
      const any = services.map((name) => `resource.service.name = ${JSON.stringify(name)}`);
      parts.push(`{ ${any.join(' || ')} }`);
    }
    if (errorsOnly) parts.push('{ status = error }');
    return parts.length === 1 ? (parts[0] ?? '') : parts.map((part) => `(${part})`).join(' && ');
  }

  private found(given: string, signal: AbortSignal): FoundTrace {
    const id = given.toLowerCase().padStart(32, '0');
    return {
      id,
      read: async (tally) => {
        const known = this.read.get(id) ?? (await this.fetch(id, tally, signal));
        if (!known) return undefined;
        tally.join(known.remarks);
        return known.spans;
      },
    };
  }

  /** Undefined, and said, where the trace can't be had. */
  private async fetch(
    id: string,
    tally: TraceTally,
    signal: AbortSignal,
  ): Promise<Read | undefined> {
    let body: Uint8Array;
    try {
      body = await this.bodyOf(id, signal);
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error;
      if (error.code !== 'connector/refused' && error.code !== 'connector/limit') throw error;
      tally.add('traces-failed', `${id}: ${error.message}`);
      return undefined;
    }
    const read = this.decoded(id, body, tally);
    if (!read) return undefined;
    if (this.remembered > REMEMBERED) {
      this.read.clear();
      this.remembered = 0;
    }
    this.read.set(id, read);
    this.remembered += read.spans.length;
    return read;
  }

  /** Undefined, and said, where it is no trace that can be read. */
  private decoded(id: string, body: Uint8Array, tally: TraceTally): Read | undefined {
    const remarks = new TraceTally();
    let spans: readonly StoredSpan[] = [];
    try {
      spans = [...decodedTraces(this.decode('traces', 'json', body), remarks).values()].flat();
    } catch (error) {
      if (!(error instanceof FaultlineError) || error.code !== 'format/damaged') throw error;
      tally.add('traces-damaged', `${id}: ${error.message}`);
      return undefined;
    }
    const part = partOf(body);
    if (part !== undefined) remarks.add('traces-partial', part);
    return { spans, remarks };
  }

  private async bodyOf(id: string, signal: AbortSignal): Promise<Uint8Array> {
    const headers = { ...this.headers, accept: 'application/json' };
    const ask = async (path: string): Promise<Uint8Array> => {
      const request = { method: 'GET', path, headers } as const;
      return (await send(this.env, request, this.sending(signal))).body;
    };
    if (!this.version2) return ask(`/api/traces/${id}`);
    try {
      return await ask(`/api/v2/traces/${id}`);
    } catch (error) {
      if (!isMissing(error)) throw error;
      const body = await ask(`/api/traces/${id}`);
      this.version2 = false;
      return body;
    }
  }

  /** Whether Tempo refused the limit and has said its own, which is lower. */
  private lowered(error: unknown, limit: number): boolean {
    if (!(error instanceof FaultlineError) || error.code !== 'connector/refused') return false;
    const most = /limit[^.]*exceeds?[^.]*?(\d+)\D*$/i.exec(bodyOf(error))?.[1];
    if (most === undefined || Number(most) < 1 || Number(most) >= limit) return false;
    this.most = Number(most);
    return true;
  }

  private get headers(): Readonly<Record<string, string>> {
    const { tenant } = this.options;
    return tenant === undefined ? {} : { 'x-scope-orgid': tenant };
  }

  private sending(signal: AbortSignal): { signal: AbortSignal; retries: RetryCount } {
    return { signal, retries: this.retries };
  }
}

function rangeOf({ from, to }: TimeWindow): [string, string][] {
  const start = from / 1_000_000_000n;
  const end = (to + 999_999_999n) / 1_000_000_000n;
  return [
    ['start', String(start)],
    ['end', String(end > start ? end : start + 1n)],
  ];
}

/** Why a trace of version 2 is not whole; undefined where it is. */
function partOf(body: Uint8Array): string | undefined {
  const end = new TextDecoder().decode(body.subarray(Math.max(0, body.length - 2000)));
  const start = new TextDecoder().decode(body.subarray(0, 2000));
  if (!/"status"\s*:\s*"PARTIAL"/.test(start + end)) return undefined;
  const said = partialAnswer.safeParse(JSON.parse(new TextDecoder().decode(body)));
  return said.data?.status === 'PARTIAL' ? (said.data.message ?? 'no reason given') : undefined;
}

const isMissing = (error: unknown): boolean =>
  error instanceof FaultlineError &&
  error.code === 'connector/refused' &&
  error.detail?.['status'] === 404;

function bodyOf({ detail }: FaultlineError): string {
  const body = detail?.['body'];
  return typeof body === 'string' ? body : '';
}
