import { fingerprintOf } from '../analysis';
import type { HostApi, RecentCase } from '../host';
import { nsToMs } from '../base';
import type { AnalysisResult } from '../model';
import { openCaseStore, type CaseStore, type Engine } from '../store';
import type { CaseInfo } from './api';
import { writeThroughHost } from './host-files';
import type { WorkingCopies } from './working-copy';

interface OpenCaseEnv {
  readonly host: HostApi;
  readonly copies: WorkingCopies;
  now(): bigint;
  newId(): string;
}

/** The open case: its working copy, where it was opened from or saved to, and whether that is current. */
export class OpenCase {
  private constructor(
    private readonly env: OpenCaseEnv,
    readonly id: string,
    readonly store: CaseStore,
    private readonly engine: Engine,
    public name: string,
    public path: string | null,
    private dirty: boolean,
  ) {}

  static async create(env: OpenCaseEnv, name: string): Promise<OpenCase> {
    const id = env.newId();
    const engine = await env.copies.open(id);
    try {
      const store = await openCaseStore(engine, { now: env.now(), create: { name } });
      const open = new OpenCase(env, id, store, engine, name, null, true);
      await open.note();
      return open;
    } catch (error) {
      await engine.close();
      await env.copies.remove(id).catch(() => undefined);
      throw error;
    }
  }

  static async existing(
    env: OpenCaseEnv,
    id: string,
    name: string,
    path: string | null,
    dirty: boolean,
  ): Promise<OpenCase> {
    const engine = await env.copies.open(id);
    try {
      const store = await openCaseStore(engine, { now: env.now() });
      const open = new OpenCase(env, id, store, engine, name, path, dirty);
      await open.note();
      return open;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  async info(): Promise<CaseInfo> {
    const [facts, usage] = [await this.store.facts(), await this.engine.usage()];
    const { kind, version } = this.engine;
    const engine = { kind, version, memoryBytes: usage.memoryBytes };
    return { id: this.id, name: this.name, path: this.path, dirty: this.dirty, facts, engine };
  }

  /** Marks the case as changed since it was saved. */
  async touch(): Promise<void> {
    this.dirty = true;
    await this.note();
  }

  async rename(name: string): Promise<void> {
    this.name = name;
    await this.store.setMeta('name', name);
    await this.touch();
  }

  async saveTo(path: string, onBytes: (bytes: number) => void): Promise<void> {
    await this.store.purgeTakenOut();
    await this.store.checkpoint();
    const chunks = this.env.copies.read(this.id);
    const saved = await writeThroughHost(this.env.host, path, chunks, onBytes);
    this.path = saved.path;
    this.name = saved.path.replace(/^.*[/\\]/, '').replace(/\.faultline$/i, '');
    this.dirty = false;
    await this.note();
    await this.remember(await this.store.loadAnalysis(), saved.size);
  }

  async bytes(): Promise<Uint8Array> {
    await this.store.purgeTakenOut();
    await this.store.checkpoint();
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.env.copies.read(this.id)) chunks.push(chunk);
    const out = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  /** Keeps the start screen's list of recent cases true. */
  async remember(analysis: AnalysisResult | undefined, size?: number): Promise<void> {
    if (this.path === null) return;
    const { range } = await this.store.facts();
    const top = analysis?.ranking[0];
    const known = (await this.env.host.recents()).find((recent) => recent.path === this.path);
    const usage = await this.engine.usage();
    const recent: RecentCase = {
      path: this.path,
      name: this.name,
      size: size ?? known?.size ?? usage.fileBytes ?? 0,
      openedAt: Number(this.env.now() / 1_000_000n),
      from: range ? nsToMs(range.from) : null,
      to: range ? nsToMs(range.to) : null,
      shape: shapeOf(analysis),
      cause: analysis?.verdict === 'ranked' && top ? top.entity.name : '',
      confidence: analysis?.verdict === 'ranked' && top ? top.confidence : null,
      marks: analysis ? fingerprintOf(analysis).map(({ key, weight }) => ({ key, weight })) : [],
    };
    await this.env.host.addRecent(recent);
  }

  private async note(): Promise<void> {
    const changedAt = Number(this.env.now() / 1_000_000n);
    const { name, path, dirty } = this;
    await this.env.copies.note(this.id, { name, path, dirty, changedAt });
  }

  /** Closes the case and drops its working copy: it was saved, or a person chose not to. */
  async discard(): Promise<void> {
    await this.store.close();
    await this.env.copies.remove(this.id);
  }
}

const SHAPE_POINTS = 40;

/** Below this mean heat a case is quiet, and its shape stays low. */
const QUIET = 0.25;

/** How abnormal the entities were over time, all together, against the worst moment: for the start screen. */
export function shapeOf(analysis: Pick<AnalysisResult, 'heat'> | undefined): readonly number[] {
  const heats = analysis?.heat ?? [];
  const longest = Math.max(0, ...heats.map(({ heat }) => heat.length));
  if (longest === 0) return [];
  const points = Math.min(SHAPE_POINTS, longest);
  const mean = Array.from({ length: points }, (_, at) => {
    const each = heats.map(({ heat }) => meanOf(heat, at / points, (at + 1) / points));
    return each.reduce((sum, value) => sum + value, 0) / heats.length;
  });
  const worst = Math.max(QUIET, ...mean);
  return mean.map((value) => Math.round((100 * value) / worst) / 100);
}

/** Mean over a share of a row. */
function meanOf(heat: ArrayLike<number>, from: number, to: number): number {
  const first = Math.floor(from * heat.length);
  const end = Math.min(heat.length, Math.max(first + 1, Math.floor(to * heat.length)));
  let sum = 0;
  for (let i = first; i < end; i++) sum += heat[i] ?? 0;
  return end > first ? sum / (end - first) : 0;
}
