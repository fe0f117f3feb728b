import { alertsBench } from './alerts.bench';
import { caseBench } from './case.bench';
import { connectorsBench } from './connectors.bench';
import { formatsBench } from './formats.bench';
import { largeBench } from './large.bench';
import { liveBench } from './live.bench';
import { logsBench } from './logs.bench';
import { parseBench } from './parse.bench';
import { readersBench } from './readers.bench';
import { scaleBench } from './scale.bench';
import { searchBench } from './search.bench';
import { seriesBench } from './series.bench';
import { uiBench } from './ui.bench';

/** One row of a table: columns by name. Numbers are printed with three digits, units stand in the name. */
export type BenchRow = Readonly<Record<string, string | number | null>>;

export interface BenchOptions {
  /** Also what takes minutes. */
  readonly full: boolean;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  run(options: BenchOptions): Promise<readonly BenchRow[]>;
}

/** What `npm run bench` runs, in this order; a new bench is a file `NAME.bench.ts` and a line here. */
export const benches: readonly Bench[] = [
  {
    name: 'parse',
    about: 'bytes to columns through the import kit, best of five',
    run: async () => (await parseBench()).map((rate) => ({ ...rate })),
  },
  {
    name: 'formats',
    about:
      'every file format: its sample, enlarged by copies, beside the least that any reader of such text pays; best of three',
    run: async () => (await formatsBench()).map((rate) => ({ ...rate })),
  },
  {
    name: 'readers',
    about:
      'our readers beside JSON.parse, protobufjs, hyparquet and native DuckDB (one thread) on the same files; best of three processes',
    run: async () => (await readersBench()).map((row) => ({ ...row })),
  },
  {
    name: 'large',
    about:
      'files of 64 MiB (with --full also of 2 GiB) imported by the command line: peak memory of the process should stay below 1 GB',
    run: largeBench,
  },
  {
    name: 'case',
    about: 'files to a stored, analysed case on the native engine: about 100,000 spans',
    run: async () => (await caseBench()).map((step) => ({ ...step })),
  },
  {
    name: 'logs',
    about:
      'templates and anomalies of log lines, by number of lines, beside masking by expressions',
    run: () => Promise.resolve(logsBench().map((step) => ({ ...step }))),
  },
  {
    name: 'series',
    about: 'anomalies, change points and clusters of series, by length, best of three',
    run: () => Promise.resolve(seriesBench().map((step) => ({ ...step }))),
  },
  {
    name: 'alerts',
    about:
      'grouping of alerts of four systems at once, by their number, best of five; below 200 ms for 38,000',
    run: () => Promise.resolve(alertsBench().map((step) => ({ ...step }))),
  },
  {
    name: 'scale',
    about:
      'one analysis by number of rows, both engines: 10,000 and 100,000 spans; with --full 1,000,000 spans, as many log lines and 10,000,000 samples',
    run: scaleBench,
  },
  {
    name: 'live',
    about:
      'one more minute of a case that receives, beside an analysis from scratch of the same rows; with --full up to 200 minutes',
    run: async (options) => (await liveBench(options)).map((step) => ({ ...step })),
  },
  {
    name: 'connectors',
    about:
      'the same incident pulled from each real backend of this machine, beside the time the servers took and JSON.parse of the same answers',
    run: ({ full }) => connectorsBench(full),
  },
  {
    name: 'search',
    about:
      'log documents pulled from Elasticsearch and OpenSearch on this machine, by slices and pages: 30,000, with --full 500,000',
    run: ({ full }) => searchBench(full),
  },
  {
    name: 'ui',
    about:
      'the workbench in Chromium on a case of about 100,000 spans, against what it should stay below',
    run: async () => (await uiBench()).map((figure) => ({ ...figure })),
  },
];
