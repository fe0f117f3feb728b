import { FaultlineError, asFaultlineError, type TimeWindow } from '../base';
import {
  isTimeless,
  readLink,
  type Catalog,
  type Connector,
  type ConnectorFactory,
  type Preview,
  type PreviewRequest,
  type Probe,
  type PullLink,
  type Upstream,
} from '../connect';
import { endpointOf, type Connection } from '../host';
import type { Notice } from '../model';
import type { CaseFacts, SourceInfo } from '../store';
import type { Analysing } from './analysing';
import type { ConnectorInfo, PullOptions } from './api';
import type { Desk } from './desk';
import { dataSourcesOf, type DataSource } from './data-sources';
import { hostUpstream } from './host-files';
import type { JobHandle } from './jobs';
import { linksTo, type CaseRow, type RowLink } from './links';
import type { OpenCase } from './open-case';
import type { Opening } from './opening';
import { sleep } from './sleep';
import { runPull, targetOf, type PullRunOptions, type PullTarget } from './pull';

/** Connections to backends: what is there, and pulls of it into the open case. */
export class Pulling {
  /** The job of the preview that runs. */
  private previewing = '';

  constructor(
    private readonly desk: Desk,
    private readonly analysing: Analysing,
    private readonly opening: Opening,
  ) {}

  connectors(): Promise<readonly ConnectorInfo[]> {
    return Promise.resolve(
      this.desk.env.connectors.map(
        ({ id, title, signals, exampleUrl, fields, grafanaTypes, previewBy }) => ({
          id,
          title,
          signals,
          exampleUrl,
          fields,
          throughGrafana: grafanaTypes !== undefined,
          previewBy: previewBy ?? [],
        }),
      ),
    );
  }

  /** With `own` settings in place of the connection's. */
  async connect(
    connectionId: string,
    way: (upstream: Upstream) => Upstream = (upstream) => upstream,
    own?: (kept: Connection['config']) => Connection['config'],
  ): Promise<{ connector: Connector; target: PullTarget; connection: Connection }> {
    const { host, connectors, now } = this.desk.env;
    const connection = (await host.connections()).find((c) => c.id === connectionId);
    const factory = connectors.find((c) => c.id === connection?.connector);
    if (!connection || !factory) {
      throw new FaultlineError('not-found', 'This connection is not configured any more.');
    }
    const config = configOf(factory, own ? own(connection.config) : connection.config);
    const connector = factory.open(config, {
      upstream: way(hostUpstream(host, connectionId)),
      now,
      sleep,
    });
    const { name } = connection;
    const endpoint = endpointOf(connection);
    const target = { connector: factory.id, name, endpoint, config, windows: [], budget: 0 };
    return { connector, target, connection };
  }

  async dataSources(connectionId: string): Promise<readonly DataSource[]> {
    const { host, connectors, now } = this.desk.env;
    const env = { upstream: impatient(hostUpstream(host, connectionId)), now, sleep };
    return dataSourcesOf(env, connectors, AbortSignal.timeout(20_000));
  }

  readLink(text: string): Promise<PullLink | null> {
    return Promise.resolve(readLink(text, this.desk.env.connectors) ?? null);
  }

  linksTo(row: CaseRow): Promise<readonly RowLink[]> {
    return linksTo(this.desk.case().store, this.desk.env.connectors, row);
  }

  async probe(connectionId: string): Promise<Probe> {
    const { connector, connection } = await this.connect(connectionId, impatient);
    const probe = await connector.probe(AbortSignal.timeout(20_000));
    if (connection.access?.grafana === undefined) return probe;
    return { ...probe, notices: [...probe.notices, THROUGH_GRAFANA] };
  }

  async discover(connectionId: string, windows: readonly TimeWindow[]): Promise<Catalog> {
    const { connector } = await this.connect(connectionId);
    return this.desk.jobs.run({ kind: 'inspect', title: 'Count what is there', unit: '' }, (job) =>
      connector.discover(windows, job.signal),
    );
  }

  async preview(connectionId: string, request: PreviewRequest): Promise<Preview> {
    const { connector } = await this.connect(connectionId);
    if (!connector.preview) {
      throw new FaultlineError('usage', 'This kind of backend can’t count over time cheaply.');
    }
    const ask = connector.preview.bind(connector);
    this.desk.jobs.cancel(this.previewing);
    return this.desk.jobs.run({ kind: 'preview', title: 'Count over time', unit: '' }, (job) => {
      this.previewing = job.id;
      return ask({ ...request, onProgress: job.report }, job.signal);
    });
  }

  async pull({ connectionId, select, budget, newCase, ...asked }: PullOptions): Promise<void> {
    const own = (kept: Connection['config']) => ({ ...kept, ...asked.config });
    const { connector, target } = await this.connect(connectionId, undefined, own);
    const fields = this.desk.env.connectors.find(({ id }) => id === target.connector)?.fields;
    const windows = isTimeless(fields ?? [], target.config) ? [] : asked.windows;
    await this.run(connector, { ...target, windows, select, budget }, newCase);
  }

  /** A source that broke off, and the connection by which it goes on. */
  async partial(sourceId: number): Promise<{ source: SourceInfo; connectionId: string }> {
    const { sources } = await this.desk.case().store.facts();
    const source = sources.find((s) => s.sourceId === sourceId && s.state === 'partial');
    const connection = (await this.desk.env.host.connections()).find(
      (c) => c.connector === source?.connector && endpointOf(c) === source.endpoint,
    );
    if (!source || !connection) {
      const why = 'Its connection is not configured here: add it with Pull from a backend first.';
      throw new FaultlineError('not-found', why);
    }
    return { source, connectionId: connection.id };
  }

  async resume({ source, connectionId }: Awaited<ReturnType<Pulling['partial']>>): Promise<void> {
    const target = targetOf(source);
    const { connector } = await this.connect(connectionId, undefined, () => target.config);
    await this.run(connector, target);
  }

  private async run(connector: Connector, target: PullTarget, newCase?: string): Promise<void> {
    const what = { kind: 'pull', title: `Pull from ${target.name}`, unit: '' } as const;
    await this.desk.jobs.run(what, async (job) => {
      const into = async (open: OpenCase, onCommitted?: () => Promise<void>): Promise<void> => {
        try {
          await runPull(open.store, connector, target, this.options(job, onCommitted));
        } finally {
          if (this.desk.open === open) await this.analysing.changed();
        }
      };
      if (newCase === undefined) {
        await into(this.desk.case());
        await this.opening.letGo();
      } else {
        await this.opening.aside(newCase, job, async (next, enter) => {
          await into(next, enter);
          await enter();
        });
      }
    });
  }

  private options(job: JobHandle, onCommitted?: () => Promise<void>): PullRunOptions {
    return {
      now: this.desk.env.now(),
      signal: job.signal,
      onProgress: job.report,
      onCommitted,
      onNotice: (notice) => this.desk.emit({ kind: 'notice', notice }),
    };
  }

  async removeSource(sourceId: number): Promise<readonly Notice[]> {
    const { store } = this.desk.case();
    const lost = heldForOthers(await store.facts(), sourceId);
    await store.takeOutSource(sourceId);
    if ((await store.facts()).sources.length === 0 && (await this.opening.back())) return [];
    await this.analysing.changed();
    return lost ? [lost] : [];
  }

  async restoreSource(sourceId: number): Promise<void> {
    const notices = await this.desk.case().store.restoreSource(sourceId);
    for (const notice of notices) this.desk.emit({ kind: 'notice', notice });
    await this.analysing.changed();
  }
}

function configOf(
  { title, fields, config }: ConnectorFactory,
  given: Connection['config'],
): Connection['config'] {
  const parsed = config.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue?.path.join('.') ?? '';
  const label = fields.find((field) => field.name === name)?.label ?? name;
  throw new FaultlineError('connector/config', `${title}, ${label}: ${issue?.message ?? ''}`);
}

/** For a test that somebody waits for: what is not reached at once is said at once. */
function impatient(upstream: Upstream): Upstream {
  return {
    send: async (request, signal) => {
      try {
        return await upstream.send(request, signal);
      } catch (error) {
        const { code, message, detail } = asFaultlineError(error);
        throw new FaultlineError(code, message, { detail, retryable: false });
      }
    },
  };
}

/** What is different from asking the backend itself; Grafana's own settings may narrow it further. */
const THROUGH_GRAFANA: Notice = {
  code: 'through-grafana',
  severity: 'info',
  count: 1,
  message:
    'Asked through Grafana: it ends requests after 30 s unless set otherwise, and lets nothing through that changes the backend. ' +
    'From Elasticsearch documents are read by scrolling, without a point in time.',
};

/** Rows that later sources had, too, were kept once, in earlier ones: with an earlier one they may go. */
function heldForOthers({ notices, sources }: CaseFacts, sourceId: number): Notice | undefined {
  const later = notices.filter(
    (notice) => notice.code === 'rows-repeated' && (notice.sourceId ?? 0) > sourceId,
  );
  const count = later.reduce((sum, notice) => sum + notice.count, 0);
  if (count === 0) return undefined;
  const names = sources
    .filter((source) => later.some((notice) => notice.sourceId === source.sourceId))
    .map(({ name }) => name);
  return {
    code: 'repeats-gone',
    severity: 'warning',
    count,
    message:
      `${names.join(', ')} had up to ${count} rows that were kept once, in an earlier source. ` +
      'If it was the removed one, import or pull again to have them.',
  };
}
