import { throwIfAborted } from '../../base';
import { anomalies } from '../../analysis';
import {
  addCounts,
  eventCounts,
  eventF1,
  falseAlertsPer5000,
  segmentsOf,
  type LabelledSeries,
} from '../event-score';
import type { Task } from '../task';
import { cellNumber, csvRows, seriesFiles, seriesScore, timed, type Scored } from './series';

const HEADING = /^"?timestamp"?,"?value"?,"?label"?\s*$/i;

/** Series whose rows are marked as anomalous or not: the batch detector, events scored. */
export const msCloudTask: Task = {
  id: 'ms-cloud-monitoring',
  async recognise(folder) {
    if (!(await folder.has('data')) || (await folder.has('labels'))) return false;
    const [first] = await seriesFiles(folder, 'data', undefined);
    if (first === undefined) return false;
    return HEADING.test((await folder.text(`data/${first}`)).split('\n', 1)[0] ?? '');
  },
  async run(folder, { only, signal, now }) {
    const scored: Scored<LabelledSeries>[] = [];
    for (const id of await seriesFiles(folder, 'data', only)) {
      throwIfAborted(signal);
      const rows = csvRows(await folder.text(`data/${id}`));
      const values = rows.map(([, value]) => cellNumber(value));
      const [{ rows: detections }, seconds] = timed(now, () => anomalies(values));
      const segments = segmentsOf(rows.map(([, , label]) => Number(label)));
      const part = { length: values.length, detections, segments };
      scored.push({ id, part, seconds, found: detections, truth: `${segments.length} segments` });
    }
    const counts = (parts: readonly LabelledSeries[]) => addCounts(parts.map(eventCounts));
    const metrics = {
      eventF1: (parts: readonly LabelledSeries[]) => eventF1(counts(parts)),
      falseAlertsPer5000: (parts: readonly LabelledSeries[]) => falseAlertsPer5000(counts(parts)),
    };
    const parts = scored.map(({ part }) => part);
    const nulls = {
      nothing: metrics.eventF1(parts.map((part) => ({ ...part, detections: [] }))),
      always: metrics.eventF1(
        parts.map((part) => ({
          ...part,
          detections: Array.from({ length: part.length }, (_, i) => i),
        })),
      ),
    };
    const { found, missed, falseAlerts } = counts(parts);
    const note = `${found} of ${found + missed} segments found, ${falseAlerts} false alerts.`;
    return seriesScore(folder.name, 'ms-cloud-monitoring', scored, metrics, nulls, [note]);
  },
};
