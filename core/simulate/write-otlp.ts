import type { Batch, MapData } from '../model';
import { i32, i64, maps, texts } from './columns';

/** Attributes that OpenTelemetry has as integers; in a case everything is text. */
const INTEGERS: ReadonlySet<string> = new Set([
  'http.response.status_code',
  'http.request.resend_count',
  'rpc.grpc.status_code',
  'server.port',
]);

function attributesJson(map: MapData, row: number): string {
  let text = '[';
  for (let at = map.offsets[row]!; at < map.offsets[row + 1]!; at++) {
    const key = map.keys[at]!;
    const value = map.values[at]!;
    if (text.length > 1) text += ',';
    text += `{"key":${JSON.stringify(key)},"value":{`;
    text += INTEGERS.has(key)
      ? `"intValue":"${value}"}}`
      : `"stringValue":${JSON.stringify(value)}}}`;
  }
  return `${text}]`;
}

interface Extra {
  events: string[];
  links: string[];
}

/**
 * OTLP JSON lines as the Collector's file exporter writes them: feed the batches of a simulation in
 * their order, get text of whole lines. Resources and a span's events and links come before their spans.
 */
export class OtlpLines {
  private readonly resources = new Map<bigint, string>();
  private readonly extras = new Map<string, Extra>();

  /** `perLine`: most records of a line. */
  constructor(private readonly perLine = 300) {}

  /** '' where the batch has no line of its own. */
  add(batch: Batch): string {
    switch (batch.table) {
      case 'resources':
        this.learn(batch);
        return '';
      case 'span_events':
        this.addEvents(batch);
        return '';
      case 'span_links':
        this.addLinks(batch);
        return '';
      case 'spans':
        return this.lines(batch, i64(batch.columns[3]), 'Spans', 'spans', this.spanJson(batch));
      case 'logs':
        return this.lines(batch, i64(batch.columns[2]), 'Logs', 'logRecords', logJson(batch));
      default:
        return '';
    }
  }

  private learn({ rows, columns }: Batch): void {
    const ids = i64(columns[0]);
    const attributes = maps(columns[1]);
    for (let i = 0; i < rows; i++) this.resources.set(ids[i]!, attributesJson(attributes, i));
  }

  private extraOf(spanId: string): Extra {
    let extra = this.extras.get(spanId);
    if (!extra) this.extras.set(spanId, (extra = { events: [], links: [] }));
    return extra;
  }

  private addEvents({ rows, columns }: Batch): void {
    const [, spans, ts, names, attributes] = columns;
    for (let i = 0; i < rows; i++) {
      const json = `{"timeUnixNano":"${i64(ts)[i]}","name":${JSON.stringify(texts(names)[i])},"attributes":${attributesJson(maps(attributes), i)}}`;
      this.extraOf(texts(spans)[i]!).events.push(json);
    }
  }

  private addLinks({ rows, columns }: Batch): void {
    const [, spans, traces, linked] = columns;
    for (let i = 0; i < rows; i++) {
      const json = `{"traceId":"${texts(traces)[i]}","spanId":"${texts(linked)[i]}"}`;
      this.extraOf(texts(spans)[i]!).links.push(json);
    }
  }

  private spanJson({ columns }: Batch): (i: number) => string {
    const traces = texts(columns[0]);
    const ids = texts(columns[1]);
    const parents = texts(columns[2]);
    const names = texts(columns[4]);
    const kinds = i32(columns[5]);
    const starts = i64(columns[6]);
    const durations = i64(columns[7]);
    const statuses = i32(columns[8]);
    const messages = texts(columns[9]);
    const attributes = maps(columns[10]);
    return (i) => {
      const id = ids[i]!;
      const extra = this.extras.get(id);
      this.extras.delete(id);
      const events = extra?.events.length ? `,"events":[${extra.events.join(',')}]` : '';
      const links = extra?.links.length ? `,"links":[${extra.links.join(',')}]` : '';
      const message = messages[i] ? `"message":${JSON.stringify(messages[i])},` : '';
      const status = statuses[i] ? `{${message}"code":${statuses[i]}}` : '{}';
      const end = starts[i]! + durations[i]!;
      return `{"traceId":"${traces[i]}","spanId":"${id}","parentSpanId":"${parents[i]}","name":${JSON.stringify(names[i])},"kind":${kinds[i]},"startTimeUnixNano":"${starts[i]}","endTimeUnixNano":"${end}","attributes":${attributesJson(attributes, i)}${events}${links},"status":${status}}`;
    };
  }

  private lines(
    batch: Batch,
    resources: BigInt64Array,
    signal: string,
    field: string,
    json: (i: number) => string,
  ): string {
    let text = '';
    for (let from = 0; from < batch.rows; from += this.perLine) {
      const groups = new Map<bigint, string[]>();
      for (let i = from; i < Math.min(from + this.perLine, batch.rows); i++) {
        const id = resources[i]!;
        const group = groups.get(id);
        if (group) group.push(json(i));
        else groups.set(id, [json(i)]);
      }
      const parts = [...groups].map(
        ([id, records]) =>
          `{"resource":{"attributes":${this.resources.get(id) ?? '[]'}},"scope${signal}":[{"scope":{},"${field}":[${records.join(',')}]}]}`,
      );
      text += `{"resource${signal}":[${parts.join(',')}]}\n`;
    }
    return text;
  }
}

function logJson({ columns }: Batch): (i: number) => string {
  const ts = i64(columns[0]);
  const observed = i64(columns[1]);
  const severities = i32(columns[3]);
  const severityTexts = texts(columns[4]);
  const bodies = texts(columns[5]);
  const traces = texts(columns[6]);
  const spans = texts(columns[7]);
  const attributes = maps(columns[8]);
  return (i) =>
    `{"timeUnixNano":"${ts[i]}","observedTimeUnixNano":"${observed[i]}","severityNumber":${severities[i]},"severityText":"${severityTexts[i]}","body":{"stringValue":${JSON.stringify(bodies[i])}},"attributes":${attributesJson(attributes, i)},"traceId":"${traces[i]}","spanId":"${spans[i]}"}`;
}
