import {
  PrometheusSeries,
  RowSink,
  headJson,
  isJsonObject,
  jsonElements,
  parseGoFloat,
  readRecords,
  type FileFormat,
  type Head,
  type JsonElement,
  type JsonObject,
  type NativePoint,
  type ReadChoices,
} from '../../core/connect';
import { AnswerFrame, firstItem, labelsOf, secondsNs } from './answer';

/**
 * Answers of Prometheus' `/api/v1/query` and `/api/v1/query_range` (also of Thanos, Mimir, VictoriaMetrics and
 * Loki's metric queries), and the bare list that `promtool query … -o json` prints.
 */
export const prometheusQueryJson: FileFormat = {
  id: 'prometheus-query-json',
  title: 'Prometheus query answer, JSON',
  tables: ['resources', 'metric_series', 'samples', 'histogram_samples'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 's',
    zone: 'UTC',
    clock: 'the server that scraped, or the steps of the query',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    const { sink, frame } = reader;
    const elements = jsonElements(source, signal, {
      lists: ['data.result', 'data', ''],
      onRest: (rest, document) => frame.rest(rest, document),
    });
    return readRecords(elements, {
      sink,
      signal: 'samples',
      add: (element, where) => reader.add(element, where),
      end: () => reader.end(),
    });
  },
};

const NO = { confidence: 0, why: '' };
const TYPES: readonly unknown[] = ['matrix', 'vector', 'scalar', 'string'];

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  if (Array.isArray(value)) {
    const why = 'A JSON list of series with "metric" and "values", as promtool prints.';
    return isSeries(firstItem(value)) ? { confidence: 0.9, why } : NO;
  }
  if (!isJsonObject(value)) return NO;
  const { status, data, errorType, error } = value;
  if (status === 'error' && typeof errorType === 'string' && typeof error === 'string') {
    return {
      confidence: 0.9,
      why: 'An error answer of Prometheus: "status", "errorType", "error".',
    };
  }
  if (status !== 'success') return NO;
  if (isJsonObject(data) && TYPES.includes(data['resultType'])) {
    const type = String(data['resultType']);
    return { confidence: 0.97, why: `An answer of Prometheus with "resultType": "${type}".` };
  }
  if (isJsonObject(data) && isSeries(firstItem(data['result']))) {
    return { confidence: 0.95, why: 'An answer of Prometheus with "metric" and "values".' };
  }
  const labels = labelsOf(firstItem(data));
  return labels?.['__name__'] === undefined
    ? NO
    : { confidence: 0.9, why: 'An answer of Prometheus that lists series by their labels.' };
}

function isSeries({ metric, values, value, histogram, histograms }: JsonObject): boolean {
  if (!isJsonObject(metric)) return false;
  const pair: unknown = Array.isArray(values) ? values[0] : (value ?? histogram);
  return Array.isArray(pair) ? typeof pair[0] === 'number' : Array.isArray(histograms);
}

class Reader {
  readonly sink = new RowSink();
  readonly frame = new AnswerFrame(this.sink);
  private readonly series: PrometheusSeries;
  private readonly unit: ReadChoices['timeUnit'];
  private taken = 0;
  /** The time of a scalar, whose value is the next element. */
  private scalarTime: unknown;

  constructor(choices: ReadChoices | undefined) {
    this.series = new PrometheusSeries(this.sink, choices?.metric);
    this.unit = choices?.timeUnit;
  }

  add({ path, index, value }: JsonElement, where: string): string {
    if (path === 'data') return this.listed();
    if (path === 'data.result' && !isJsonObject(value)) return this.scalar(index, value);
    if (!isJsonObject(value)) return 'it is not a series with metric and values';
    return this.one(value, where);
  }

  end(): void {
    this.frame.end(this.taken);
  }

  /** One series; points that can't be read are dropped one by one. */
  private one(value: JsonObject, where: string): string {
    const labels = labelsOf(value['metric']);
    if (!labels) return 'its metric is not a set of labels';
    const points = listOf(value, 'values', 'value');
    const histograms = listOf(value, 'histograms', 'histogram');
    if (points.length + histograms.length === 0) return 'the series has no values';
    if (points.length > 0) this.points(this.series.id(labels), points, where);
    if (histograms.length > 0) this.histograms(this.series.id(labels, true), histograms, where);
    return '';
  }

  private points(series: bigint, points: readonly unknown[], where: string): void {
    for (const [i, point] of points.entries()) {
      const [time, word] = Array.isArray(point) ? (point as readonly unknown[]) : [];
      const ts = secondsNs(time, this.unit);
      const value = typeof word === 'string' ? parseGoFloat(word) : undefined;
      if (ts === undefined || value === undefined) {
        const reason = ts === undefined ? 'the time can not be read' : 'the value is not a number';
        const text = JSON.stringify(point);
        this.sink.drop('samples', `${where}.values[${i}]`, text, reason, { at: ts });
      } else {
        this.sink.sample(series, ts, value);
        this.taken++;
      }
    }
  }

  private histograms(series: bigint, points: readonly unknown[], where: string): void {
    for (const [i, point] of points.entries()) {
      const [time, shape] = Array.isArray(point) ? (point as readonly unknown[]) : [];
      const ts = secondsNs(time, this.unit);
      const native = nativeOf(shape);
      const reason =
        ts === undefined
          ? 'the time can not be read'
          : native
            ? this.series.native(series, ts, native)
            : 'the histogram has no count, sum or buckets that can be read';
      if (reason === '') this.taken++;
      else {
        const text = JSON.stringify(point);
        this.sink.drop('samples', `${where}.histograms[${i}]`, text, reason, { at: ts });
      }
    }
  }

  /** `[time, "value"]` stands in place of the list; a text in place of the value is no sample. */
  private scalar(index: number, value: unknown): string {
    if (index % 2 === 0) {
      this.scalarTime = value;
      return '';
    }
    const ts = secondsNs(this.scalarTime, this.unit);
    const number = typeof value === 'string' ? parseGoFloat(value) : undefined;
    if (ts === undefined) return 'the time can not be read';
    if (number === undefined) return 'the value is not a number';
    this.sink.sample(this.series.id({}), ts, number);
    this.taken++;
    return '';
  }

  private listed(): string {
    this.taken++;
    this.sink.notices.add(
      'series-without-samples',
      'warning',
      (n) =>
        `${n} series are listed without samples, as /api/v1/series answers. Save what /api/v1/query_range answers.`,
    );
    return 'a series is listed without samples';
  }
}

function listOf(value: JsonObject, many: string, one: string): readonly unknown[] {
  const list = value[many];
  if (Array.isArray(list)) return list as readonly unknown[];
  return value[one] === undefined ? [] : [value[one]];
}

/** `{count, sum, buckets: [[boundary rule, lower, upper, count], …]}`, all but the rule as texts. */
function nativeOf(shape: unknown): NativePoint | undefined {
  if (!isJsonObject(shape)) return undefined;
  const number = (word: unknown): number | undefined =>
    typeof word === 'string' ? parseGoFloat(word) : undefined;
  const count = number(shape['count']);
  const sum = number(shape['sum']);
  const list = shape['buckets'] ?? [];
  if (count === undefined || sum === undefined || !Array.isArray(list)) return undefined;
  const buckets: (readonly [number, number, number])[] = [];
  for (const bucket of list as readonly unknown[]) {
    const [, lower, upper, n] = Array.isArray(bucket) ? bucket.map(number) : [];
    if (lower === undefined || upper === undefined || n === undefined) return undefined;
    buckets.push([lower, upper, n]);
  }
  return { count, sum, buckets };
}
