import { batchColumn, inSample, type Wanted } from '../../core/connect';
import { scaledAdjustedCounts, type Batch } from '../../core/model';

/** OpenTelemetry's number of the least error. */
const ERROR = 17;
const FAILED = 2;

/** Whether a record is in the sample; the same in every run. */
export const recordInSample = (
  { topic, partition, offset }: { topic: string; partition: number; offset: number },
  share: number,
): boolean => inSample(`${topic}/${partition}/${offset}`, share);

/**
 * The rows that come of records under a budget: errors all, log lines and samples of records in the sample, spans of
 * traces in it (they lie scattered over records). Alerts and changes are few, and each matters.
 */
export function wantedRows(share: number, inSampleRecords: boolean): Wanted {
  return (batch) => {
    if (share >= 1) return undefined;
    switch (batch.table) {
      case 'spans': {
        const traces = textsOf(batch, 'trace_id');
        const failed = errorsIn(batch);
        return (row) => failed(row) || inSample(traces[row] ?? '', share);
      }
      case 'logs':
        return inSampleRecords ? undefined : errorsIn(batch);
      case 'samples':
      case 'histogram_samples':
      case 'exemplars':
        return inSampleRecords ? undefined : () => false;
      default:
        return undefined;
    }
  };
}

/** Spans that were kept stand for those that were not: the failed, which came all, for none but themselves. */
export function weighed(batch: Batch, share: number): Batch {
  if (share >= 1) return batch;
  const failed = errorsIn(batch);
  return scaledAdjustedCounts(batch, (row) => (failed(row) ? 1 : 1 / share));
}

/** Which rows of spans or log lines are errors. */
export function errorsIn(batch: Batch): (row: number) => boolean {
  const of = batch.table === 'spans' ? ['status', FAILED, FAILED] : ['severity', ERROR, 24];
  const [name, least, most] = of as [string, number, number];
  const column = batchColumn(batch, name);
  if ((batch.table !== 'spans' && batch.table !== 'logs') || column?.type !== 'i32') {
    return () => false;
  }
  return (row) => (column.data[row] ?? 0) >= least && (column.data[row] ?? 0) <= most;
}

function textsOf(batch: Batch, name: string): readonly (string | null)[] {
  const column = batchColumn(batch, name);
  return column?.type === 'utf8' ? column.data : [];
}
