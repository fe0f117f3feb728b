import { FaultlineError, isCancelled, throwIfAborted } from '../../core/base';
import {
  PrometheusSeries,
  RowSink,
  type ByteSource,
  type DecodedChunk,
  type FormatItem,
  type NativePoint,
} from '../../core/connect';
import { Block } from './block';
import { damaged } from './bytes';
import { dataFolders } from './layout';
import { clusters, mergedSeries, withoutContained, type Labels, type Member } from './merge';
import type { Deleted } from './tombstones';
import { isWal, walRecords } from './wal';
import { WalRows } from './wal-rows';

const NS_PER_MS = 1_000_000n;

/** The blocks among the parts of a source, as rows. Throws 'format/damaged' where none can be read. */
export async function* readBlocks(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<FormatItem> {
  throwIfAborted(signal);
  const parts = new Map((source.parts ?? []).map((part) => [part.name, part]));
  if (!source.parts && isWal(await startOf(source))) {
    yield* readLog([source], Number.NEGATIVE_INFINITY, new Reader(), signal);
    return;
  }
  const folders = dataFolders([...parts.keys()]);
  const reader = new Reader();
  const blocks: Block[] = [];
  for (const files of folders.flatMap((folder) => folder.blocks)) {
    const sourceOf = (name: string | undefined): ByteSource | undefined =>
      name === undefined ? undefined : parts.get(name);
    try {
      blocks.push(await Block.read(files, sourceOf, signal));
    } catch (error) {
      if (isCancelled(error)) throw error;
      reader.lost(files.folder, error instanceof Error ? error.message : 'it is damaged');
    }
  }
  const log = folders.flatMap(({ wal }) => wal.flatMap((name) => parts.get(name) ?? []));
  if (blocks.length === 0 && log.length === 0) throw damaged(reader.whyNone(parts.size));
  const { kept, contained } = withoutContained(blocks);
  reader.contained(contained);
  reader.leftOut(
    folders.flatMap(({ wal, head, outOfOrder }) =>
      [...(wal.length === 0 ? head : []), ...outOfOrder].map((name) => parts.get(name)?.size),
    ),
  );
  for (const cluster of clusters(kept)) {
    for await (const merged of mergedSeries(cluster)) {
      throwIfAborted(signal);
      if ('members' in merged) await reader.series(merged.members);
      else
        reader.sink.drop(
          'samples',
          `${merged.block.name}/index at ${merged.offset}`,
          '',
          merged.reason,
        );
      yield* reader.sink.items();
    }
  }
  reader.end(kept);
  const inBlocks = Math.max(Number.NEGATIVE_INFINITY, ...kept.map(({ meta }) => meta.to));
  yield* readLog(log, inBlocks, reader, signal);
}

/** The write-ahead log behind the blocks: what is before their end stands in them. */
async function* readLog(
  segments: readonly ByteSource[],
  inBlocks: number,
  { sink, rows }: Reader,
  signal: AbortSignal,
): AsyncGenerator<FormatItem> {
  // A block that does not say its end says nothing about the log.
  const log = new WalRows(
    sink,
    rows,
    Number.isFinite(inBlocks) ? inBlocks : Number.NEGATIVE_INFINITY,
  );
  for (const segment of segments) {
    for await (const record of walRecords(segment, signal)) {
      throwIfAborted(signal);
      const where = `${segment.name} at ${record.at}`;
      let reason = 'reason' in record ? record.reason : '';
      try {
        if ('bytes' in record) log.record(record.bytes, where);
      } catch (error) {
        if (!(error instanceof FaultlineError)) throw error;
        reason = `a record of the log is damaged: ${error.message}`;
      }
      if (reason !== '') sink.drop('samples', where, '', reason);
      yield* sink.items();
    }
  }
  if (log.exemplars > 0) {
    sink.notices.add(
      'exemplars-read',
      'info',
      (n) => `${n} exemplars were read. They stand beside samples and are not counted as such.`,
      log.exemplars,
    );
  }
  yield* sink.items(true);
}

const START = 64 << 10;

async function startOf(source: ByteSource): Promise<Uint8Array> {
  const stream = source.stream().getReader();
  const start = new Uint8Array(START);
  let length = 0;
  try {
    while (length < START) {
      const { done, value } = await stream.read();
      if (done) break;
      const room = value.subarray(0, START - length);
      start.set(room, length);
      length += room.length;
    }
  } finally {
    await stream.cancel().catch(() => undefined);
  }
  return start.subarray(0, length);
}

interface Points {
  readonly ts: number[];
  readonly values: (number | NativePoint)[];
}

class Reader {
  readonly sink = new RowSink();
  readonly rows = new PrometheusSeries(this.sink);
  private readonly decoded = new Map<Block, number>();
  private readonly incomplete = new Set<Block>();
  private readonly faults: string[] = [];

  /** A block that can't be opened is one dropped record. */
  lost(folder: string, reason: string): void {
    this.faults.push(reason);
    this.sink.drop('samples', folder, 'index', `the block is left out: ${reason}`);
  }

  whyNone(parts: number): string {
    const [fault] = this.faults;
    if (fault !== undefined) return fault;
    return parts === 0
      ? 'One file of a Prometheus block alone can not be read: give its whole folder (meta.json, index, chunks).'
      : 'There is no block with an index among the files.';
  }

  contained(blocks: readonly Block[]): void {
    if (blocks.length === 0) return;
    this.sink.notices.add(
      'block-contained',
      'info',
      (n) => `${n} blocks were left out, because a compacted block that is here has their samples.`,
      blocks.length,
    );
  }

  /** Of the head, what is read from nowhere else. */
  leftOut(sizes: readonly (number | undefined)[]): void {
    const filled = sizes.filter((size) => size !== 0).length;
    if (filled === 0) return;
    this.sink.notices.add(
      'head-left-out',
      'warning',
      (n) =>
        `${n} files of the head (out-of-order logs, or mapped chunks without the write-ahead log) were left out: samples may be missing. A snapshot (POST /api/v1/admin/tsdb/snapshot) has them as a block.`,
      filled,
    );
  }

  /** One series: chunk by chunk where one block has it, else sorted and without what is there twice. */
  async series(members: readonly Member[]): Promise<void> {
    const labels = members[0]?.series.labels ?? [];
    const all: Points = { ts: [], values: [] };
    for (const member of members) {
      const deleted = member.block.deleted.get(member.series.ref) ?? [];
      for (const ref of member.series.chunks) {
        const chunk = await member.block.chunk(ref);
        if (typeof chunk === 'string') {
          this.incomplete.add(member.block);
          const where = `${member.block.name}/chunks/${String(ref.segment + 1).padStart(6, '0')} at ${ref.offset}`;
          this.sink.drop('samples', where, textOf(labels), chunk);
          continue;
        }
        const points = this.taken(member.block, chunk, deleted);
        if (members.length === 1) this.put(labels, points);
        else append(all, points);
      }
    }
    if (members.length > 1) this.put(labels, this.once(all));
  }

  /** A chunk's points without those that were deleted. */
  private taken(block: Block, chunk: DecodedChunk, deleted: readonly Deleted[]): Points {
    const { ts, values, natives, stale } = chunk;
    this.decoded.set(block, (this.decoded.get(block) ?? 0) + ts.length + stale);
    if (stale > 0) {
      this.sink.notices.add(
        'stale-markers',
        'info',
        (n) => `${n} stale markers say that a series ended; they are no measurements and no rows.`,
        stale,
      );
    }
    const points: Points = { ts: [], values: [] };
    for (const [i, time] of ts.entries()) {
      const value = values[i] ?? natives[i];
      if (value === undefined) continue;
      if (deleted.some(({ from, to }) => time >= from && time <= to)) {
        this.sink.notices.add(
          'samples-deleted',
          'info',
          (n) => `${n} samples were deleted in the block (tombstones) and were left out.`,
        );
      } else {
        points.ts.push(time);
        points.values.push(value);
      }
    }
    return points;
  }

  /** Of samples of one time in several blocks, the first. */
  private once({ ts, values }: Points): Points {
    const order = ts.map((_, i) => i).sort((a, b) => (ts[a] ?? 0) - (ts[b] ?? 0) || a - b);
    const out: Points = { ts: [], values: [] };
    for (const i of order) {
      const time = ts[i];
      const value = values[i];
      if (time === undefined || value === undefined) continue;
      if (out.ts.at(-1) !== time) {
        out.ts.push(time);
        out.values.push(value);
        continue;
      }
      this.sink.notices.add(
        'samples-in-two-blocks',
        'info',
        (n) => `${n} samples stand in overlapping blocks or logs once more and were taken once.`,
      );
    }
    return out;
  }

  private put(labels: Labels, { ts, values }: Points): void {
    const named = Object.fromEntries(labels);
    let plain: bigint | undefined;
    let native: bigint | undefined;
    for (const [i, time] of ts.entries()) {
      const value = values[i];
      if (value === undefined) continue;
      const ns = BigInt(time) * NS_PER_MS;
      if (typeof value === 'number') {
        this.sink.sample((plain ??= this.rows.id(named)), ns, value);
        continue;
      }
      const reason = this.rows.native((native ??= this.rows.id(named, true)), ns, value);
      if (reason !== '') {
        this.sink.drop('samples', `time ${time}`, textOf(labels), reason, { at: ns });
      }
    }
  }

  /** Holds what was decoded against what the blocks say they have. */
  end(blocks: readonly Block[]): void {
    for (const block of blocks) {
      const { samples } = block.meta;
      const found = this.decoded.get(block) ?? 0;
      if (samples === undefined || samples === found || this.incomplete.has(block)) continue;
      this.sink.notices.add(
        'block-count-differs',
        'warning',
        (n) => `${n} blocks have another number of samples than their meta.json says.`,
      );
    }
  }
}

function append(all: Points, { ts, values }: Points): void {
  for (const [i, time] of ts.entries()) {
    const value = values[i];
    if (value === undefined) continue;
    all.ts.push(time);
    all.values.push(value);
  }
}

function textOf(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}
