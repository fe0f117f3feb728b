import type { TimeWindow } from '../base';
import {
  proposeWithin,
  type Catalog,
  type Preview,
  type PreviewRequest,
  type FileReport,
  type Probe,
  type Proposal,
  type PullLink,
  type TablePreview,
} from '../connect';
import type { Delivery } from '../host';
import type {
  AnalysisRequest,
  AnalysisResult,
  CaseClocks,
  Entity,
  ExplainRequest,
  Explanation,
  Frame,
  FrameSpec,
  Notice,
  QueryCall,
  SeriesAnswer,
  SeriesQuestion,
} from '../model';
import type { EntityMerge, SqlResult } from '../store';
import { Analysing } from './analysing';
import { AskingSeries } from './asking-series';
import type {
  CaseInfo,
  ConnectorInfo,
  FollowOptions,
  InputFile,
  ImportChoices,
  InspectOptions,
  PullOptions,
  ReceiveOptions,
  RecoverableCase,
  SessionEvent,
  SimilarCase,
  TableOptions,
  Workbench,
} from './api';
import { estimateClocks, type ClockReport } from './clocks';
import type { DataSource } from './data-sources';
import { Desk, type WorkbenchEnv } from './desk';
import { Importing } from './importing';
import type { CaseRow, RowLink } from './links';
import { Opening } from './opening';
import { Pulling } from './pulling';
import { Receiving } from './receiving';
import { similarTo } from './similar';
import { Tailing } from './tailing';

/** The engine room of the workbench: one open case, its jobs and events. Each use case has its file. */
export class WorkbenchSession implements Workbench {
  private readonly desk: Desk;
  private readonly analysing: Analysing;
  private readonly asking: AskingSeries;
  private readonly opening: Opening;
  private readonly importing: Importing;
  private readonly pulling: Pulling;
  private readonly receiving: Receiving;
  private readonly tailing: Tailing;

  constructor(env: WorkbenchEnv) {
    this.desk = new Desk(env);
    this.analysing = new Analysing(this.desk);
    this.asking = new AskingSeries(this.desk);
    this.receiving = new Receiving(this.desk, this.analysing);
    this.opening = new Opening(this.desk, this.analysing, async () => {
      await this.tailing.leave();
      await this.receiving.suspend();
    });
    this.importing = new Importing(this.desk, this.analysing, this.opening);
    this.pulling = new Pulling(this.desk, this.analysing, this.opening);
    this.tailing = new Tailing(this.desk, this.analysing, this.pulling);
  }

  subscribe(listener: (event: SessionEvent) => void): void {
    this.desk.subscribe(listener);
  }

  async current(): Promise<CaseInfo | null> {
    return this.desk.open ? this.desk.open.info() : null;
  }

  recoverable(): Promise<readonly RecoverableCase[]> {
    return this.opening.recoverable();
  }

  recover(id: string): Promise<CaseInfo> {
    return this.opening.recover(id);
  }

  forget(id: string): Promise<void> {
    return this.opening.forget(id);
  }

  newCase(name: string): Promise<CaseInfo> {
    return this.opening.newCase(name);
  }

  openCase(file: InputFile): Promise<CaseInfo> {
    return this.opening.openCase(file);
  }

  openSample(): Promise<CaseInfo> {
    return this.opening.openSample();
  }

  save(path: string): Promise<CaseInfo> {
    return this.opening.save(path);
  }

  exportBytes(): Promise<Uint8Array> {
    return this.opening.exportBytes();
  }

  closeCase(): Promise<void> {
    return this.opening.closeCase();
  }

  rename(name: string): Promise<void> {
    return this.opening.rename(name);
  }

  async run<S extends FrameSpec>(call: QueryCall<S>): Promise<Frame<S>> {
    return this.desk.case().store.run(call);
  }

  async sql(text: string, limit: number): Promise<SqlResult> {
    return this.desk.case().store.sql(text, limit);
  }

  inspect(files: readonly InputFile[], options?: InspectOptions): Promise<readonly FileReport[]> {
    return this.importing.inspect(files, options);
  }

  importFiles(
    files: readonly InputFile[],
    choices: ImportChoices,
    newCase?: string,
  ): Promise<readonly FileReport[]> {
    return this.importing.importFiles(files, choices, newCase);
  }

  async formats() {
    return this.desk.env.formats.map(({ id, title, preview }) => ({
      id,
      title,
      table: preview !== undefined,
    }));
  }

  previewTable(
    files: readonly InputFile[],
    path: string,
    options?: TableOptions,
  ): Promise<TablePreview | null> {
    return this.importing.previewTable(files, path, options);
  }

  connectors(): Promise<readonly ConnectorInfo[]> {
    return this.pulling.connectors();
  }

  readLink(text: string): Promise<PullLink | null> {
    return this.pulling.readLink(text);
  }

  linksTo(row: CaseRow): Promise<readonly RowLink[]> {
    return this.pulling.linksTo(row);
  }

  dataSources(connectionId: string): Promise<readonly DataSource[]> {
    return this.pulling.dataSources(connectionId);
  }

  probe(connectionId: string): Promise<Probe> {
    return this.pulling.probe(connectionId);
  }

  discover(connectionId: string, windows: readonly TimeWindow[]): Promise<Catalog> {
    return this.pulling.discover(connectionId, windows);
  }
  preview(connectionId: string, request: PreviewRequest): Promise<Preview> {
    return this.pulling.preview(connectionId, request);
  }

  propose(catalog: Catalog, budget: number): Promise<Proposal> {
    return Promise.resolve(proposeWithin(catalog, budget));
  }

  pull(options: PullOptions): Promise<void> {
    return this.pulling.pull(options);
  }

  resumePull(sourceId: number): Promise<void> {
    return this.tailing.resume(sourceId);
  }

  follow(options: FollowOptions): Promise<void> {
    return this.tailing.follow(options);
  }

  removeSource(sourceId: number): Promise<readonly Notice[]> {
    return this.pulling.removeSource(sourceId);
  }

  restoreSource(sourceId: number): Promise<void> {
    return this.pulling.restoreSource(sourceId);
  }

  receiveStart(
    http: string,
    grpc: string,
    { newCase, follow = false }: ReceiveOptions = {},
  ): Promise<{ readonly http: string; readonly grpc: string }> {
    const make = newCase === undefined ? undefined : () => this.opening.newCase(newCase);
    return this.receiving.start(http, grpc, { newCase: make, follow });
  }

  /** A delivery that the host's receiver heard. */
  deliver(delivery: Delivery): void {
    this.receiving.deliver(delivery);
  }

  receiveStop(): Promise<void> {
    return this.receiving.stop();
  }

  explain(request: ExplainRequest): Promise<Explanation> {
    return this.analysing.explain(request);
  }

  series<K extends SeriesQuestion['kind']>(
    question: Extract<SeriesQuestion, { readonly kind: K }>,
  ): Promise<SeriesAnswer<K>> {
    return this.asking.ask(question) as Promise<SeriesAnswer<K>>;
  }

  analyze(request: AnalysisRequest): Promise<AnalysisResult> {
    return this.analysing.analyze(request);
  }

  similar(): Promise<readonly SimilarCase[]> {
    return similarTo(this.desk.case(), this.desk.env.host);
  }

  async clocks(): Promise<ClockReport> {
    return estimateClocks(this.desk.case().store);
  }

  setClocks(clocks: CaseClocks): Promise<void> {
    return this.analysing.setClocks(clocks);
  }

  async entities(): Promise<readonly Entity[]> {
    return this.desk.case().store.entities();
  }

  async merges(): Promise<readonly EntityMerge[]> {
    return this.desk.case().store.merges();
  }

  async decideMerge(mergeId: string, state: EntityMerge['state']): Promise<void> {
    await this.desk.case().store.decideMerge(mergeId, state);
    await this.analysing.changed();
  }

  async addMerge(from: string, into: string, reason: string): Promise<void> {
    await this.desk.case().store.addMerge(from, into, reason);
    await this.analysing.changed();
  }

  cancelJob(id: string): Promise<void> {
    if (id === 'receive') return this.receiveStop();
    this.desk.jobs.cancel(id);
    return Promise.resolve();
  }
}
