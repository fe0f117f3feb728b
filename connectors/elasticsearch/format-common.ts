import type { Described } from '../../core/connect';
import type { TelemetryTable } from '../../core/model';

/** What documents of a cluster can be. */
export const DOCUMENT_TABLES: readonly TelemetryTable[] = [
  'resources',
  'logs',
  'spans',
  'span_events',
  'span_links',
  'metric_series',
  'samples',
];

export const describeDocuments = (): Described => ({
  signals: ['logs', 'spans', 'samples'],
  time: 'text',
  zone: 'UTC',
  clock: 'whoever wrote the documents',
  guessed: false,
});
