import { FaultlineError } from '../base';
import type { Analysing } from './analysing';
import type { CaseInfo, InputFile, RecoverableCase } from './api';
import type { Desk } from './desk';
import { byteSource, chunksOf } from './host-files';
import { OpenCase } from './open-case';
import { writeSample } from './sample';

/** Opens, makes, recovers, saves and closes cases; one is open at a time. */
export class Opening {
  constructor(
    private readonly desk: Desk,
    private readonly analysing: Analysing,
    /** Ends what writes into the case that is left. */
    private readonly beforeLeaving: () => Promise<void>,
  ) {}

  async recoverable(): Promise<readonly RecoverableCase[]> {
    const copies = await this.desk.env.copies.list();
    const mine = copies.filter((c) => !c.busy && c.id !== this.desk.open?.id);
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

  /** Puts a case in the place of the current one; the stored analysis comes along or is run. */
  private async swap(next: OpenCase): Promise<CaseInfo> {
    await this.leave();
    this.desk.open = next;
    const info = await this.desk.announce();
    const stored = await next.store.loadAnalysis();
    this.desk.emit({ kind: 'analysis', result: stored ?? null, stale: false });
    await next.remember(stored);
    if (!stored && info.facts.range)
      void this.analysing.analyze(info.facts.request).catch(() => undefined);
    return info;
  }

  private async leave(): Promise<void> {
    this.desk.jobs.cancelAll();
    await this.beforeLeaving();
    const open = this.desk.open;
    this.desk.open = undefined;
    await open?.discard();
  }

  async save(path: string): Promise<CaseInfo> {
    const open = this.desk.case();
    return this.desk.jobs.run(
      { kind: 'save', title: `Save ${open.name}`, unit: 'bytes' },
      async (job) => {
        await open.saveTo(path, (bytes) => job.report(bytes, null));
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
