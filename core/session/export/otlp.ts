import {
  adjustedCount,
  adjustedState,
  type Attributes,
  type Notice,
  type Signal,
} from '../../model';
import type { CaseStore } from '../../store';
import {
  attributesOf,
  leftOut,
  pages,
  readResources,
  text,
  type CaseExporter,
  type ExportOptions,
  type ExportTarget,
  type Page,
} from './exporter';
import { MetricLines, METRICS } from './otlp-metrics';
import { keyValues, grouped, type Grouped } from './otlp-json';
import { SpanExtras } from './otlp-extras';

/** Records of a line, as a batch of an exporter has them. */
const PER_LINE = 512;

const NOT_OTLP = ['exemplars', 'alerts', 'changes', 'stated_relations', 'definitions'] as const;

const SPANS = `SELECT start AS ts, source_id, row_no, resource_id, trace_id, span_id, parent_span_id, name, kind,
  duration, status, status_message, attributes, adjusted_count FROM spans`;
const LOGS = `SELECT ts, source_id, row_no, resource_id, observed_ts, severity, severity_text, body, trace_id, span_id,
  attributes FROM logs`;

/**
 * Spans, logs and metrics as the Collector's file exporter writes them: OTLP JSON lines, a file a signal
 * (opentelemetry.io/docs/specs/otel/protocol/file-exporter). Attributes are texts, as the case has them.
 */
export const otlpExport: CaseExporter = {
  id: 'otlp',
  title: 'OpenTelemetry, OTLP JSON lines',
  makes: 'folder',
  async write(store, target, options) {
    const work = new OtlpWriter(store, target, options, await readResources(store, options.signal));
    await work.spans();
    await work.logs();
    const notices = await work.metrics();
    return {
      rows: work.rows,
      files: work.files,
      notices: [...notices, ...(await leftOut(store, NOT_OTLP, 'OTLP'))],
    };
  },
};

class OtlpWriter {
  readonly rows: Partial<Record<Signal, number>> = {};
  files = 0;

  constructor(
    private readonly store: CaseStore,
    private readonly target: ExportTarget,
    private readonly options: ExportOptions,
    private readonly resources: ReadonlyMap<string, Attributes>,
  ) {}

  async spans(): Promise<void> {
    const times = 'SELECT start AS ts FROM spans';
    await this.file('traces.jsonl', 'spans', SPANS, times, async (page) => {
      const extras = await SpanExtras.of(this.store, page, this.options.signal);
      return this.lines(page, 'Spans', (row) => spanOf(page, row, extras));
    });
  }

  async logs(): Promise<void> {
    await this.file('logs.jsonl', 'logs', LOGS, 'SELECT ts FROM logs', async (page) =>
      this.lines(page, 'Logs', (row) => logOf(page, row)),
    );
  }

  async metrics(): Promise<readonly Notice[]> {
    const made = await MetricLines.of(this.store, this.resources, this.options.signal);
    for (const { name, select, times } of METRICS) {
      await this.file(name, 'samples', select, times, async (page) =>
        slices(page).map(([from, to]) => made.line(page, from, to)),
      );
    }
    return made.notices();
  }

  /** A file of a signal, where there are rows of it. */
  private async file(
    name: string,
    signal: Signal,
    select: string,
    times: string,
    linesOf: (page: Page) => Promise<readonly string[]>,
  ): Promise<void> {
    const encoder = new TextEncoder();
    const order = { select, times, ties: ['source_id', 'row_no'] };
    let file: Awaited<ReturnType<ExportTarget['open']>> | undefined;
    for await (const page of pages(this.store, order, this.options)) {
      file ??= await this.target.open(name);
      const lines = await linesOf(page);
      await file.write(encoder.encode(`${lines.join('\n')}\n`));
      this.rows[signal] = (this.rows[signal] ?? 0) + page.rows;
      this.options.onRows?.(Object.values(this.rows).reduce((sum, rows) => sum + rows, 0));
    }
    if (!file) return;
    this.files++;
    await file.close();
  }

  private lines(
    page: Page,
    what: 'Spans' | 'Logs',
    recordOf: (row: number) => object,
  ): readonly string[] {
    const list = what === 'Spans' ? 'spans' : 'logRecords';
    return slices(page).map(([from, to]) => {
      const groups: Grouped<object> = new Map();
      for (let row = from; row < to; row++) {
        grouped(groups, text(page.col['resource_id']?.[row])).push(recordOf(row));
      }
      const all = [...groups].map(([id, records]) => ({
        resource: { attributes: keyValues(this.resources.get(id) ?? {}) },
        [`scope${what}`]: [{ scope: {}, [list]: records }],
      }));
      return JSON.stringify({ [`resource${what}`]: all });
    });
  }
}

function slices({ rows }: Page): readonly (readonly [number, number])[] {
  const count = Math.ceil(rows / PER_LINE);
  return Array.from({ length: count }, (_, i) => [
    i * PER_LINE,
    Math.min(rows, (i + 1) * PER_LINE),
  ]);
}

function spanOf({ col }: Page, row: number, extras: SpanExtras): object {
  const cell = (name: string): string => text(col[name]?.[row]);
  const [start, status, message] = [cell('ts'), Number(cell('status')), cell('status_message')];
  const parent = cell('parent_span_id');
  const attributes = attributesOf(col['attributes']?.[row]);
  return {
    traceId: cell('trace_id'),
    spanId: cell('span_id'),
    ...(parent !== '' && { parentSpanId: parent }),
    name: cell('name'),
    kind: Number(cell('kind')),
    startTimeUnixNano: start,
    endTimeUnixNano: String(BigInt(start) + BigInt(cell('duration'))),
    ...sampledAs(attributes, cell('adjusted_count')),
    ...extras.take(cell('trace_id'), cell('span_id')),
    status: { ...(status !== 0 && { code: status }), ...(message !== '' && { message }) },
  };
}

const STATE = 'otel.trace_state';

/**
 * The attributes, and how the span was sampled. Where only the case knows that, as of a pull within a budget, the
 * trace state says it.
 */
function sampledAs(attributes: Attributes, stored: string): object {
  const count = Number(stored);
  const said = adjustedCount(attributes) ?? 1;
  if (stored === '' || Math.abs(count - said) <= said * 1e-9) {
    return { attributes: keyValues(attributes) };
  }
  const { [STATE]: state = '', ...others } = attributes;
  const vendors = state.split(',').filter((one) => one.trim() !== '' && !/^\s*ot=/.test(one));
  return {
    traceState: [adjustedState(count), ...vendors].join(','),
    attributes: keyValues(others),
  };
}

function logOf({ col }: Page, row: number): object {
  const cell = (name: string): string => text(col[name]?.[row]);
  const [observed, severity] = [cell('observed_ts'), Number(cell('severity'))];
  const [severityText, traceId, spanId] = [
    cell('severity_text'),
    cell('trace_id'),
    cell('span_id'),
  ];
  return {
    timeUnixNano: cell('ts'),
    ...(observed !== '' && { observedTimeUnixNano: observed }),
    ...(severity !== 0 && { severityNumber: severity }),
    ...(severityText !== '' && { severityText }),
    body: { stringValue: cell('body') },
    attributes: keyValues(attributesOf(col['attributes']?.[row])),
    ...(traceId !== '' && { traceId }),
    ...(spanId !== '' && { spanId }),
  };
}
