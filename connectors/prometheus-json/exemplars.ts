import {
  PrometheusSeries,
  RowSink,
  epochNs,
  exemplarOf,
  headJson,
  isJsonObject,
  jsonElements,
  parseGoFloat,
  readRecords,
  type FileFormat,
  type Head,
  type ReadChoices,
} from '../../core/connect';
import { AnswerFrame, firstItem, labelsOf, secondsNs } from './answer';

/** Answers of Prometheus' `/api/v1/query_exemplars`: what trace stands behind a measurement. */
export const prometheusExemplarsJson: FileFormat = {
  id: 'prometheus-exemplars-json',
  title: 'Prometheus exemplars, JSON',
  tables: ['resources', 'metric_series', 'exemplars'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 's',
    zone: 'UTC',
    clock: 'the instrumented process, or the server that scraped it',
    guessed: true,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    const { sink, frame } = reader;
    const elements = jsonElements(source, signal, {
      lists: ['data', ''],
      onRest: (rest, document) => frame.rest(rest, document),
    });
    return readRecords(elements, {
      sink,
      signal: 'samples',
      add: ({ value }, where) => reader.add(value, where),
      end: () => reader.end(),
    });
  },
};

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const list = isJsonObject(value) ? value['data'] : value;
  const { seriesLabels, exemplars } = firstItem(list);
  // A long first series may be cut before its exemplars.
  if (!isJsonObject(seriesLabels) || (exemplars !== undefined && !Array.isArray(exemplars))) {
    return { confidence: 0, why: '' };
  }
  return {
    confidence: 0.97,
    why: 'A list of "seriesLabels" with "exemplars", as Prometheus answers.',
  };
}

/** Epoch seconds end here (year 5138); beyond, a number is milliseconds, as some versions answer. */
const SECONDS_END = 100_000_000_000;

class Reader {
  readonly sink = new RowSink();
  readonly frame = new AnswerFrame(this.sink);
  private readonly series: PrometheusSeries;
  private readonly unit: ReadChoices['timeUnit'];
  private taken = 0;

  constructor(choices: ReadChoices | undefined) {
    this.series = new PrometheusSeries(this.sink, choices?.metric);
    this.unit = choices?.timeUnit;
  }

  add(value: unknown, where: string): string {
    if (!isJsonObject(value)) return 'it is not a series with seriesLabels and exemplars';
    const labels = labelsOf(value['seriesLabels']);
    const list: unknown = value['exemplars'];
    if (!labels || !Array.isArray(list))
      return 'it is not a series with seriesLabels and exemplars';
    const series = this.series.id(labels);
    for (const [i, exemplar] of list.entries()) {
      const reason = this.one(series, exemplar);
      if (reason === '') this.taken++;
      else this.sink.drop('samples', `${where}.exemplars[${i}]`, JSON.stringify(exemplar), reason);
    }
    return '';
  }

  end(): void {
    this.frame.end(this.taken);
    if (this.taken === 0) return;
    this.sink.notices.add(
      'exemplars-read',
      'info',
      (n) => `${n} exemplars were read. They stand beside samples and are not counted as such.`,
      this.taken,
    );
  }

  private one(series: bigint, exemplar: unknown): string {
    if (!isJsonObject(exemplar)) return 'the exemplar is not an object';
    const { labels, value, timestamp } = exemplar;
    const own = labelsOf(labels);
    if (!own) return 'the exemplar has no label set';
    const number = typeof value === 'number' ? value : parseGoFloat(String(value));
    if (number === undefined) return 'the exemplar has no value';
    const ts = this.time(timestamp);
    if (ts === undefined) return 'the exemplar has no time';
    this.sink.exemplar(series, ts, number, exemplarOf(Object.entries(own)));
    return '';
  }

  /** Seconds with a fraction; older versions of the API answered in milliseconds. */
  private time(value: unknown): bigint | undefined {
    if (this.unit !== undefined || typeof value !== 'number') return secondsNs(value, this.unit);
    if (Math.abs(value) < SECONDS_END) return secondsNs(value, undefined);
    this.sink.notices.add(
      'times-in-milliseconds',
      'info',
      (n) => `${n} times of exemplars were read as milliseconds by their magnitude.`,
    );
    return epochNs(value, 'ms');
  }
}
