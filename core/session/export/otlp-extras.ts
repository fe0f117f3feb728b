import type { CaseStore } from '../../store';
import { ALL, attributesOf, text, type Page } from './exporter';
import { grouped, keyValues, type Grouped } from './otlp-json';

/** Events and links of the spans of a page. */
export class SpanExtras {
  private readonly events: Grouped<object> = new Map();
  private readonly links: Grouped<object> = new Map();

  private constructor() {}

  static async of(store: CaseStore, page: Page, signal: AbortSignal): Promise<SpanExtras> {
    const extras = new SpanExtras();
    const ts = page.col['ts'] ?? [];
    const theirs = `(trace_id, span_id) IN (SELECT (trace_id, span_id) FROM spans
      WHERE start BETWEEN ${text(ts[0])} AND ${text(ts.at(-1))})`;
    const read = (sql: string) => store.sql(sql, ALL, { signal });
    const events = await read(`SELECT trace_id, span_id, ts, name, attributes FROM span_events
      WHERE ${theirs} ORDER BY source_id, row_no`);
    for (let i = 0; i < events.rows; i++) {
      const [trace, span, at, name, attributes] = events.data.map((column) => column[i]);
      grouped(extras.events, `${text(trace)}/${text(span)}`).push({
        timeUnixNano: text(at),
        name: text(name),
        attributes: keyValues(attributesOf(attributes)),
      });
    }
    const links = await read(`SELECT trace_id, span_id, linked_trace_id, linked_span_id, attributes
      FROM span_links WHERE ${theirs} ORDER BY source_id, row_no`);
    for (let i = 0; i < links.rows; i++) {
      const [trace, span, traceId, spanId, attributes] = links.data.map((column) => column[i]);
      grouped(extras.links, `${text(trace)}/${text(span)}`).push({
        traceId: text(traceId),
        spanId: text(spanId),
        attributes: keyValues(attributesOf(attributes)),
      });
    }
    return extras;
  }

  /** Those of a span, once: a span that stands there twice has them only once. */
  take(traceId: string, spanId: string): { readonly events?: object[]; readonly links?: object[] } {
    const key = `${traceId}/${spanId}`;
    const [events, links] = [this.events.get(key), this.links.get(key)];
    this.events.delete(key);
    this.links.delete(key);
    return { ...(events && { events }), ...(links && { links }) };
  }
}
