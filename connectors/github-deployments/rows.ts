import {
  asObject,
  asText,
  isJsonObject,
  redactText,
  type ChangeRow,
  type JsonObject,
} from '../../core/connect';

/** A change without its time, which is read by who says notices. */
export interface Made {
  readonly row: Omit<ChangeRow, 'ts'> & { readonly resource: Readonly<Record<string, string>> };
  readonly time: unknown;
  readonly what: string;
}

const has = (object: JsonObject, ...keys: readonly string[]): boolean =>
  keys.every((key) => key in object);

export const isDeployment = (object: JsonObject): boolean =>
  has(object, 'sha', 'ref', 'environment', 'created_at') && has(object, 'task');
export const isStatus = (object: JsonObject): boolean =>
  has(object, 'state', 'created_at') &&
  (has(object, 'deployment_url') || has(object, 'log_url', 'environment'));
export const isRelease = (object: JsonObject): boolean =>
  has(object, 'tag_name', 'target_commitish', 'draft');

/** owner/name by the repository of a webhook, else by an address of the API or of the page. */
function repositoryOf(object: JsonObject, repository: unknown): string {
  if (isJsonObject(repository) && asText(repository['full_name']) !== '') {
    return asText(repository['full_name']);
  }
  for (const key of ['repository_url', 'url', 'html_url', 'deployment_url', 'statuses_url']) {
    const m = /^https?:\/\/[^/]+\/(?:api\/v3\/)?(?:repos\/)?([\w.-]+\/[\w.-]+)(?:\/|$)/.exec(
      asText(object[key]),
    );
    if (m?.[1]) return m[1];
  }
  return '';
}

function resourceOf(repository: string, environment: string): Readonly<Record<string, string>> {
  const name = repository.slice(repository.indexOf('/') + 1);
  return present({
    service: name,
    'vcs.repository.name': name,
    'vcs.owner.name': repository.includes('/') ? repository.slice(0, repository.indexOf('/')) : '',
    'deployment.environment.name': environment,
  });
}

const loginOf = (user: unknown): string => (isJsonObject(user) ? asText(user['login']) : '');

export function deploymentRow(deployment: JsonObject, repository: unknown): Made {
  const name = repositoryOf(deployment, repository);
  const ref = asText(deployment['ref']);
  const sha = asText(deployment['sha']);
  const environment = asText(deployment['environment']);
  return {
    what: 'deployment',
    time: deployment['created_at'],
    row: {
      kind: 'deployment',
      title: titleOf('Deployment', name, ref, environment, ''),
      version: versionOf(ref, sha),
      resource: resourceOf(name, environment),
      attributes: present({
        'deployment.id': asText(deployment['id']),
        'vcs.ref.head.name': ref,
        'vcs.ref.head.revision': sha,
        'github.task': asText(deployment['task']),
        'github.description': redactText(asText(deployment['description'])),
        'github.creator': loginOf(deployment['creator']),
      }),
    },
  };
}

export function statusRow(status: JsonObject, deployment: unknown, repository: unknown): Made {
  const of = asObject(deployment);
  const name = repositoryOf(status, repository) || repositoryOf(of, undefined);
  const ref = asText(of['ref']);
  const sha = asText(of['sha']);
  const environment = asText(status['environment']) || asText(of['environment']);
  const state = asText(status['state']);
  const url = asText(status['deployment_url']);
  return {
    what: 'status',
    time: status['created_at'],
    row: {
      kind: 'deployment status',
      title: titleOf('Deployment', name, ref, environment, state),
      version: versionOf(ref, sha),
      resource: resourceOf(name, environment),
      attributes: present({
        'deployment.id': asText(of['id']) || url.slice(url.lastIndexOf('/') + 1),
        'deployment.status': STATUS[state] ?? '',
        'github.state': state,
        'vcs.ref.head.name': ref,
        'vcs.ref.head.revision': sha,
        'github.description': redactText(asText(status['description'])),
        'github.creator': loginOf(status['creator']),
        'github.log_url': asText(status['log_url']) || asText(status['target_url']),
        'github.environment_url': asText(status['environment_url']),
      }),
    },
  };
}

/** OpenTelemetry knows a deployment as failed or succeeded. */
const STATUS: Readonly<Record<string, string>> = {
  success: 'succeeded',
  failure: 'failed',
  error: 'failed',
};

export function releaseRow(release: JsonObject, repository: unknown): Made | string {
  if (release['draft'] === true) return 'the release is a draft';
  const name = repositoryOf(release, repository);
  const tag = asText(release['tag_name']);
  const title = asText(release['name']);
  return {
    what: 'release',
    time: release['published_at'] ?? release['created_at'],
    row: {
      kind: 'release',
      title: [
        'Release',
        name && `of ${name}:`,
        title !== '' && title !== tag ? `${title} (${tag})` : tag,
      ]
        .filter(Boolean)
        .join(' '),
      version: tag,
      resource: resourceOf(name, ''),
      attributes: present({
        'vcs.ref.head.name': asText(release['target_commitish']),
        'github.prerelease': release['prerelease'] === true ? 'true' : '',
        'github.creator': loginOf(release['author']),
        'github.url': asText(release['html_url']),
      }),
    },
  };
}

function titleOf(
  what: string,
  of: string,
  ref: string,
  environment: string,
  state: string,
): string {
  const parts = [what, of && `of ${of}`, ref && `at ${ref}`, environment && `to ${environment}`];
  const title = parts.filter(Boolean).join(' ');
  return state === '' ? title : `${title}: ${state}`;
}

/** A tag as it is; a branch says nothing about what was deployed, so the commit's short hash. */
function versionOf(ref: string, sha: string): string {
  return /^(?:refs\/tags\/)?v?\d+(?:\.\d+)+/.test(ref)
    ? ref.replace('refs/tags/', '')
    : sha.slice(0, 7);
}

function present(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
