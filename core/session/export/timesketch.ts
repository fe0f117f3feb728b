import { formatRfc3339 } from '../../base';
import type { Attributes, Signal } from '../../model';
import type { CaseStore } from '../../store';
import {
  attributesOf,
  leftOut,
  pages,
  readResources,
  readSeries,
  text,
  type CaseExporter,
  type ExportedSeries,
  type Page,
} from './exporter';

/** The rows of a signal as events; `fields` are of the event, in the names that the format reads back. */
interface Events {
  readonly signal: Signal;
  readonly ts: string;
  readonly message: string;
  /** Timesketch's `timestamp_desc`: what the time is of. */
  readonly desc: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly attributes?: string;
  readonly annotations?: string;
}

const IDS = { trace_id: 'trace_id', span_id: 'span_id' };

const EVENTS: readonly Events[] = [
  {
    signal: 'alerts',
    ts: 'starts_at',
    message: "'Alert ' || name",
    desc: 'Alert started',
    fields: {
      name: 'name',
      fingerprint: 'fingerprint',
      severity_text: 'severity',
      ends_timestamp_ns: 'ends_at',
    },
    attributes: 'labels',
    annotations: 'annotations',
  },
  {
    signal: 'changes',
    ts: 'ts',
    message: "kind || ': ' || title",
    desc: 'Change made',
    fields: { kind: 'kind', title: 'title', version: 'version' },
    attributes: 'attributes',
  },
  {
    signal: 'logs',
    ts: 'ts',
    message: 'body',
    desc: 'Log record written',
    fields: {
      severity_number: 'nullif(severity, 0)',
      severity_text: 'severity_text',
      observed_timestamp_ns: 'observed_ts',
      ...IDS,
    },
    attributes: 'attributes',
  },
  {
    signal: 'samples',
    ts: 'ts',
    message: 'value::VARCHAR',
    desc: 'Metric measured',
    fields: { value: 'value' },
  },
  {
    signal: 'spans',
    ts: 'start',
    message: "name || ' took ' || (duration / 1e6)::VARCHAR || ' ms'",
    desc: 'Span started',
    fields: {
      ...IDS,
      parent_span_id: 'parent_span_id',
      name: 'name',
      kind: 'nullif(kind, 0)',
      duration_ns: 'duration',
      status: 'nullif(status, 0)',
      status_message: 'status_message',
    },
    attributes: 'attributes',
  },
];

/** Room for the fields of any signal, side by side: f0, f1, … */
const WIDTH = Math.max(...EVENTS.map(({ fields }) => Object.keys(fields).length));

const NO_MAP = 'NULL::MAP(VARCHAR, VARCHAR)';

function selectOf({ signal, ts, message, fields, attributes, annotations }: Events): string {
  const values = Object.values(fields);
  const cells = Array.from(
    { length: WIDTH },
    (_, i) => `(${values[i] ?? 'NULL'})::VARCHAR AS f${i}`,
  );
  const id = signal === 'samples' ? 'series_id' : 'resource_id';
  return `SELECT ${ts} AS ts, '${signal}' AS signal, source_id, row_no, ${id} AS id,
    ${message} AS message, ${cells.join(', ')},
    ${attributes ?? NO_MAP} AS attributes, ${annotations ?? NO_MAP} AS annotations FROM ${signal}`;
}

const NOT_EVENTS = [
  'histogram_samples',
  'exemplars',
  'span_events',
  'span_links',
  'stated_relations',
] as const;

/** Everything in the order of time as Timesketch's JSON lines, one event a line. */
export const timesketchExport: CaseExporter = {
  id: 'timesketch',
  title: 'Timesketch timeline (JSON lines)',
  makes: 'file',
  async write(store: CaseStore, target, options) {
    const order = {
      select: EVENTS.map(selectOf).join(' UNION ALL '),
      times: EVENTS.map(({ ts, signal }) => `SELECT ${ts} AS ts FROM ${signal}`).join(
        ' UNION ALL ',
      ),
      ties: ['signal', 'source_id', 'row_no'],
    };
    const writer = await EventWriter.of(store, options.signal);
    const file = await target.open('');
    const encoder = new TextEncoder();
    for await (const page of pages(store, order, options)) {
      await file.write(encoder.encode(writer.lines(page)));
      options.onRows?.(writer.written);
    }
    await file.close();
    const notices = await leftOut(store, NOT_EVENTS, 'a timeline');
    return { rows: writer.rows, files: 1, notices };
  },
};

class EventWriter {
  readonly rows: Partial<Record<Signal, number>> = {};
  written = 0;

  private constructor(
    /** By id as text. */
    private readonly resources: ReadonlyMap<string, Attributes>,
    private readonly series: ReadonlyMap<string, ExportedSeries>,
  ) {}

  /** What rows name by id is read once. */
  static async of(store: CaseStore, signal: AbortSignal): Promise<EventWriter> {
    return new EventWriter(await readResources(store, signal), await readSeries(store, signal));
  }

  lines(page: Page): string {
    let lines = '';
    for (let row = 0; row < page.rows; row++) lines += `${this.line(page, row)}\n`;
    return lines;
  }

  private line({ col }: Page, row: number): string {
    const signal = col['signal']?.[row];
    const events = EVENTS.find((one) => one.signal === signal);
    if (!events) return '';
    this.rows[events.signal] = (this.rows[events.signal] ?? 0) + 1;
    this.written++;
    const id = text(col['id']?.[row]);
    const series = events.signal === 'samples' ? this.series.get(id) : undefined;
    const ns = BigInt(text(col['ts']?.[row]));
    const message = text(col['message']?.[row]);
    const event: Record<string, unknown> = {
      message: series ? `${series.name} = ${message}` : message,
      datetime: formatRfc3339(ns),
      timestamp: Number(ns / 1000n),
      timestamp_desc: events.desc,
      data_type: `faultline:${events.signal}`,
    };
    const put = (prefix: string, of: Attributes): void => {
      for (const name in of) if (of[name] !== '') event[prefix + name] = of[name];
    };
    if (series) put('', { metric: series.name, ...series.fields });
    for (const [at, name] of Object.keys(events.fields).entries()) {
      const value = text(col[`f${at}`]?.[row]);
      if (value !== '') event[name] = value;
    }
    put('resource.', this.resources.get(series ? series.resource : id) ?? {});
    put('attribute.', series ? series.labels : attributesOf(col['attributes']?.[row]));
    put('annotation.', attributesOf(col['annotations']?.[row]));
    return JSON.stringify(event);
  }
}
