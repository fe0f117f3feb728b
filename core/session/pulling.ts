import { FaultlineError, type TimeWindow } from '../base';
import type { Catalog, Connector, Probe } from '../connect';
import type { Analysing } from './analysing';
import type { ConnectorInfo, PullOptions } from './api';
import type { Desk } from './desk';
import { hostUpstream } from './host-files';
import { runPull, targetOf, type PullTarget } from './pull';

/** Connections to backends: what is there, and pulls of it into the open case. */
export class Pulling {
  constructor(
    private readonly desk: Desk,
    private readonly analysing: Analysing,
  ) {}

  connectors(): Promise<readonly ConnectorInfo[]> {
    return Promise.resolve(
      this.desk.env.connectors.map(({ id, title, signals, exampleUrl, fields }) => ({
        id,
        title,
        signals,
        exampleUrl,
        fields,
      })),
    );
  }

  private async connect(
    connectionId: string,
  ): Promise<{ connector: Connector; target: PullTarget }> {
    const { host, connectors, now } = this.desk.env;
    const connection = (await host.connections()).find((c) => c.id === connectionId);
    const factory = connectors.find((c) => c.id === connection?.connector);
    if (!connection || !factory) {
      throw new FaultlineError('not-found', 'This connection is not configured any more.');
    }
    const config = factory.config.parse(connection.config);
    const connector = factory.open(config, {
      upstream: hostUpstream(host, connectionId),
      now,
      sleep,
    });
    const { name, url } = connection;
    const target = { connector: factory.id, name, endpoint: url, config, windows: [], budget: 0 };
    return { connector, target };
  }

  async probe(connectionId: string): Promise<Probe> {
    const { connector } = await this.connect(connectionId);
    return connector.probe(AbortSignal.timeout(20_000));
  }

  async discover(connectionId: string, windows: readonly TimeWindow[]): Promise<Catalog> {
    const { connector } = await this.connect(connectionId);
    return this.desk.jobs.run({ kind: 'inspect', title: 'Count what is there', unit: '' }, (job) =>
      connector.discover(windows, job.signal),
    );
  }

  async pull({ connectionId, windows, select, budget }: PullOptions): Promise<void> {
    const { connector, target } = await this.connect(connectionId);
    await this.pullInto(connector, { ...target, windows, select, budget });
  }

  async resumePull(sourceId: number): Promise<void> {
    const { sources } = await this.desk.case().store.facts();
    const source = sources.find((s) => s.sourceId === sourceId && s.state === 'partial');
    const connection = (await this.desk.env.host.connections()).find(
      (c) => c.connector === source?.connector && c.url === source.endpoint,
    );
    if (!source || !connection) {
      const why = 'Its connection is not configured here: add it with Pull from a backend first.';
      throw new FaultlineError('not-found', why);
    }
    const { connector } = await this.connect(connection.id);
    await this.pullInto(connector, targetOf(source));
  }

  private async pullInto(connector: Connector, target: PullTarget): Promise<void> {
    const open = this.desk.case();
    const title = `Pull from ${target.name}`;
    try {
      await this.desk.jobs.run({ kind: 'pull', title, unit: 'rows' }, (job) =>
        runPull(open.store, connector, target, {
          now: this.desk.env.now(),
          signal: job.signal,
          onProgress: job.report,
          onNotice: (notice) => this.desk.emit({ kind: 'notice', notice }),
        }),
      );
    } finally {
      if (this.desk.open === open) await this.analysing.changed();
    }
  }

  async removeSource(sourceId: number): Promise<void> {
    await this.desk.case().store.removeSource(sourceId);
    await this.analysing.changed();
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      signal?.removeEventListener('abort', stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(new FaultlineError('cancelled', 'Cancelled.'));
    }
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
