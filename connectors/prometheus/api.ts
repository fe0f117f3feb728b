import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import { parseGoFloat, type ConnectorEnv, type MetricFamily } from '../../core/connect';
import type { Notice } from '../../core/model';
import {
  build,
  config,
  exemplars,
  flags,
  matrixEntry,
  metadata,
  rules,
  stores,
  tsdb,
  vectorEntry,
  type ExemplarSeries,
  type RuleGroups,
  type nativePoint,
} from './answers';
import { refusalOf } from './failures';
import type { Limit } from './limits';
import type { Matcher } from './matchers';
import { readAnswer, readRequest } from './remote-read';
import type { MsWindow } from './windows';
import type { NativeHistogram, RawSeries } from './raw-series';
import { PrometheusWire, type Resolution, type WireOptions } from './wire';

export type { NativeHistogram, RawSeries } from './raw-series';

/** What warnings said, and limits that were met, with the number of answers. */
export interface Told {
  warned: [text: string, count: number][];
  split: [limit: string, count: number][];
  unread: [why: string, count: number][];
}

const LIMIT_WORDS: Readonly<Record<string, string>> = {
  length: 'length of a query in time',
  series: 'series of a query',
  samples: 'samples of a query',
  points: 'points of a series',
  expression: 'size of an expression',
  time: 'time to answer',
  other: 'not told which',
} satisfies Record<Limit, string>;

/** Prometheus' HTTP API, version 1, typed and checked; warnings and what limits forced are counted. */
export class PrometheusApi {
  private readonly wire: PrometheusWire;
  private readonly split = new Map<string, number>();
  private readonly unread = new Map<string, number>();
  private external: readonly (readonly [string, string])[] | undefined;

  constructor(env: ConnectorEnv, signal: AbortSignal, options?: WireOptions) {
    this.wire = new PrometheusWire(env, signal, options);
  }

  nowMs(): number {
    return Number(this.wire.env.now() / 1_000_000n);
  }

  build(): Promise<z.infer<typeof build>> {
    return this.wire.get('/api/v1/status/buildinfo', build);
  }

  /** Series that the TSDB status tells of; `head` where they are those in memory, else those of today. */
  async seriesToday(): Promise<{ readonly head: boolean; readonly series: number | undefined }> {
    const { headStats, totalSeries } = await this.wire.get('/api/v1/status/tsdb', tsdb);
    return headStats
      ? { head: true, series: headStats.numSeries }
      : { head: false, series: totalSeries };
  }

  /** Flags by name as Prometheus and Thanos state them. */
  flags(): Promise<z.infer<typeof flags>> {
    return this.wire.get('/api/v1/status/flags', flags);
  }

  /** What it exposes of itself, as text; VictoriaMetrics states version and flags there. */
  async ownMetrics(): Promise<string> {
    const { body } = await this.wire.raw({ method: 'GET', path: '/metrics' });
    return new TextDecoder().decode(body);
  }

  /** Thanos: what the querier asks. */
  stores(): Promise<z.infer<typeof stores>> {
    return this.wire.get('/api/v1/stores', stores);
  }

  /** Values that a label has in a window, of all series or of those selected, in order. */
  async labelValues(
    label: string,
    window: MsWindow,
    selector?: string,
  ): Promise<readonly string[]> {
    const query: readonly (readonly [string, string])[] = [
      ...(selector === undefined ? [] : ([['match[]', selector]] as const)),
      ['start', seconds(window.from)],
      ['end', seconds(window.to)],
    ];
    const path = `/api/v1/label/${label}/values`;
    const values = await this.wire.get(path, z.array(z.string()).nullable(), query);
    return [...(values ?? [])].sort();
  }

  /** What is stated about metric families; kinds are the source's words. */
  async metadata(): Promise<ReadonlyMap<string, MetricFamily>> {
    const stated = await this.wire.get('/api/v1/metadata', metadata);
    return new Map(
      Object.entries(stated).flatMap(([name, [first]]) =>
        first ? [[name, { kind: first.type, unit: first.unit, description: first.help }]] : [],
      ),
    );
  }

  async alertRules(): Promise<RuleGroups> {
    return (await this.wire.get('/api/v1/rules', rules, [['type', 'alert']])).groups;
  }

  /** An instant query that gives a vector. */
  async vector(query: string, atMs: number): Promise<readonly z.infer<typeof vectorEntry>[]> {
    const schema = z.object({ result: z.array(vectorEntry) });
    const form = { query, time: seconds(atMs) };
    return (await this.wire.query('/api/v1/query', form, schema)).result;
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
    return this.matrix('/api/v1/query_range', { query, ...times });
  }

  /** All samples of a window as they are stored, by remote read; 'connector/refused' where it is not offered. */
  async read(matchers: readonly Matcher[], window: MsWindow): Promise<readonly RawSeries[]> {
    const request = {
      method: 'POST',
      path: '/api/v1/read',
      headers: READ_HEADERS,
      body: readRequest(matchers, window),
    } as const;
    const external = (this.external ??= await this.externalLabels());
    const series = await this.wire.whole(request, ({ body, headers }) =>
      readAnswer(body, headers['content-type'] ?? ''),
    );
    return external.length === 0 ? series : series.map((one) => without(one, external));
  }

  /** What a server adds to all that it sends to others, which its own queries do not show. */
  private async externalLabels(): Promise<readonly (readonly [string, string])[]> {
    try {
      const { yaml } = await this.wire.get('/api/v1/status/config', config);
      return externalLabelsOf(yaml);
    } catch (error) {
      refusalOf(error);
      return [];
    }
  }

  /** A window was asked for by queries, because remote read does not give it. */
  wasNotRead(why: string): void {
    this.unread.set(why, (this.unread.get(why) ?? 0) + 1);
  }

  exemplars(query: string, fromMs: number, toMs: number): Promise<readonly ExemplarSeries[]> {
    const form = { query, start: seconds(fromMs), end: seconds(toMs) };
    return this.wire.post('/api/v1/query_exemplars', form, exemplars);
  }

  get resolution(): Resolution {
    return this.wire.resolution;
  }

  set resolution(resolution: Resolution) {
    this.wire.resolution = resolution;
  }

  /** A request was over a limit of the backend and is asked for in smaller pieces. */
  wasSplit(limit: Limit): void {
    this.split.set(limit, (this.split.get(limit) ?? 0) + 1);
  }

  /** Counts for the notices at the end, as a cursor keeps them. */
  get told(): Told {
    return { warned: [...this.wire.warned], split: [...this.split], unread: [...this.unread] };
  }

  /** Goes on with the counts of a cursor. */
  recall({ warned, split, unread }: Told): void {
    for (const [why, count] of unread) this.unread.set(why, count);
    for (const [text, count] of warned) this.wire.warned.set(text, count);
    for (const [limit, count] of split) this.split.set(limit, count);
  }

  /** Warnings that came with answers (a store that did not answer in time, …), limits met, and waits. */
  notices(): readonly Notice[] {
    const retried = this.wire.retries.notice();
    const warned = [...this.wire.warned].map(([message, count]): Notice => ({
      code: 'backend-warning',
      severity: 'warning',
      count,
      message: `The backend warned in ${count} answers: ${message}. They may be incomplete.`,
    }));
    const split = [...this.split].map(([limit, count]): Notice => ({
      code: 'limit-met',
      severity: 'info',
      count,
      message: `${count} requests were over a limit of the backend (${LIMIT_WORDS[limit] ?? limit}) and were asked again in smaller pieces; nothing is missing for it.`,
      detail: { limit },
    }));
    const unread = [...this.unread].map(([why, count]): Notice => ({
      code: 'no-remote-read',
      severity: 'info',
      count,
      message: `${count} requests were made as queries, not by remote read: ${why}`,
    }));
    return [...warned, ...split, ...unread, ...(retried ? [retried] : [])];
  }

  private async matrix(
    path: string,
    form: Readonly<Record<string, string>>,
  ): Promise<readonly RawSeries[]> {
    const schema = z.object({ result: z.array(matrixEntry) });
    const { result } = await this.wire.query(path, form, schema);
    return result.map(({ metric, values = [], histograms = [] }) => ({
      labels: metric,
      ...pointsOf(values, path),
      histograms: histograms.map(nativeOf),
    }));
  }
}

const READ_HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-read-version': '0.1.0',
};

/** Labels under external_labels of a configuration as Prometheus writes it out. */
export function externalLabelsOf(yaml: string): readonly (readonly [string, string])[] {
  const block = /^ {2}external_labels:\n((?: {4}.*\n?)*)/m.exec(yaml)?.[1] ?? '';
  return [...block.matchAll(/^ {4}([a-zA-Z_]\w*): (.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    /^".*"$/.test(value) ? (JSON.parse(value) as string) : value.replace(/^'(.*)'$/, '$1'),
  ]);
}

function without(series: RawSeries, external: readonly (readonly [string, string])[]): RawSeries {
  const added = new Map(external);
  const labels = Object.entries(series.labels).filter(([name, value]) => added.get(name) !== value);
  return { ...series, labels: Object.fromEntries(labels) };
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
