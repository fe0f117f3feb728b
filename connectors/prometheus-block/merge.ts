import type { IndexedSeries } from './block-index';
import type { Block } from './block';

export type Labels = readonly (readonly [string, string])[];
type Good = Extract<IndexedSeries, { readonly labels: Labels }>;

/** A series with the blocks that have it. */
export interface Member {
  readonly block: Block;
  readonly series: Good;
}

/** A series of several blocks at once, or an entry of an index that can't be read. */
export type Merged =
  | { readonly members: readonly Member[] }
  | { readonly block: Block; readonly offset: number; readonly reason: string };

/** Blocks whose samples another given block has too, because it was made of them; and the others. */
export function withoutContained(blocks: readonly Block[]): {
  readonly kept: readonly Block[];
  readonly contained: readonly Block[];
} {
  const contained = blocks.filter((block, i) =>
    blocks.some((other, j) => i !== j && holds(other, block, j < i)),
  );
  return { kept: blocks.filter((block) => !contained.includes(block)), contained };
}

function holds({ meta: outer }: Block, { meta: inner }: Block, isFirst: boolean): boolean {
  if (outer.ulid === inner.ulid) return isFirst;
  if (outer.parents.includes(inner.ulid)) return true;
  const { sources } = inner;
  if (sources.length === 0 || sources.length >= outer.sources.length) return false;
  return sources.every((source) => outer.sources.includes(source));
}

/** Blocks whose times overlap, together; in order of time. */
export function clusters(blocks: readonly Block[]): readonly (readonly Block[])[] {
  const sorted = [...blocks].sort((a, b) => a.meta.from - b.meta.from);
  const out: Block[][] = [];
  let to = Number.NEGATIVE_INFINITY;
  for (const block of sorted) {
    const last = out.at(-1);
    if (last && block.meta.from < to) last.push(block);
    else out.push([block]);
    to = Math.max(to, block.meta.to);
  }
  return out;
}

/** The series of blocks in order of their labels; one that several have comes once. */
export async function* mergedSeries(blocks: readonly Block[]): AsyncGenerator<Merged> {
  const streams: Stream[] = blocks.map((block) => ({ block, items: block.index.series() }));
  for (const stream of streams) yield* advance(stream);
  for (;;) {
    let first: Good | undefined;
    for (const { now } of streams) {
      if (now && (!first || compareLabels(now.labels, first.labels) < 0)) first = now;
    }
    if (!first) return;
    const members: Member[] = [];
    const moved: Stream[] = [];
    for (const stream of streams) {
      if (!stream.now || compareLabels(stream.now.labels, first.labels) !== 0) continue;
      members.push({ block: stream.block, series: stream.now });
      moved.push(stream);
    }
    yield { members };
    for (const stream of moved) yield* advance(stream);
  }
}

interface Stream {
  readonly block: Block;
  readonly items: AsyncGenerator<IndexedSeries>;
  now?: Good | undefined;
}

/** Goes to the next series that can be read; gives those that can't. */
async function* advance(stream: Stream): AsyncGenerator<Merged> {
  for (;;) {
    const { done, value } = await stream.items.next();
    stream.now = done || !('labels' in value) ? undefined : value;
    if (done || stream.now) return;
    if ('reason' in value) yield { block: stream.block, ...value };
  }
}

/** The order of an index: names and values by their UTF-8 bytes. */
export function compareLabels(a: Labels, b: Labels): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const [nameA = '', valueA = ''] = a[i] ?? [];
    const [nameB = '', valueB = ''] = b[i] ?? [];
    const order = compareUtf8(nameA, nameB) || compareUtf8(valueA, valueB);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return utf8Rank(x) - utf8Rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for what comes after U+FFFF. */
const utf8Rank = (code: number): number =>
  code < 0xd800 ? code : code < 0xe000 ? code + 0x2000 : code - 0x800;
