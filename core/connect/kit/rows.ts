import {
  BatchBuilder,
  ResourceInterner,
  seriesId,
  type Attributes,
  type Batch,
  type Signal,
  type TelemetryTable,
} from '../../model';
import type { DroppedRecord, FormatItem } from '../format';
import { excerpt } from '../import-lines';
import { NoticeCounts } from '../import-tally';
import { placeOfDropped, type DroppedPlace } from './dropped-place';
import { Redactor, redactText } from './redact';
import { BatchRedactor } from './redact-batch';

/** Rows in a batch, about. */
const BATCH_ROWS = 20_000;

export interface LogRow {
  readonly ts: bigint;
  readonly observedTs?: bigint;
  /** OpenTelemetry's number, 0 where unknown. */
  readonly severity?: number;
  readonly severityText?: string;
  readonly body: string;
  /** Lower-case hex, or ''. */
  readonly traceId?: string;
  readonly spanId?: string;
  readonly resource: Attributes;
  readonly attributes?: Attributes;
}

export interface SpanRow {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** OpenTelemetry's SpanKind, 0 where unknown. */
  readonly kind?: number;
  readonly start: bigint;
  readonly duration: bigint;
  /** OpenTelemetry's status code: 0 unset, 1 ok, 2 error. */
  readonly status?: number;
  readonly statusMessage?: string;
  readonly resource: Attributes;
  readonly attributes?: Attributes;
  readonly events?: readonly { ts: bigint; name: string; attributes?: Attributes }[];
  readonly links?: readonly { traceId: string; spanId: string; attributes?: Attributes }[];
  /** How many spans this one stands for, where the reader knows it; the store finds what attributes say. */
  readonly adjustedCount?: number;
}

export interface SeriesHead {
  readonly metric: string;
  readonly kind?: 'gauge' | 'counter' | 'histogram' | 'summary' | 'unknown';
  readonly unit?: string;
  readonly description?: string;
  readonly temporality?: 'cumulative' | 'delta' | '';
  /** Nanoseconds between points where the file says so. */
  readonly step?: bigint;
  readonly resource: Attributes;
  readonly labels: Attributes;
}

export interface AlertRow {
  readonly fingerprint: string;
  readonly name: string;
  readonly startsAt: bigint;
  /** Missing where it is not known to have ended. */
  readonly endsAt?: bigint;
  readonly severity?: string;
  readonly resource: Attributes;
  readonly labels: Attributes;
  readonly annotations?: Attributes;
}

export interface ChangeRow {
  readonly ts: bigint;
  /** deployment | config | flag | scale | rollback | note | … */
  readonly kind: string;
  readonly title: string;
  readonly version?: string;
  readonly resource: Attributes;
  readonly attributes?: Attributes;
}

export interface DefinitionRow {
  /** alerting-rule | recording-rule | slo | sli | service | … */
  readonly kind: string;
  readonly name: string;
  readonly text: string;
  readonly attributes?: Attributes;
}

/**
 * What a format reads into: rows of every table with the resources and series that they name, the records
 * that were dropped, and notices said once with their count. `items` hands full batches on; call it after
 * every block of records, and with `true` at the end. For formats whose speed is another parser's; the hot
 * ones use BatchBuilder itself. With `redact` secrets are taken out of texts and attributes of resources,
 * logs and spans, for formats that do not pass them through a Redactor of their own.
 */
export class RowSink {
  private readonly resources = new ResourceInterner();
  private readonly ids = new WeakMap<Attributes, bigint>();
  private readonly seriesSeen = new Map<string, bigint>();
  private readonly tables = new Map<TelemetryTable, BatchBuilder<TelemetryTable>>();
  private dropped: DroppedRecord[] = [];
  private gathered = 0;

  private readonly redactors: { readonly one: Redactor; readonly batch: BatchRedactor } | undefined;

  constructor(
    readonly notices = new NoticeCounts(),
    { redact = false }: { readonly redact?: boolean } = {},
  ) {
    if (redact) this.redactors = { one: new Redactor(notices), batch: new BatchRedactor(notices) };
  }

  /** Pass the same object again for the same resource: it is looked up by identity first. */
  resource(attributes: Attributes): bigint {
    let id = this.ids.get(attributes);
    if (id === undefined) {
      id = this.resources.intern(this.redactors?.one.attributes(attributes) ?? attributes);
      this.ids.set(attributes, id);
    }
    return id;
  }

  log(row: LogRow): void {
    const rows = this.rowsOf('logs');
    const { col } = rows;
    col.ts.push(row.ts);
    col.observed_ts.push(row.observedTs ?? null);
    col.resource_id.push(this.resource(row.resource));
    col.severity.push(row.severity ?? 0);
    col.severity_text.push(row.severityText ?? '');
    col.body.push(row.body);
    col.trace_id.push(row.traceId ?? '');
    col.span_id.push(row.spanId ?? '');
    col.attributes.push(row.attributes ?? {});
    this.end(rows);
  }

  span(row: SpanRow): void {
    const rows = this.rowsOf('spans');
    const { col } = rows;
    col.trace_id.push(row.traceId);
    col.span_id.push(row.spanId);
    col.parent_span_id.push(row.parentSpanId ?? '');
    col.resource_id.push(this.resource(row.resource));
    col.name.push(row.name);
    col.kind.push(row.kind ?? 0);
    col.start.push(row.start);
    col.duration.push(row.duration);
    col.status.push(row.status ?? 0);
    col.status_message.push(row.statusMessage ?? '');
    col.attributes.push(row.attributes ?? {});
    col.adjusted_count.push(row.adjustedCount ?? null);
    this.end(rows);
    this.spanEvents(row);
    this.spanLinks(row);
  }

  private spanEvents({ traceId, spanId, events = [] }: SpanRow): void {
    for (const { ts, name, attributes = {} } of events) {
      const rows = this.rowsOf('span_events');
      rows.col.trace_id.push(traceId);
      rows.col.span_id.push(spanId);
      rows.col.ts.push(ts);
      rows.col.name.push(name);
      rows.col.attributes.push(attributes);
      this.end(rows);
    }
  }

  private spanLinks({ traceId, spanId, links = [] }: SpanRow): void {
    for (const link of links) {
      const rows = this.rowsOf('span_links');
      rows.col.trace_id.push(traceId);
      rows.col.span_id.push(spanId);
      rows.col.linked_trace_id.push(link.traceId);
      rows.col.linked_span_id.push(link.spanId);
      rows.col.attributes.push(link.attributes ?? {});
      this.end(rows);
    }
  }

  /** The series' id; its row is written at its first sight. Keep the id while a series goes on. */
  series(head: SeriesHead): bigint {
    const resource = this.resource(head.resource);
    const id = seriesId(head.metric, resource, head.labels);
    const key = String(id);
    if (this.seriesSeen.has(key)) return id;
    this.seriesSeen.set(key, id);
    const rows = this.rowsOf('metric_series');
    const { col } = rows;
    col.series_id.push(id);
    col.metric.push(head.metric);
    col.kind.push(head.kind ?? 'unknown');
    col.unit.push(head.unit ?? '');
    col.description.push(head.description ?? '');
    col.temporality.push(head.temporality ?? (head.kind === 'counter' ? 'cumulative' : ''));
    col.step.push(head.step ?? 0n);
    col.resource_id.push(resource);
    col.labels.push(head.labels);
    this.end(rows);
    return id;
  }

  sample(series: bigint, ts: bigint, value: number): void {
    const rows = this.rowsOf('samples');
    rows.col.series_id.push(series);
    rows.col.ts.push(ts);
    rows.col.value.push(value);
    this.end(rows);
  }

  /** `bounds` are upper bounds without +Inf and increase; `counts` has one element more, not cumulative. */
  histogram(
    series: bigint,
    ts: bigint,
    point: {
      readonly count: bigint;
      readonly sum: number | null;
      readonly bounds: readonly number[];
      readonly counts: readonly bigint[];
    },
  ): void {
    const rows = this.rowsOf('histogram_samples');
    rows.col.series_id.push(series);
    rows.col.ts.push(ts);
    rows.col.count.push(point.count);
    rows.col.sum.push(point.sum);
    rows.col.bounds.push(point.bounds);
    rows.col.counts.push(point.counts);
    this.end(rows);
  }

  exemplar(
    series: bigint,
    ts: bigint,
    value: number,
    of: { readonly traceId?: string; readonly spanId?: string; readonly attributes?: Attributes },
  ): void {
    const rows = this.rowsOf('exemplars');
    rows.col.series_id.push(series);
    rows.col.ts.push(ts);
    rows.col.value.push(value);
    rows.col.trace_id.push(of.traceId ?? '');
    rows.col.span_id.push(of.spanId ?? '');
    rows.col.attributes.push(of.attributes ?? {});
    this.end(rows);
  }

  alert(row: AlertRow): void {
    const rows = this.rowsOf('alerts');
    const { col } = rows;
    col.fingerprint.push(row.fingerprint);
    col.name.push(row.name);
    col.starts_at.push(row.startsAt);
    col.ends_at.push(row.endsAt !== undefined && row.endsAt >= row.startsAt ? row.endsAt : null);
    col.severity.push(row.severity ?? '');
    col.resource_id.push(this.resource(row.resource));
    col.labels.push(row.labels);
    col.annotations.push(row.annotations ?? {});
    this.end(rows);
  }

  change(row: ChangeRow): void {
    const rows = this.rowsOf('changes');
    const { col } = rows;
    col.ts.push(row.ts);
    col.kind.push(row.kind);
    col.title.push(row.title);
    col.version.push(row.version ?? '');
    col.resource_id.push(this.resource(row.resource));
    col.attributes.push(row.attributes ?? {});
    this.end(rows);
  }

  /** An edge between entities by their ids (`entityId(kind, name)`). */
  relation(source: string, target: string, kind: string, calls: bigint | null): void {
    const rows = this.rowsOf('stated_relations');
    rows.col.source.push(source);
    rows.col.target.push(target);
    rows.col.kind.push(kind);
    rows.col.calls.push(calls);
    this.end(rows);
  }

  /** A rule or an objective as it was written; it has no time. */
  definition(row: DefinitionRow): void {
    const rows = this.rowsOf('definitions');
    rows.col.kind.push(row.kind);
    rows.col.name.push(row.name);
    rows.col.text.push(row.text);
    rows.col.attributes.push(row.attributes ?? {});
    this.end(rows);
  }

  /**
   * A record that can't be a row. `where` is a line, a byte or a path in the document. Secrets are taken out. Its time
   * and service are read out of the text where `place` does not say them.
   */
  drop(
    signal: Signal,
    where: string,
    text: string,
    reason: string,
    place: DroppedPlace = {},
  ): void {
    const shown = excerpt(redactText(text.slice(0, 2000)));
    const known = placeOfDropped(text, place);
    this.dropped.push({ signal, where, text: shown, reason: redactText(reason), ...known });
  }

  /** What can be handed on now: dropped records always, batches where enough has gathered or at the end. */
  *items(atEnd = false): Generator<FormatItem> {
    if (this.dropped.length > 0) {
      for (const record of this.dropped.splice(0)) yield { kind: 'dropped', record };
    }
    if (this.gathered < BATCH_ROWS && !atEnd) return;
    for (const batch of this.batches()) yield { kind: 'batch', batch };
    if (!atEnd) return;
    for (const notice of this.notices.take()) yield { kind: 'notice', notice };
  }

  /** All rows that have gathered; for pulls, which hand on what they mark. */
  batches(): readonly Batch[] {
    this.gathered = 0;
    const resources = this.resources.take();
    // Series stand before the samples that name them.
    const tables = [...this.tables.values()].sort((a, b) => rank(a.table) - rank(b.table));
    const filled: Batch[] = tables.filter(({ rows }) => rows > 0).map((rows) => rows.take());
    const clean = this.redactors
      ? filled.map((batch) => this.redactors?.batch.batch(batch) ?? batch)
      : filled;
    return resources ? [resources, ...clean] : clean;
  }

  private rowsOf<T extends TelemetryTable>(table: T): BatchBuilder<T> {
    const known = this.tables.get(table);
    if (known) return known as unknown as BatchBuilder<T>;
    const made = new BatchBuilder(table);
    this.tables.set(table, made);
    return made;
  }

  private end(rows: { endRow(): void }): void {
    rows.endRow();
    this.gathered++;
  }
}

const rank = (table: TelemetryTable): number => (table === 'metric_series' ? 0 : 1);
