import type { Job } from '../../../core/session';
import { attempt, useApp, workbench } from '../state';
import { Button, formatBytes, plural } from '../ui';

export function useRunningJob(kind: Job['kind']): Job | undefined {
  return useApp((state) => state.jobs.find((job) => job.kind === kind && job.state === 'running'));
}

/** "34 MB of 210 MB", "12 000 rows", "3 of 40 queries". */
export function amountText({ kind, done, total, unit }: Job): string {
  if (unit === 'bytes') {
    return total === null ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`;
  }
  // With a total, a pull counts its queries; its unit is that of what comes in.
  const word =
    kind === 'pull' && total !== null ? 'query' : unit === '' ? 'step' : unit.replace(/s$/, '');
  const many = word === 'query' ? 'queries' : `${word}s`;
  return total === null ? plural(done, word, many) : `${done} of ${plural(total, word, many)}`;
}

/** Progress of a running job with its count, what it is at, and cancel. */
export function JobProgress({
  job,
  cancel = 'Cancel',
}: {
  readonly job: Job;
  readonly cancel?: string;
}) {
  const share = job.total === null || job.total === 0 ? undefined : job.done / job.total;
  return (
    <div className="job-progress">
      <progress aria-label={job.title} value={share} max={1} />
      <span className="num cut grow" title={job.label}>
        {job.done > 0 && `${amountText(job)} `}
        <span className="faint">{job.label}</span>
      </span>
      <Button
        onClick={() =>
          attempt('The job could not be cancelled', () => workbench().cancelJob(job.id))
        }
      >
        {cancel}
      </Button>
    </div>
  );
}
