import {
  RowSink,
  TimeReader,
  headJson,
  headJsonLines,
  isJsonObject,
  jsonRecords,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
  type ReadChoices,
} from '../../core/connect';
import {
  deploymentRow,
  isDeployment,
  isRelease,
  isStatus,
  releaseRow,
  statusRow,
  type Made,
} from './rows';

/**
 * What GitHub's REST API answers for deployments, deployment statuses and releases (lists or single ones), and
 * kept bodies of its webhooks `deployment`, `deployment_status` and `release`, one a line.
 * Source: docs.github.com/rest/deployments, docs.github.com/rest/releases, docs.github.com/webhooks.
 */
export const githubDeployments: FileFormat = {
  id: 'github-deployments',
  title: 'GitHub deployments, statuses or releases',
  tables: ['resources', 'changes'],
  sniff,
  describe: () => ({
    signals: ['changes'],
    time: 'text',
    zone: 'stated',
    clock: 'GitHub',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(jsonRecords(source, signal, { lists: [''] }), {
      sink: reader.sink,
      signal: 'changes',
      add: ({ value }) => reader.record(value),
    });
  },
};

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  record(value: JsonObject): string {
    const made = this.made(value);
    if (typeof made === 'string') return made;
    const ts = this.times.read(made.time);
    if (ts === undefined) return `the ${made.what} has no time`;
    const { service } = made.row.resource;
    if (service !== undefined) {
      this.sink.notices.add(
        'service-of-repository',
        'info',
        (n) =>
          `${n} changes were taken for changes of a service with the name of their repository.`,
      );
    }
    this.sink.change({ ...made.row, ts });
    return '';
  }

  private made(value: JsonObject): Made | string {
    const { deployment, deployment_status: status, release, repository, action } = value;
    if (isJsonObject(status)) return statusRow(status, deployment, repository);
    if (isJsonObject(deployment)) return deploymentRow(deployment, repository);
    if (isJsonObject(release)) {
      // GitHub sends a webhook for each of created, published, released and edited.
      if (typeof action === 'string' && action !== 'published') {
        return `the release was ${action}; only "published" is a change`;
      }
      return releaseRow(release, repository);
    }
    if (isStatus(value)) return statusRow(value, undefined, repository);
    if (isDeployment(value)) return deploymentRow(value, repository);
    if (isRelease(value)) return releaseRow(value, repository);
    return 'it is neither a deployment nor a status nor a release';
  }
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const objects = isJsonObject(first) ? [first, ...headJsonLines(head)] : headJsonLines(head);
  for (const object of objects.slice(0, 5)) {
    const { deployment, deployment_status: status, release } = object;
    const hook = [status, deployment, release].find(isJsonObject);
    if (
      [object, hook].some((one) => one && (isStatus(one) || isDeployment(one) || isRelease(one)))
    ) {
      return { confidence: 0.96, why: 'Deployments, statuses or releases as GitHub answers them.' };
    }
  }
  return NO;
}

const NO = { confidence: 0, why: '' };
