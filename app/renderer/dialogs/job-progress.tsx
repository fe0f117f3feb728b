import type { Job } from '../../../core/session';
import { attempt, useApp, workbench } from '../state';
import { Button, amountText } from '../ui';

export function useRunningJob(kind: Job['kind']): Job | undefined {
  return useApp((state) => state.jobs.find((job) => job.kind === kind && job.state === 'running'));
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
        {amountText(job)} <span className="faint">{job.label}</span>
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
