import { z } from 'zod';
import { FaultlineError, type TimeWindow } from '../../core/base';
import { RetryCount, send, sendJson, type ConnectorEnv } from '../../core/connect';
import { rangeOf } from './logql';

const stringsAnswer = z.object({
  data: z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []),
});

const seriesAnswer = z.object({
  data: z
    .array(z.record(z.string(), z.string()))
    .nullish()
    .transform((list) => list ?? []),
});

const statsAnswer = z.object({
  streams: z.number(),
  chunks: z.number(),
  entries: z.number(),
  bytes: z.number(),
});
export type Stats = z.output<typeof statsAnswer>;

const vectorAnswer = z.object({
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

const matrixAnswer = z.object({
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
});

/** A number of lines with the labels by which they were counted. */
export interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
}

const streamsAnswer = z.object({
  data: z.object({
    resultType: z.literal('streams'),
    result: z.array(
      z.object({ stream: z.record(z.string(), z.string()), values: z.array(z.array(z.unknown())) }),
    ),
  }),
});
export type Stream = z.output<typeof streamsAnswer>['data']['result'][number];

const buildAnswer = z.looseObject({ version: z.string().optional() });

type Query = [string, string][];

/** Keeps labels of the stream, structured metadata and what a parser of the query found apart (Loki 3). */
const CATEGORIZE = { 'x-loki-response-encoding-flags': 'categorize-labels' };

/** Loki's HTTP API (grafana.com/docs/loki/latest/reference/loki-http-api). All times are nanoseconds. */
export class LokiClient {
  readonly retries = new RetryCount();

  constructor(
    private readonly env: ConnectorEnv,
    private readonly tenant: string | undefined,
  ) {}

  async version(signal: AbortSignal): Promise<string> {
    const path = '/loki/api/v1/status/buildinfo';
    const request = { method: 'GET', path, headers: this.headers() } as const;
    const accept = [404, 405];
    const { status, body } = await this.told(
      send(this.env, request, { ...this.options(signal), accept }),
    );
    if (status !== 200) return '';
    try {
      return buildAnswer.parse(JSON.parse(new TextDecoder().decode(body))).version ?? '';
    } catch {
      return '';
    }
  }

  async labels({ from, to }: TimeWindow, signal: AbortSignal): Promise<readonly string[]> {
    const query: Query = [
      ['start', String(from)],
      ['end', String(to)],
    ];
    return (await this.get('/loki/api/v1/labels', query, stringsAnswer, signal)).data;
  }

  /** Labels of the streams that match a selector and have lines in the time; Loki may take a longer time. */
  async series(selector: string, { from, to }: TimeWindow, signal: AbortSignal) {
    const query: Query = [
      ['match[]', selector],
      ['start', String(from)],
      ['end', String(to)],
    ];
    return (await this.get('/loki/api/v1/series', query, seriesAnswer, signal)).data;
  }

  /** What the index says, without lines that are in the ingesters alone; undefined where it can't be asked. */
  async stats(
    selector: string,
    { from, to }: TimeWindow,
    signal: AbortSignal,
  ): Promise<Stats | undefined> {
    const query: Query = [
      ['query', selector],
      ['start', String(from)],
      ['end', String(to)],
    ];
    return this.orNothing(this.get('/loki/api/v1/index/stats', query, statsAnswer, signal));
  }

  /** Bytes by the value of a label; undefined where volumes are not switched on. */
  async volume(
    selector: string,
    label: string,
    { from, to }: TimeWindow,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number> | undefined> {
    const query: Query = [
      ['query', selector],
      ['start', String(from)],
      ['end', String(to)],
      ['limit', '1000'],
      ['targetLabels', label],
    ];
    const path = '/loki/api/v1/index/volume';
    const answer = await this.orNothing(this.get(path, query, vectorAnswer, signal));
    return (
      answer &&
      new Map(
        answer.data.result.map(({ metric, value }) => [metric[label] ?? '', Number(value[1])]),
      )
    );
  }

  /** Lines of a log query in the time, by the value of a label where one is given. Loki reads them to count them. */
  async count(
    query: string,
    { from, to }: TimeWindow,
    signal: AbortSignal,
    by?: string,
  ): Promise<ReadonlyMap<string, number>> {
    const counted = await this.countBy(query, { from, to }, by === undefined ? [] : [by], signal);
    return new Map(counted.map(({ labels, count }) => [labels[by ?? ''] ?? '', count]));
  }

  /** The same by several labels. */
  async countBy(
    query: string,
    { from, to }: TimeWindow,
    by: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly Labelled[]> {
    const grouped = by.length === 0 ? 'sum' : `sum by (${by.join(', ')})`;
    const expression = `${grouped} (count_over_time(${query} [${rangeOf(to - from)}]))`;
    // A range is open at its start and closed at its end.
    const asked: Query = [
      ['query', expression],
      ['time', String(to - 1n)],
    ];
    const { data } = await this.get('/loki/api/v1/query', asked, vectorAnswer, signal);
    return data.result.map(({ metric, value }) => ({ labels: metric, count: Number(value[1]) }));
  }

  /** The same in each step of a time that begins and ends at whole multiples of it; `at` is where a step begins. */
  async countSteps(
    query: string,
    { from, to }: TimeWindow,
    step: bigint,
    by: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (Labelled & { readonly at: bigint })[]> {
    // Loki puts the instants of a range query on multiples of the step; by the offset each range is half-open.
    const range = `[${rangeOf(step)}] offset 1ns`;
    const asked: Query = [
      ['query', `sum by (${by.join(', ')}) (count_over_time(${query} ${range}))`],
      ['start', String(from + step)],
      ['end', String(to)],
      ['step', String(Number(step) / 1e9)],
    ];
    const path = '/loki/api/v1/query_range';
    const { data } = await this.get(path, asked, matrixAnswer, signal);
    return data.result.flatMap(({ metric: labels, values }) =>
      values.flatMap(([seconds, count]) => {
        const at = BigInt(Math.round(seconds * 1000)) * 1_000_000n - step;
        return at >= from && at < to ? [{ labels, count: Number(count), at }] : [];
      }),
    );
  }

  /** At most `limit` lines in [from, to), the oldest first. */
  async lines(
    query: string,
    { from, to }: TimeWindow,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly Stream[]> {
    const asked: Query = [
      ['query', query],
      ['start', String(from)],
      ['end', String(to)],
      ['limit', String(limit)],
      ['direction', 'forward'],
    ];
    const path = '/loki/api/v1/query_range';
    return (await this.get(path, asked, streamsAnswer, signal, CATEGORIZE)).data.result;
  }

  private get<T>(
    path: string,
    query: Query,
    schema: z.ZodType<T>,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const request = { method: 'GET', path, query, headers: this.headers(headers) } as const;
    return this.told(sendJson(this.env, request, schema, this.options(signal)));
  }

  private headers(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return this.tenant === undefined ? more : { ...more, 'x-scope-orgid': this.tenant };
  }

  /** A query that is wrong is so for all of the time. A Loki of several tenants says "no org id" with the status of a missing sign-in. */
  private async told<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error;
      const body = bodyOf(error);
      if (error.code === 'connector/refused' && body.includes('parse error')) {
        throw new FaultlineError('connector/config', `Loki can't read this query: ${body}`);
      }
      if (error.code !== 'connector/auth') throw error;
      if (this.tenant !== undefined) throw error;
      const { detail } = error;
      const message = `${error.message} A Loki of several tenants answers so, too, where no tenant is given.`;
      throw new FaultlineError('connector/auth', message, { detail });
    }
  }

  private async orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }

  private options(signal: AbortSignal): { signal: AbortSignal; retries: RetryCount } {
    return { signal, retries: this.retries };
  }
}

/** What Loki said when it refused. */
export function bodyOf({ detail }: FaultlineError): string {
  const body = detail?.['body'];
  return typeof body === 'string' ? body : '';
}

/** Loki answers, but not to this question. */
export function isRefusal(error: unknown): error is FaultlineError {
  return (
    error instanceof FaultlineError &&
    (error.code === 'connector/refused' || error.code === 'connector/bad-answer')
  );
}
