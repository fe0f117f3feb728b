import { adjustedCount, type Attributes } from '../../model';
import type { ReadChoices } from '../format';
import { asList } from '../import-json';
import { hexOf, type Column } from './column-rows';
import { kindOf, statusOf } from './mapping-rows';
import { cellText } from './mapping-shape';
import { columnOf, plainName, OTEL_NAMES, type OtelName, type Shape } from './otel-names';
import { attributesOf, metricKind, nsOf, plainText } from './otel-values';
import { Redactor } from './redact';
import type { RowSink } from './rows';
import { TimeReader } from './times';

/** What a row group gives: a value by column and row. */
export type Get = (row: number) => unknown;

/** SEVERITY_NUMBER_ERROR of OpenTelemetry's logs. */
const ERROR = 17;

/** Puts rows of known columns into the sink. One for all files of a source. */
export class OtelRows {
  private readonly times: TimeReader;
  private readonly redactor: Redactor;
  private readonly resources = new Map<string, Attributes>();
  private readonly series = new Map<string, bigint>();
  private get: Partial<Record<OtelName, Get>> = {};
  private exact = new Set<OtelName>();

  constructor(
    private readonly sink: RowSink,
    choices: ReadChoices | undefined,
  ) {
    this.times = new TimeReader(sink.notices, choices);
    this.redactor = new Redactor(sink.notices);
  }

  /** The columns of the rows that come next. */
  use(columns: readonly Column[], getOf: (name: string) => Get): void {
    this.get = {};
    this.exact = new Set();
    for (const name of OTEL_NAMES) {
      const column = columnOf(columns, name);
      if (!column) continue;
      this.get[name] = getOf(column.name);
      if (column.time || plainName(column.name).endsWith('nano')) this.exact.add(name);
    }
  }

  /** '' where the row was taken, else why not. A span stands for `times` as many as it says. */
  add(shape: Shape, row: number, times = 1): string {
    if (shape === 'topology') return this.topology(row);
    const ts = this.time('time', row);
    if (ts === undefined) return 'the row has no time';
    switch (shape) {
      case 'logs':
        return this.log(row, ts);
      case 'spans':
        return this.span(row, ts, times);
      case 'samples':
      case 'histograms':
      case 'exemplars':
        return this.point(shape, row, ts);
      case 'alerts':
        return this.alert(row, ts);
      case 'changes':
        return this.change(row, ts);
    }
  }

  /** What a budget keeps whole: logs of ERROR and above, spans that failed. */
  failed(shape: Shape, row: number): boolean {
    if (shape === 'logs') return Number(this.get.severity?.(row) ?? 0) >= ERROR;
    return shape === 'spans' && statusOf(this.text('status', row)) === 2;
  }

  /** Bytes are hexadecimal; what is not there is ''. */
  text(name: OtelName, row: number): string {
    const value = this.get[name]?.(row);
    return value instanceof Uint8Array ? hexOf(value) : plainText(value);
  }

  /** Nanoseconds since the epoch. */
  time(name: OtelName, row: number): bigint | undefined {
    const value = this.get[name]?.(row);
    if (value === null || value === undefined) return undefined;
    if (this.exact.has(name)) return nsOf(value);
    return this.times.read(typeof value === 'number' ? value : cellText(value));
  }

  private map(name: OtelName, row: number): Attributes {
    return this.clean(this.get[name]?.(row));
  }

  private clean(value: unknown): Attributes {
    return this.redactor.attributes(attributesOf(value));
  }

  /** Equal resources are one object; the service stands beside them in ClickHouse's tables. */
  private resource(row: number): Attributes {
    const own = this.map('resource', row);
    const service = this.text('service', row);
    const all = service === '' || own['service.name'] ? own : { ...own, 'service.name': service };
    const key = JSON.stringify(all);
    const same = this.resources.get(key);
    if (!same) this.resources.set(key, all);
    return same ?? all;
  }

  /** The scope is attributes of its rows, as of those that OTLP brings. */
  private attributes(name: OtelName, row: number): Attributes {
    const own = this.map(name, row);
    const scope = this.text('scope', row);
    const version = this.text('scopeVersion', row);
    if (scope === '' && version === '') return own;
    return {
      ...own,
      ...(scope === '' ? {} : { 'otel.scope.name': scope }),
      ...(version === '' ? {} : { 'otel.scope.version': version }),
    };
  }

  private log(row: number, ts: bigint): string {
    this.sink.log({
      ts,
      observedTs: this.time('observed', row),
      body: this.redactor.text(this.text('body', row)),
      severity: Number(this.get.severity?.(row) ?? 0),
      severityText: this.text('severityText', row),
      traceId: this.text('trace', row),
      spanId: this.text('span', row),
      resource: this.resource(row),
      attributes: this.attributes('logAttributes', row),
    });
    return '';
  }

  private span(row: number, start: bigint, times: number): string {
    const duration = nsOf(this.get.duration?.(row));
    const end = duration === undefined ? this.time('end', row) : start + duration;
    const [traceId, spanId] = [this.text('trace', row), this.text('span', row)];
    if (traceId === '' || spanId === '') return 'the span has no trace or span id';
    if (end === undefined) return 'the span has no duration';
    if (end < start) return 'the span ends before it starts';
    const attributes = this.spanAttributes(row);
    this.sink.span({
      traceId,
      spanId,
      parentSpanId: this.text('parent', row),
      name: this.text('spanName', row),
      kind: kindOf(this.text('kind', row)),
      start,
      duration: end - start,
      status: statusOf(this.text('status', row)),
      statusMessage: this.redactor.text(this.text('statusMessage', row)),
      resource: this.resource(row),
      attributes,
      adjustedCount: this.adjustedCount(row, attributes, times),
      events: this.events(row),
      links: this.links(row),
    });
    return '';
  }

  /** The trace state stands among the attributes, as of spans that OTLP brings. */
  private spanAttributes(row: number): Attributes {
    const own = this.attributes('spanAttributes', row);
    const state = this.text('traceState', row);
    return state === '' ? own : { ...own, 'otel.trace_state': state };
  }

  private adjustedCount(row: number, attributes: Attributes, times: number): number | undefined {
    const said = Number(this.text('adjustedCount', row) || Number.NaN);
    if (said >= 1 && Number.isFinite(said)) return said * times;
    // What the attributes say alone is found by the store.
    return times === 1 ? undefined : (adjustedCount(attributes) ?? 1) * times;
  }

  private events(row: number) {
    const names = asList(this.get.eventNames?.(row));
    const attributes = asList(this.get.eventAttributes?.(row));
    return asList(this.get.eventTimes?.(row)).flatMap((value, at) => {
      const ts = nsOf(value);
      if (ts === undefined) return [];
      return [{ ts, name: plainText(names[at]), attributes: this.clean(attributes[at]) }];
    });
  }

  private links(row: number) {
    const spans = asList(this.get.linkSpans?.(row));
    const attributes = asList(this.get.linkAttributes?.(row));
    return asList(this.get.linkTraces?.(row)).map((trace, at) => ({
      traceId: plainText(trace),
      spanId: plainText(spans[at]),
      attributes: this.clean(attributes[at]),
    }));
  }

  private point(shape: 'samples' | 'histograms' | 'exemplars', row: number, ts: bigint): string {
    const metric = this.text('metric', row);
    if (metric === '') return 'the row has no metric';
    const series = this.seriesOf(shape, metric, row);
    if (shape === 'histograms') return this.histogram(row, ts, series);
    const value = this.get.value?.(row);
    if (value === null || value === undefined) return 'the row has no value';
    if (shape === 'samples') this.sink.sample(series, ts, Number(value));
    else {
      this.sink.exemplar(series, ts, Number(value), {
        traceId: this.text('trace', row),
        spanId: this.text('span', row),
        attributes: this.map('filtered', row),
      });
    }
    return '';
  }

  private seriesOf(shape: Shape, metric: string, row: number): bigint {
    const resource = this.resource(row);
    const labels = this.attributes('attributes', row);
    const temporality = plainName(this.text('temporality', row));
    const head = {
      metric,
      kind: metricKind(
        this.text('metricKind', row),
        shape === 'histograms',
        this.get.monotonic?.(row),
      ),
      unit: this.text('unit', row),
      description: this.text('description', row),
      temporality: /delta|^1$/.test(temporality)
        ? 'delta'
        : /cumulative|^2$/.test(temporality)
          ? 'cumulative'
          : '',
      step: nsOf(this.get.step?.(row)) ?? 0n,
      resource,
      labels,
    } as const;
    const key = JSON.stringify([metric, resource, labels]);
    let id = this.series.get(key);
    if (id === undefined) {
      id = this.sink.series(head);
      this.series.set(key, id);
    }
    return id;
  }

  private histogram(row: number, ts: bigint, series: bigint): string {
    const bounds = asList(this.get.bounds?.(row)).map(Number);
    const counts = asList(this.get.counts?.(row)).map((value) => nsOf(value) ?? 0n);
    const count = nsOf(this.get.count?.(row));
    if (count === undefined || counts.length !== bounds.length + 1) {
      return 'its buckets and bounds do not fit';
    }
    const sum = this.get.sum?.(row);
    const known = typeof sum === 'number' ? sum : null;
    this.sink.histogram(series, ts, { count, sum: known, bounds, counts });
    return '';
  }

  private alert(row: number, startsAt: bigint): string {
    this.sink.alert({
      fingerprint: this.text('fingerprint', row),
      name: this.text('alert', row),
      startsAt,
      endsAt: this.time('alertEnd', row),
      severity: this.text('alertSeverity', row),
      resource: this.resource(row),
      labels: this.map('attributes', row),
      annotations: this.map('annotations', row),
    });
    return '';
  }

  private change(row: number, ts: bigint): string {
    this.sink.change({
      ts,
      kind: this.text('changeKind', row),
      title: this.text('change', row),
      version: this.text('version', row),
      resource: this.resource(row),
      attributes: this.map('attributes', row),
    });
    return '';
  }

  private topology(row: number): string {
    const calls = nsOf(this.get.calls?.(row));
    this.sink.relation(
      this.text('from', row),
      this.text('to', row),
      this.text('relation', row),
      calls ?? null,
    );
    return '';
  }
}
