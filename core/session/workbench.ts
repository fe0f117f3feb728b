import { FaultlineError, type TimeWindow } from '../base';
import type { Analyze } from '../analysis';
import type {
  Catalog,
  Connector,
  ConnectorFactory,
  FileFormat,
  FileReport,
  Probe,
} from '../connect';
import type { Delivery, DeliveryAnswer, HostApi } from '../host';
import type {
  AnalysisRequest,
  AnalysisResult,
  Entity,
  Frame,
  FrameSpec,
  QueryCall,
} from '../model';
import type { EntityMerge, SqlResult } from '../store';
import { analyzeCase } from './analyze';
import type {
  CaseInfo,
  ConnectorInfo,
  InputFile,
  InspectOptions,
  PullOptions,
  RecoverableCase,
  SessionEvent,
  Workbench,
} from './api';
import { byteSource, chunksOf, expandFolders, hostUpstream } from './host-files';
import { importFiles, inspectFiles } from './import';
import { JobBoard } from './jobs';
import { OpenCase } from './open-case';
import { runPull, targetOf, type PullTarget } from './pull';
import { ReceiveSession, type DecodedDelivery } from './receive';
import { writeSample } from './sample';
import type { WorkingCopies } from './working-copy';

/** What the workbench is made of; a shell's worker chooses the implementations. */
export interface WorkbenchEnv {
  readonly host: HostApi;
  readonly copies: WorkingCopies;
  readonly connectors: readonly ConnectorFactory[];
  readonly formats: readonly FileFormat[];
  readonly analyze: Analyze;
  readonly decode: (delivery: Delivery) => DecodedDelivery;
  /** Nanoseconds since the epoch. */
  readonly now: () => bigint;
  readonly newId: () => string;
}

/** The engine room of the workbench: one open case, its jobs and events. */
export class WorkbenchSession implements Workbench {
  private readonly listeners = new Set<(event: SessionEvent) => void>();
  private readonly jobs: JobBoard;
  private open: OpenCase | undefined;
  private receiving: ReceiveSession | undefined;

  constructor(private readonly env: WorkbenchEnv) {
    this.jobs = new JobBoard(
      (job) => this.emit({ kind: 'job', job }),
      () => Number(env.now() / 1_000_000n),
    );
  }

  subscribe(listener: (event: SessionEvent) => void): void {
    this.listeners.add(listener);
  }

  private emit(event: SessionEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private case(): OpenCase {
    if (this.open) return this.open;
    throw new FaultlineError('usage', 'No case is open.');
  }

  private async announce(): Promise<CaseInfo> {
    const open = this.case();
    const info = await open.info();
    this.emit({ kind: 'case', info });
    this.emit({ kind: 'data', dataVersion: await open.store.dataVersion() });
    return info;
  }

  async current(): Promise<CaseInfo | null> {
    return this.open ? this.open.info() : null;
  }

  async recoverable(): Promise<readonly RecoverableCase[]> {
    const copies = await this.env.copies.list();
    const mine = copies.filter((c) => !c.busy && c.id !== this.open?.id);
    for (const copy of mine) if (!copy.dirty) await this.env.copies.remove(copy.id);
    return mine.filter((copy) => copy.dirty);
  }

  async recover(id: string): Promise<CaseInfo> {
    const entry = (await this.env.copies.list()).find((copy) => copy.id === id);
    if (!entry) throw new FaultlineError('not-found', 'This working copy is gone.');
    return this.jobs.run({ kind: 'open', title: `Recover ${entry.name}`, unit: '' }, async () =>
      this.swap(await OpenCase.existing(this.env, id, entry.name, entry.path, true)),
    );
  }

  async forget(id: string): Promise<void> {
    await this.env.copies.remove(id);
  }

  async newCase(name: string): Promise<CaseInfo> {
    return this.swap(await OpenCase.create(this.env, name));
  }

  async openCase(file: InputFile): Promise<CaseInfo> {
    const { env } = this;
    return this.jobs.run(
      { kind: 'open', title: `Open ${file.name}`, unit: 'bytes' },
      async (job) => {
        const source = byteSource(file, env.host);
        const id = env.newId();
        let bytes = 0;
        const counted = async function* (): AsyncIterable<Uint8Array> {
          for await (const chunk of chunksOf(source, job.signal)) {
            bytes += chunk.length;
            job.report(bytes, source.size ?? null);
            yield chunk;
          }
        };
        const path = file.kind === 'path' ? file.path : null;
        try {
          await env.copies.put(id, counted());
          return await this.swap(
            await OpenCase.existing(env, id, caseName(file.name), path, false),
          );
        } catch (error) {
          await env.copies.remove(id).catch(() => undefined);
          throw error;
        }
      },
    );
  }

  async openSample(): Promise<CaseInfo> {
    return this.jobs.run({ kind: 'open', title: 'Sample incident', unit: 'rows' }, async (job) => {
      const open = await OpenCase.create(this.env, 'sample');
      try {
        await writeSample(open.store, {}, this.env.now(), job.signal, (rows) =>
          job.report(rows, null),
        );
      } catch (error) {
        await open.discard();
        throw error;
      }
      return this.swap(open);
    });
  }

  /** Puts a case in the place of the current one; the stored analysis comes along or is run. */
  private async swap(next: OpenCase): Promise<CaseInfo> {
    await this.leave();
    this.open = next;
    const info = await this.announce();
    const stored = await next.store.loadAnalysis();
    this.emit({ kind: 'analysis', result: stored ?? null, stale: false });
    await next.remember(stored);
    if (!stored && info.facts.range) void this.analyze(info.facts.request).catch(() => undefined);
    return info;
  }

  private async leave(): Promise<void> {
    this.jobs.cancelAll();
    await this.receiving?.suspend();
    this.receiving = undefined;
    const open = this.open;
    this.open = undefined;
    await open?.discard();
  }

  async save(path: string): Promise<CaseInfo> {
    const open = this.case();
    return this.jobs.run(
      { kind: 'save', title: `Save ${open.name}`, unit: 'bytes' },
      async (job) => {
        await open.saveTo(path, (bytes) => job.report(bytes, null));
        const info = await open.info();
        this.emit({ kind: 'case', info });
        return info;
      },
    );
  }

  async exportBytes(): Promise<Uint8Array> {
    return this.case().bytes();
  }

  async closeCase(): Promise<void> {
    await this.leave();
    this.emit({ kind: 'case', info: null });
    this.emit({ kind: 'analysis', result: null, stale: false });
  }

  async rename(name: string): Promise<void> {
    await this.case().rename(name);
    await this.announce();
  }

  run<S extends FrameSpec>(call: QueryCall<S>): Promise<Frame<S>> {
    return this.case().store.run(call);
  }

  sql(text: string, limit: number): Promise<SqlResult> {
    return this.case().store.sql(text, limit);
  }

  async inspect(
    files: readonly InputFile[],
    { as, intoOpenCase = false }: InspectOptions = {},
  ): Promise<readonly FileReport[]> {
    const { host, formats } = this.env;
    const store = intoOpenCase ? this.open?.store : undefined;
    return this.jobs.run(
      { kind: 'inspect', title: 'Look at files', unit: 'bytes' },
      async (job) => {
        const sources = (await expandFolders(files, host)).map((file) => byteSource(file, host));
        const { signal, report: onProgress } = job;
        return inspectFiles(sources, { formats, as, signal, onProgress }, store);
      },
    );
  }

  async importFiles(
    files: readonly InputFile[],
    as: Readonly<Record<string, string>>,
  ): Promise<readonly FileReport[]> {
    const { host, formats, now } = this.env;
    const open = this.case();
    return this.jobs.run({ kind: 'import', title: 'Import', unit: 'bytes' }, async (job) => {
      const sources = (await expandFolders(files, host)).map((file) => byteSource(file, host));
      const options = { formats, as, signal: job.signal, onProgress: job.report };
      const reports = await importFiles(open.store, sources, now(), options);
      await this.changed();
      return reports;
    });
  }

  formats(): Promise<readonly { readonly id: string; readonly title: string }[]> {
    return Promise.resolve(this.env.formats.map(({ id, title }) => ({ id, title })));
  }

  connectors(): Promise<readonly ConnectorInfo[]> {
    return Promise.resolve(
      this.env.connectors.map(({ id, title, signals, exampleUrl, fields }) => ({
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
    const { host, connectors, now } = this.env;
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
    return this.jobs.run({ kind: 'inspect', title: 'Count what is there', unit: '' }, (job) =>
      connector.discover(windows, job.signal),
    );
  }

  async pull({ connectionId, windows, select, budget }: PullOptions): Promise<void> {
    const { connector, target } = await this.connect(connectionId);
    await this.pullInto(connector, { ...target, windows, select, budget });
  }

  async resumePull(sourceId: number): Promise<void> {
    const { sources } = await this.case().store.facts();
    const source = sources.find((s) => s.sourceId === sourceId && s.state === 'partial');
    const connection = (await this.env.host.connections()).find(
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
    const open = this.case();
    const title = `Pull from ${target.name}`;
    try {
      await this.jobs.run({ kind: 'pull', title, unit: 'rows' }, (job) =>
        runPull(open.store, connector, target, {
          now: this.env.now(),
          signal: job.signal,
          onProgress: job.report,
          onNotice: (notice) => this.emit({ kind: 'notice', notice }),
        }),
      );
    } finally {
      if (this.open === open) await this.changed();
    }
  }

  async removeSource(sourceId: number): Promise<void> {
    await this.case().store.removeSource(sourceId);
    await this.changed();
  }

  async receiveStart(
    http: string,
    grpc: string,
  ): Promise<{ readonly http: string; readonly grpc: string }> {
    const addresses = await this.env.host.receiverStart({ http, grpc });
    this.receiving ??= await ReceiveSession.start(this.case().store, this.env.now());
    return addresses;
  }

  /** A delivery that the host's receiver heard. */
  deliver(delivery: Delivery): void {
    const { host, decode } = this.env;
    const answer = (given: DeliveryAnswer): void =>
      void host.receiverAck(delivery.id, given).catch(() => undefined);
    if (!this.receiving) {
      const refused = { message: 'No case is receiving.', retryable: true };
      return answer({ dropped: 0, refused });
    }
    this.receiving.receive({ body: delivery.body, decode: () => decode(delivery), answer });
    const { rows, deliveries } = this.receiving;
    const job = { id: 'receive', kind: 'receive', title: 'Receive OpenTelemetry' } as const;
    const label = `${deliveries} deliveries`;
    this.emit({
      kind: 'job',
      job: { ...job, label, done: rows, total: null, unit: 'rows', state: 'running' },
    });
  }

  async receiveStop(): Promise<void> {
    await this.env.host.receiverStop();
    const receiving = this.receiving;
    this.receiving = undefined;
    await receiving?.finish();
    if (receiving) {
      const job = { id: 'receive', kind: 'receive', title: 'Receive OpenTelemetry' } as const;
      const counts = { label: '', done: receiving.rows, total: null, unit: 'rows' };
      this.emit({ kind: 'job', job: { ...job, ...counts, state: 'done' } });
      await this.changed();
    }
  }

  /** After a change of data: mark, announce, analyse anew. */
  private async changed(): Promise<void> {
    await this.case().touch();
    const info = await this.announce();
    if (info.facts.range) void this.analyze(info.facts.request).catch(() => undefined);
  }

  async analyze(request: AnalysisRequest): Promise<AnalysisResult> {
    const open = this.case();
    await open.store.setRequest(request);
    this.analysing?.abort();
    const controller = new AbortController();
    this.analysing = controller;
    return this.jobs.run({ kind: 'analyze', title: 'Analyse', unit: '%' }, async (job) => {
      job.signal.addEventListener('abort', () => controller.abort(), { once: true });
      const result = await analyzeCase(open.store, this.env.analyze, request, {
        now: this.env.now(),
        signal: controller.signal,
        onProgress: ({ fraction, label }) => job.report(Math.round(fraction * 100), 100, label),
      });
      if (this.open === open) {
        this.emit({ kind: 'analysis', result, stale: false });
        await open.remember(result);
      }
      return result;
    });
  }

  private analysing: AbortController | undefined;

  entities(): Promise<readonly Entity[]> {
    return this.case().store.entities();
  }

  merges(): Promise<readonly EntityMerge[]> {
    return this.case().store.merges();
  }

  async decideMerge(mergeId: string, state: EntityMerge['state']): Promise<void> {
    await this.case().store.decideMerge(mergeId, state);
    await this.changed();
  }

  async addMerge(from: string, into: string, reason: string): Promise<void> {
    await this.case().store.addMerge(from, into, reason);
    await this.changed();
  }

  cancelJob(id: string): Promise<void> {
    if (id === 'receive') return this.receiveStop();
    this.jobs.cancel(id);
    return Promise.resolve();
  }
}

function caseName(fileName: string): string {
  return fileName.replace(/\.faultline$/i, '');
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
