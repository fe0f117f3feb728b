import {
  PrometheusSeries,
  RowSink,
  epochNs,
  headObject,
  isJsonObject,
  parseGoFloat,
  readRecords,
  textLines,
  type FileFormat,
  type Head,
  type JsonObject,
  type TimeUnit,
} from '../../core/connect';

/**
 * What VictoriaMetrics' `/api/v1/export` answers: a line for each series with `metric`, `values` and
 * `timestamps` in milliseconds (docs.victoriametrics.com, "How to export data in JSON line format").
 */
export const victoriaMetricsExport: FileFormat = {
  id: 'victoriametrics-export',
  title: 'VictoriaMetrics export, JSON lines',
  tables: ['resources', 'metric_series', 'samples'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 'ms',
    zone: 'UTC',
    clock: 'the agent that scraped',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices?.timeUnit ?? 'ms', choices?.metric);
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'samples',
      add: (line, where) => reader.add(line, where),
    });
  },
};

function sniff(head: Head): { confidence: number; why: string } {
  const { metric, values, timestamps } = headObject(head);
  const numbers = (list: unknown): boolean => Array.isArray(list) && !Array.isArray(list[0]);
  if (!isJsonObject(metric) || !numbers(values)) return { confidence: 0, why: '' };
  const why = 'JSON lines with "metric", "values" and "timestamps", as VictoriaMetrics exports.';
  if (numbers(timestamps)) return { confidence: 0.97, why };
  // The first line is longer than the head, or begins with an infinite value, which is no JSON.
  const cut = timestamps === undefined && typeof metric['__name__'] === 'string';
  return cut ? { confidence: 0.85, why } : { confidence: 0, why: '' };
}

class Reader {
  readonly sink = new RowSink();
  private readonly series: PrometheusSeries;

  constructor(
    private readonly unit: TimeUnit,
    nameless: string | undefined,
  ) {
    this.series = new PrometheusSeries(this.sink, nameless);
  }

  add(line: string, where: string): string {
    const value = parsedLine(line);
    if (!value) return 'the line is not a JSON object';
    const { metric, values, timestamps } = value;
    if (!isJsonObject(metric) || !Array.isArray(values) || !Array.isArray(timestamps)) {
      return 'it has not all of metric, values and timestamps';
    }
    const labels: Record<string, string> = {};
    for (const [name, text] of Object.entries(metric)) {
      if (typeof text !== 'string') return 'its metric is not a set of labels';
      labels[name] = text;
    }
    if (values.length + timestamps.length === 0) return 'the series has no values';
    const id = this.series.id(labels);
    const points = Math.max(values.length, timestamps.length);
    for (let i = 0; i < points; i++) {
      const reason = this.point(id, timestamps[i], values[i]);
      if (reason === '') continue;
      const text = JSON.stringify([timestamps[i], values[i]]);
      const at = epochNs(timestamps[i], 'ms');
      const place = { at, service: labels['service'] ?? labels['job'] };
      this.sink.drop('samples', `${where}, point ${i + 1}`, text, reason, place);
    }
    return '';
  }

  private point(id: bigint, time: unknown, value: unknown): string {
    if (time === undefined) return 'the value has no time';
    if (value === undefined) return 'the time has no value';
    const ts = epochNs(time, this.unit);
    if (ts === undefined) return 'the time can not be read';
    const number = numberOf(value);
    if (number === undefined) return 'the value is not a number';
    this.sink.sample(id, ts, number);
    return '';
  }
}

/** NaN is exported as null, what is infinite as a text by newer versions. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === null) return Number.NaN;
  return typeof value === 'string' ? parseGoFloat(value) : undefined;
}

/** Versions up to 1.79 at least write +Inf, -Inf and NaN bare, which is no JSON. */
function parsedLine(line: string): JsonObject | undefined {
  const value = parsed(line) ?? parsed(quotedWords(line));
  return isJsonObject(value) ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function quotedWords(line: string): string {
  const from = line.lastIndexOf('"values":[');
  const to = from < 0 ? -1 : line.indexOf(']', from);
  if (to < 0) return line;
  const words = line.slice(from, to).replace(/([[,]\s*)([+-]?Inf(?:inity)?|NaN)/g, '$1"$2"');
  return line.slice(0, from) + words + line.slice(to);
}
