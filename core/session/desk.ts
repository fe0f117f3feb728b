import { FaultlineError } from '../base';
import type { Analyze, AskSeries } from '../analysis';
import type { ConnectorFactory, FileFormat } from '../connect';
import type { HostApi } from '../host';
import type { CaseInfo, SessionEvent } from './api';
import { JobBoard } from './jobs';
import type { OpenCase } from './open-case';
import type { DeliveryDecoders } from './receive';
import type { WorkingCopies } from './working-copy';

/** What the workbench is made of; a shell's worker chooses the implementations. */
export interface WorkbenchEnv {
  readonly host: HostApi;
  readonly copies: WorkingCopies;
  readonly connectors: readonly ConnectorFactory[];
  readonly formats: readonly FileFormat[];
  readonly analyze: Analyze;
  readonly askSeries: AskSeries;
  readonly decoders: DeliveryDecoders;
  /** Nanoseconds since the epoch. */
  readonly now: () => bigint;
  readonly newId: () => string;
}

/** What the use cases of the workbench share: the open case, the jobs, and who listens. */
export class Desk {
  readonly jobs: JobBoard;
  open: OpenCase | undefined;
  private readonly listeners = new Set<(event: SessionEvent) => void>();

  constructor(readonly env: WorkbenchEnv) {
    this.jobs = new JobBoard(
      (job) => this.emit({ kind: 'job', job }),
      () => Number(env.now() / 1_000_000n),
    );
  }

  subscribe(listener: (event: SessionEvent) => void): void {
    this.listeners.add(listener);
  }

  emit(event: SessionEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  case(): OpenCase {
    if (this.open) return this.open;
    throw new FaultlineError('usage', 'No case is open.');
  }

  async announce(): Promise<CaseInfo> {
    const open = this.case();
    const info = await open.info();
    this.emit({ kind: 'case', info });
    this.emit({ kind: 'data', dataVersion: await open.store.dataVersion() });
    return info;
  }
}
