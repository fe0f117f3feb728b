import { FaultlineError, throwIfAborted } from '../base';
import type { Analysing } from './analysing';
import type { CaseInfo, InputFile, RecoverableCase } from './api';
import type { Desk } from './desk';
import { byteSource, chunksOf } from './host-files';
import { storedAnalysis } from './analyze';
import type { JobHandle } from './jobs';
import { OpenCase } from './open-case';
import { writeSample } from './sample';

/** Opens, makes, recovers, saves and closes cases; one is open at a time. */
export class Opening {
  /** What was open before a pull into a new case, until that pull is through or let go of. */
  private parked: OpenCase | undefined;

  constructor(
    private readonly desk: Desk,
    private readonly analysing: Analysing,
    /** Ends what writes into the case that is left. */
    private readonly beforeLeaving: () => Promise<void>,
  ) {}

  async recoverable(): Promise<readonly RecoverableCase[]> {
    const copies = await this.desk.env.copies.list();
    const mine = copies.filter(
      (c) => !c.busy && c.id !== this.desk.open?.id && c.id !== this.parked?.id,
    );
    for (const copy of mine) if (!copy.dirty) await this.desk.env.copies.remove(copy.id);
    return mine.filter((copy) => copy.dirty);
  }

  async recover(id: string): Promise<CaseInfo> {
    const entry = (await this.desk.env.copies.list()).find((copy) => copy.id === id);
    if (!entry) throw new FaultlineError('not-found', 'This working copy is gone.');
    return this.desk.jobs.run(
      { kind: 'open', title: `Recover ${entry.name}`, unit: '' },
      async () =>
        this.swap(await OpenCase.existing(this.desk.env, id, entry.name, entry.path, true)),
    );
  }

  async forget(id: string): Promise<void> {
    await this.desk.env.copies.remove(id);
  }

  async newCase(name: string): Promise<CaseInfo> {
    return this.swap(await OpenCase.create(this.desk.env, name));
  }

  async openCase(file: InputFile): Promise<CaseInfo> {
    const { env } = this.desk;
    return this.desk.jobs.run(
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
    return this.desk.jobs.run(
      { kind: 'open', title: 'Sample incident', unit: 'rows' },
      async (job) => {
        const open = await OpenCase.create(this.desk.env, 'sample');
        try {
          await writeSample(open.store, {}, this.desk.env.now(), job.signal, (rows) =>
            job.report(rows, null),
          );
        } catch (error) {
          await open.discard();
          throw error;
        }
        return this.swap(open);
      },
    );
  }

  /**
   * Fills a new case beside the open one, whose place it takes when `fill` calls `enter`. Until `fill` has
   * ended well, what was open before comes back by `back`. Without `enter` nothing has happened.
   */
  async aside<T>(
    name: string,
    job: JobHandle,
    fill: (next: OpenCase, enter: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const next = await OpenCase.create(this.desk.env, name);
    let entered = false;
    const enter = async (): Promise<void> => {
      if (entered) return;
      throwIfAborted(job.signal);
      entered = true;
      await this.swap(next, { job: job.id, park: true });
    };
    try {
      const result = await fill(next, enter);
      if (entered) await this.letGo();
      return result;
    } finally {
      if (!entered) await next.discard();
    }
  }

  /** Opens again what a pull into a new case had put aside; false where there is nothing. */
  async back(): Promise<boolean> {
    const { parked } = this;
    if (!parked) return false;
    this.parked = undefined;
    await this.swap(parked);
    return true;
  }

  /** What was put aside is not wanted any more. */
  async letGo(): Promise<void> {
    const { parked } = this;
    this.parked = undefined;
    await parked?.discard();
  }

  /** Puts a case in the place of the current one; the stored analysis comes along or is run. */
  private async swap(
    next: OpenCase,
    { job, park = false }: { readonly job?: string; readonly park?: boolean } = {},
  ): Promise<CaseInfo> {
    await this.leave({ job, park });
    this.desk.open = next;
    const info = await this.desk.announce();
    const stored = await storedAnalysis(next.store);
    this.desk.emit({ kind: 'analysis', result: stored ?? null, stale: false });
    await next.remember(stored);
    if (!stored && info.facts.range)
      void this.analysing.analyze(info.facts.request).catch(() => undefined);
    return info;
  }

  private async leave({
    job,
    park,
  }: { readonly job?: string; readonly park?: boolean } = {}): Promise<void> {
    this.desk.jobs.cancelAll(job);
    await this.beforeLeaving();
    const { open } = this.desk;
    this.desk.open = undefined;
    await this.letGo();
    if (park) this.parked = open;
    else await open?.discard();
  }

  async save(path: string): Promise<CaseInfo> {
    const open = this.desk.case();
    return this.desk.jobs.run(
      { kind: 'save', title: `Save ${open.name}`, unit: 'bytes' },
      async (job) => {
        await open.saveTo(path, (bytes) => job.report(bytes, null));
        await this.letGo();
        const info = await open.info();
        this.desk.emit({ kind: 'case', info });
        return info;
      },
    );
  }

  async exportBytes(): Promise<Uint8Array> {
    return this.desk.case().bytes();
  }

  async closeCase(): Promise<void> {
    await this.leave();
    this.desk.emit({ kind: 'case', info: null });
    this.desk.emit({ kind: 'analysis', result: null, stale: false });
  }

  async rename(name: string): Promise<void> {
    await this.desk.case().rename(name);
    await this.desk.announce();
  }
}

function caseName(fileName: string): string {
  return fileName.replace(/\.faultline$/i, '');
}
