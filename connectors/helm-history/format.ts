import {
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

/**
 * Releases as `helm history -o json` (revisions of one release, which it does not name) and `helm list -o json`
 * (the last revision of each) print them. Source: helm, cmd/helm/history.go and list.go.
 */
export const helmHistory: FileFormat = {
  id: 'helm-history',
  title: 'Helm history or list of releases',
  tables: ['resources', 'changes'],
  sniff,
  describe: () => ({
    signals: ['changes'],
    time: 'text',
    zone: 'stated',
    clock: 'the machine on which helm ran',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(jsonRecords(source, signal, { lists: ['', 'Releases'] }), {
      sink: reader.sink,
      signal: 'changes',
      add: ({ value }) => reader.release(value),
    });
  },
};

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  release(value: JsonObject): string {
    const ts = this.times.read(value['updated']);
    if (ts === undefined) return 'the release has no time (updated)';
    const chart = asText(value['chart']);
    if (chart === '') return 'the release has no chart';
    const { name: chartName, version: chartVersion } = chartOf(chart);
    const name = asText(value['name']);
    const description = redactText(asText(value['description']));
    const status = asText(value['status']);
    this.sayService(name === '');
    const service = name || chartName;
    const app = asText(value['app_version']);
    const kind = /^rollback\b/i.test(description) ? 'rollback' : 'deployment';
    this.sink.change({
      ts,
      kind,
      title: [
        `Helm ${kind === 'rollback' ? 'rolled back' : 'deployed'} ${service}`,
        app !== '' && app !== chartVersion ? `${app} (chart ${chartVersion})` : chartVersion,
        status === 'failed' ? '– failed' : '',
      ]
        .filter(Boolean)
        .join(' '),
      version: app || chartVersion,
      resource: present({
        service,
        'k8s.namespace.name': asText(value['namespace']),
      }),
      attributes: present({
        'helm.release': name,
        'helm.revision': asText(value['revision']),
        'helm.status': status,
        'helm.chart': chart,
        'helm.app_version': app,
        'helm.description': description,
        'deployment.status': status === 'failed' ? 'failed' : '',
      }),
    });
    return '';
  }

  private sayService(unnamed: boolean): void {
    if (unnamed) {
      this.sink.notices.add(
        'service-of-chart',
        'info',
        (n) =>
          `${n} revisions do not name their release; they were taken for changes of a service with the name of the chart.`,
      );
      return;
    }
    this.sink.notices.add(
      'last-revision-only',
      'info',
      (n) =>
        `${n} releases stand with their last revision only; helm history has the earlier ones.`,
    );
  }
}

/** `checkout-1.4.2`: a chart's name may have dashes, its version begins with a digit (semantic versioning). */
function chartOf(chart: string): { readonly name: string; readonly version: string } {
  const m = /^(.+?)-(v?\d+\.\d+.*)$/.exec(chart);
  return { name: m?.[1] ?? chart, version: m?.[2] ?? '' };
}

function present(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const releases: unknown = isJsonObject(value) ? value['Releases'] : value;
  const first: unknown = Array.isArray(releases) ? releases[0] : undefined;
  if (!isJsonObject(first)) return NO;
  const fits = ['revision', 'updated', 'status', 'chart'].every((key) => key in first);
  return fits
    ? {
        confidence: 0.96,
        why: 'A list with "revision", "updated", "status" and "chart", as Helm prints.',
      }
    : NO;
}

const NO = { confidence: 0, why: '' };
