import {
  asList,
  asObject,
  asText,
  RowSink,
  TimeReader,
  headJson,
  isJsonObject,
  jsonRecords,
  readRecords,
  redactText,
  type FileFormat,
  type Head,
  type JsonObject,
  type ReadChoices,
} from '../../core/connect';
import type { Attributes } from '../../core/model';

/**
 * Deployments of Argo CD: Applications as `kubectl get applications -o json` or `argocd app get -o json` print
 * them, and lists of `status.history` alone.
 * Source: argo-cd, pkg/apis/application/v1alpha1/types.go (RevisionHistory, OperationState).
 */
export const argocd: FileFormat = {
  id: 'argocd',
  title: 'Argo CD applications or their history',
  tables: ['resources', 'changes'],
  sniff,
  describe: () => ({
    signals: ['changes'],
    time: 'text',
    zone: 'stated',
    clock: 'Argo CD',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    // Parameters of a chart may hold secrets: of an application only its name is shown.
    const records = jsonRecords(source, signal, { lists: ['items', ''], shown: nameOf });
    return readRecords(records, {
      sink: reader.sink,
      signal: 'changes',
      add: ({ value }, where) => reader.record(value, where),
    });
  },
};

function nameOf({ kind, metadata, id, revision }: JsonObject): string {
  const { namespace, name } = asObject(metadata);
  return [kind, namespace, name, id, revision].map(asText).filter(Boolean).join(' ');
}

interface Application {
  readonly name: string;
  readonly resource: Attributes;
}

const UNNAMED: Application = { name: '', resource: {} };

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  record(value: JsonObject, where: string): string {
    if ('deployedAt' in value) return this.deployment(value, UNNAMED);
    if (!('status' in value) && !('spec' in value)) return 'it is not an application of Argo CD';
    const application = applicationOf(value);
    const status = asObject(value['status']);
    for (const [i, entry] of asList(status['history']).entries()) {
      const reason = isJsonObject(entry)
        ? this.deployment(entry, application)
        : 'the entry is not an object';
      const place = `${where}.status.history[${i}]`;
      if (reason !== '') this.sink.drop('changes', place, nameOf(asObject(entry)), reason);
    }
    this.failure(asObject(status['operationState']), application, where);
    if (asList(status['history']).length === 0) {
      this.sink.notices.add(
        'applications-without-history',
        'info',
        (n) => `${n} applications have no history of deployments.`,
      );
    }
    return '';
  }

  private deployment(entry: JsonObject, { name, resource }: Application): string {
    const ts = this.times.read(entry['deployedAt']);
    if (ts === undefined) return 'the entry has no deployedAt';
    const version = versionOf(entry);
    if (name !== '') this.sayService();
    this.sink.change({
      ts,
      kind: 'deployment',
      title: ['Argo CD deployed', name, version && `at ${version}`].filter(Boolean).join(' '),
      version,
      resource,
      attributes: {
        ...attributesOf(entry),
        ...present({
          'argocd.history.id': asText(entry['id']),
          'argocd.started_at': asText(entry['deployStartedAt']),
          'argocd.initiated_by': initiator(entry['initiatedBy']),
        }),
      },
    });
    return '';
  }

  /** The history has what succeeded only; a failed last operation stands beside it. */
  private failure(state: JsonObject, { name, resource }: Application, where: string): void {
    const phase = asText(state['phase']);
    if (phase !== 'Failed' && phase !== 'Error') return;
    const ts = this.times.read(state['finishedAt'] ?? state['startedAt']);
    if (ts === undefined) {
      this.sink.drop('changes', `${where}.status.operationState`, name, 'it has no finishedAt');
      return;
    }
    const result = asObject(state['syncResult']);
    const version = versionOf(result);
    this.sink.change({
      ts,
      kind: 'deployment',
      title: [
        `Argo CD ${phase === 'Error' ? 'could not deploy' : 'failed to deploy'}`,
        name,
        version && `at ${version}`,
      ]
        .filter(Boolean)
        .join(' '),
      version,
      resource,
      attributes: {
        ...attributesOf(result),
        ...present({
          'argocd.phase': phase,
          'argocd.message': redactText(asText(state['message'])),
          'argocd.initiated_by': initiator(asObject(state['operation'])['initiatedBy']),
          'deployment.status': 'failed',
        }),
      },
    });
  }

  private sayService(): void {
    this.sink.notices.add(
      'service-of-application',
      'info',
      (n) => `${n} changes were taken for changes of a service with the name of their application.`,
    );
  }
}

function applicationOf({ metadata, spec }: JsonObject): Application {
  const name = asText(asObject(metadata)['name']);
  const destination = asObject(asObject(spec)['destination']);
  return {
    name,
    resource: present({
      service: name,
      'argocd.application': name,
      'argocd.project': asText(asObject(spec)['project']),
      'k8s.namespace.name': asText(destination['namespace']),
      'k8s.cluster.name': asText(destination['name']),
    }),
  };
}

/** A commit's short hash, a chart's or tag's version as it is; of several sources each. */
function versionOf({ revision, revisions }: JsonObject): string {
  const given = asList(revisions).length > 0 ? asList(revisions).map(asText) : [asText(revision)];
  return given
    .filter(Boolean)
    .map((one) => (/^[0-9a-f]{40}$/.test(one) ? one.slice(0, 7) : one))
    .join(', ');
}

function attributesOf(entry: JsonObject): Attributes {
  const { revision, revisions, source, sources } = entry;
  const given = asList(sources).length > 0 ? asList(sources).map(asObject) : [asObject(source)];
  const all = (key: string): string =>
    given
      .map((one) => asText(one[key]))
      .filter(Boolean)
      .join(', ');
  return present({
    'vcs.ref.head.revision': asText(revision) || asList(revisions).map(asText).join(', '),
    'vcs.ref.head.name': all('targetRevision'),
    'vcs.repository.url.full': redactText(all('repoURL')),
    'argocd.path': all('path'),
    'argocd.chart': all('chart'),
  });
}

function initiator(value: unknown): string {
  const { username, automated } = asObject(value);
  return asText(username) || (automated === true ? 'automated sync' : '');
}

function present(given: Attributes): Attributes {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const top: unknown = Array.isArray(value) ? value[0] : value;
  if (!isJsonObject(top)) return NO;
  const item: unknown = asList(top['items'])[0] ?? top;
  if (!isJsonObject(item)) return NO;
  const { apiVersion, deployedAt, revision, revisions, status, spec } = item;
  if (typeof apiVersion === 'string' && apiVersion.startsWith('argoproj.io/')) {
    return item['kind'] === 'Application'
      ? { confidence: 0.97, why: 'Applications of argoproj.io.' }
      : NO;
  }
  if (typeof deployedAt === 'string' && (revision !== undefined || revisions !== undefined)) {
    return { confidence: 0.94, why: 'A history of deployments with "deployedAt" and "revision".' };
  }
  // `argocd app get -o json` leaves kind and apiVersion out.
  const isApplication =
    isJsonObject(status) && ('sync' in status || 'history' in status) && isJsonObject(spec);
  return isApplication && ('destination' in spec || 'source' in spec)
    ? { confidence: 0.92, why: 'An application with "destination", "sync" and "history".' }
    : NO;
}

const NO = { confidence: 0, why: '' };
