import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import {
  RetryCount,
  parseGoFloat,
  sendJson,
  type ConnectorEnv,
  type MetricFamily,
  type UpstreamRequest,
} from '../../core/connect';
import type { Notice } from '../../core/model';

/** Times are whole milliseconds since the epoch here, as Prometheus stores them. */
export interface RawSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly ts: readonly number[];
  readonly values: readonly number[];
  readonly histograms: readonly NativeHistogram[];
}

/** A native histogram as the query API gives it; buckets have [boundary rule, lower, upper, count]. */
export interface NativeHistogram {
  readonly ts: number;
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly (readonly [lower: number, upper: number, count: number])[];
}

const labelSet = z.record(z.string(), z.string());
const pair = z.tuple([z.number(), z.string()]);
const vectorEntry = z.object({ metric: labelSet, value: pair.optional() });
const nativePoint = z.tuple([
  z.number(),
  z.object({
    count: z.string(),
    sum: z.string(),
    buckets: z.array(z.tuple([z.number(), z.string(), z.string(), z.string()])).optional(),
  }),
]);
const matrixEntry = z.object({
  metric: labelSet,
  // Checked value by value while they are read: a schema a pair is too slow for millions of them.
  values: z.array(z.unknown()).optional(),
  histograms: z.array(nativePoint).optional(),
});
const build = z.object({ version: z.string().default(''), application: z.string().optional() });
const metadata = z.record(
  z.string(),
  z.array(
    z.object({
      type: z.string().default('unknown'),
      help: z.string().default(''),
      unit: z.string().default(''),
    }),
  ),
);
const rules = z.object({
  groups: z.array(
    z.object({
      interval: z.number().default(0),
      rules: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          duration: z.number().default(0),
          labels: labelSet.optional(),
          annotations: labelSet.optional(),
          alerts: z
            .array(
              z.object({
                labels: labelSet,
                annotations: labelSet.default({}),
                state: z.string(),
                activeAt: z.string(),
              }),
            )
            .nullish(),
        }),
      ),
    }),
  ),
});
const exemplars = z.array(
  z.object({
    seriesLabels: labelSet,
    exemplars: z.array(
      z.object({
        labels: labelSet,
        value: z.union([z.string(), z.number()]),
        timestamp: z.number(),
      }),
    ),
  }),
);
const tsdb = z.object({ headStats: z.object({ numSeries: z.number() }) });

export type RuleGroups = z.infer<typeof rules>['groups'];
export type ExemplarSeries = z.infer<typeof exemplars>[number];

const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;

/** Prometheus' HTTP API, version 1, typed and checked; waits and warnings are counted. */
export class PrometheusApi {
  readonly retries = new RetryCount();
  private readonly warned = new Map<string, number>();

  constructor(
    private readonly env: ConnectorEnv,
    private readonly signal: AbortSignal,
  ) {}

  nowMs(): number {
    return Number(this.env.now() / 1_000_000n);
  }

  build(): Promise<z.infer<typeof build>> {
    return this.get('/api/v1/status/buildinfo', build);
  }

  async seriesInHead(): Promise<number> {
    return (await this.get('/api/v1/status/tsdb', tsdb)).headStats.numSeries;
  }

  /** What is stated about metric families; kinds are the source's words. */
  async metadata(): Promise<ReadonlyMap<string, MetricFamily>> {
    const stated = await this.get('/api/v1/metadata', metadata);
    return new Map(
      Object.entries(stated).flatMap(([name, [first]]) =>
        first ? [[name, { kind: first.type, unit: first.unit, description: first.help }]] : [],
      ),
    );
  }

  async alertRules(): Promise<RuleGroups> {
    return (await this.get('/api/v1/rules', rules, [['type', 'alert']])).groups;
  }

  /** An instant query that gives a vector. */
  async vector(query: string, atMs: number): Promise<readonly z.infer<typeof vectorEntry>[]> {
    const schema = z.object({ result: z.array(vectorEntry) });
    const form = { query, time: seconds(atMs) };
    return (await this.post('/api/v1/query', form, schema)).result;
  }

  /** The raw samples of a range selector, with the times at which they were taken. */
  async samples(rangeSelector: string, atMs: number): Promise<readonly RawSeries[]> {
    const form = { query: rangeSelector, time: seconds(atMs) };
    return this.matrix('/api/v1/query', form);
  }

  async range(
    query: string,
    fromMs: number,
    toMs: number,
    stepMs: number,
  ): Promise<readonly RawSeries[]> {
    const times = { start: seconds(fromMs), end: seconds(toMs), step: seconds(stepMs) };
    // VictoriaMetrics moves start and end to multiples of the step unless it may not use its cache.
    return this.matrix('/api/v1/query_range', { query, ...times, nocache: '1' });
  }

  exemplars(query: string, fromMs: number, toMs: number): Promise<readonly ExemplarSeries[]> {
    const form = { query, start: seconds(fromMs), end: seconds(toMs) };
    return this.post('/api/v1/query_exemplars', form, exemplars);
  }

  /** Warnings that came with answers (a store that did not answer in time, …) and waits. */
  notices(): readonly Notice[] {
    const retried = this.retries.notice();
    const warned = [...this.warned].map(([message, count]): Notice => ({
      code: 'backend-warning',
      severity: 'warning',
      count,
      message: `The backend warned in ${count} answers: ${message}. They may be incomplete.`,
    }));
    return [...warned, ...(retried ? [retried] : [])];
  }

  private async matrix(
    path: string,
    form: Readonly<Record<string, string>>,
  ): Promise<readonly RawSeries[]> {
    const schema = z.object({ result: z.array(matrixEntry) });
    const { result } = await this.post(path, form, schema);
    return result.map(({ metric, values = [], histograms = [] }) => ({
      labels: metric,
      ...pointsOf(values, path),
      histograms: histograms.map(nativeOf),
    }));
  }

  private get<T>(
    path: string,
    schema: z.ZodType<T>,
    query?: readonly (readonly [string, string])[],
  ): Promise<T> {
    return this.ask({ method: 'GET', path, query }, schema);
  }

  private post<T>(
    path: string,
    form: Readonly<Record<string, string>>,
    schema: z.ZodType<T>,
  ): Promise<T> {
    const body = Object.entries(form)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&');
    return this.ask({ method: 'POST', path, headers: FORM, body }, schema);
  }

  private async ask<T>(request: UpstreamRequest, data: z.ZodType<T>): Promise<T> {
    const { retries, signal } = this;
    const answer = z.object({ data, warnings: z.array(z.string()).nullish() });
    const { data: found, warnings } = await sendJson(this.env, request, answer, {
      signal,
      retries,
    });
    for (const text of warnings ?? []) this.warned.set(text, (this.warned.get(text) ?? 0) + 1);
    return found;
  }
}

/** Milliseconds as the API takes times and steps. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Times come as seconds with three digits at most. */
function toMs(time: number): number {
  return Math.round(time * 1000);
}

function pointsOf(pairs: readonly unknown[], path: string): { ts: number[]; values: number[] } {
  const ts: number[] = [];
  const values: number[] = [];
  for (const entry of pairs) {
    const [time, word] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const value = typeof word === 'string' ? parseGoFloat(word) : undefined;
    if (typeof time !== 'number' || value === undefined) {
      throw new FaultlineError(
        'connector/bad-answer',
        `${path} answered with a point that can not be read: ${JSON.stringify(entry)}.`,
      );
    }
    ts.push(toMs(time));
    values.push(value);
  }
  return { ts, values };
}

function nativeOf([time, point]: z.infer<typeof nativePoint>): NativeHistogram {
  const number = (word: string): number => parseGoFloat(word) ?? Number.NaN;
  return {
    ts: toMs(time),
    count: number(point.count),
    sum: number(point.sum),
    buckets: (point.buckets ?? []).map(([, lower, upper, count]) => [
      number(lower),
      number(upper),
      number(count),
    ]),
  };
}
