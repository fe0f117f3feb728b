/** Spans of one trace, column by column, in start order. Times are ns relative to the trace's start. */
export interface SpanColumns {
  readonly spanId: readonly string[];
  readonly parentId: readonly string[];
  readonly start: Float64Array;
  readonly duration: Float64Array;
  /** SpanKind 5 (consumer) starts when it likes: its parent does not wait for it. */
  readonly kind: Int32Array;
}

/** A stretch of the trace, ns from its start. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface TraceModel {
  readonly size: number;
  /** Rows in waterfall order: parents before children, siblings by start. */
  readonly order: Int32Array;
  readonly depth: Int32Array;
  readonly children: readonly (readonly number[])[];
  /** Parent row or −1 for a root; a span whose parent is not in the trace counts as a root. */
  readonly parent: Int32Array;
  /** Time inside a span in which none of its children ran, ns. */
  readonly self: Float64Array;
  /** Stretches of the critical path, [row, from, to) in ns from the trace's start, latest first. */
  readonly critical: readonly (readonly [number, number, number])[];
  readonly end: number;
  /** Spans whose parent is named but missing. */
  readonly orphans: number;
}

/** Builds the tree, self times and the critical path of a trace. */
export function buildTrace(spans: SpanColumns): TraceModel {
  const size = spans.spanId.length;
  const rowOf = new Map(spans.spanId.map((id, row) => [id, row]));
  const parent = new Int32Array(size).fill(-1);
  const children: number[][] = Array.from({ length: size }, () => []);
  const roots: number[] = [];
  let orphans = 0;
  for (let row = 0; row < size; row++) {
    const id = spans.parentId[row] ?? '';
    const up = id === '' ? undefined : rowOf.get(id);
    if (up === undefined || up === row) {
      if (id !== '') orphans++;
      roots.push(row);
    } else {
      parent[row] = up;
      children[up]?.push(row);
    }
  }
  const { order, depth } = walk(roots, children, size);
  const self = selfTimes(spans, children);
  const end = spans.start.reduce(
    (last, start, row) => Math.max(last, start + (spans.duration[row] ?? 0)),
    0,
  );
  const critical = longestRoot(spans, roots).flatMap((root) => criticalPath(spans, children, root));
  return { size, order, depth, children, parent, self, critical, end, orphans };
}

function walk(
  roots: readonly number[],
  children: readonly (readonly number[])[],
  size: number,
): { order: Int32Array; depth: Int32Array } {
  const order = new Int32Array(size);
  const depth = new Int32Array(size);
  const seen = new Uint8Array(size);
  let at = 0;
  const stack = [...roots].reverse();
  while (stack.length > 0) {
    const row = stack.pop() ?? 0;
    if (seen[row]) continue;
    seen[row] = 1;
    order[at++] = row;
    for (const child of [...(children[row] ?? [])].reverse()) {
      depth[child] = (depth[row] ?? 0) + 1;
      stack.push(child);
    }
  }
  // Spans that name each other as parents hang from no root: they come last.
  for (let row = 0; row < size; row++) if (!seen[row]) order[at++] = row;
  return { order, depth };
}

/** Own time: the span's length less the union of its children's stretches inside it. */
function selfTimes(spans: SpanColumns, children: readonly (readonly number[])[]): Float64Array {
  return spans.duration.map((duration, row) => {
    const from = spans.start[row] ?? 0;
    const to = from + duration;
    let covered = 0;
    let until = from;
    for (const child of children[row] ?? []) {
      const start = Math.max(until, spans.start[child] ?? 0);
      const end = Math.min(to, (spans.start[child] ?? 0) + (spans.duration[child] ?? 0));
      if (end > start) {
        covered += end - start;
        until = end;
      }
    }
    return Math.max(0, duration - covered);
  });
}

function longestRoot(spans: SpanColumns, roots: readonly number[]): readonly number[] {
  let best = -1;
  for (const root of roots) {
    if (best < 0 || (spans.duration[root] ?? 0) > (spans.duration[best] ?? 0)) best = root;
  }
  return best < 0 ? [] : [best];
}

/**
 * The critical path, from the end backwards: at every moment the child that ended last before it, else the
 * span itself (Zhang et al., "CRISP: Critical Path Analysis of Large-Scale Microservice Architectures",
 * USENIX ATC 2022, §4).
 */
function criticalPath(
  spans: SpanColumns,
  children: readonly (readonly number[])[],
  root: number,
): readonly (readonly [number, number, number])[] {
  const path: [number, number, number][] = [];
  const endOf = (row: number): number => (spans.start[row] ?? 0) + (spans.duration[row] ?? 0);
  const stack: [number, number, number][] = [[root, spans.start[root] ?? 0, endOf(root)]];
  while (stack.length > 0) {
    const [row, from, to] = stack.pop() ?? [0, 0, 0];
    let at = to;
    const waitedFor = (children[row] ?? [])
      .filter((child) => spans.kind[child] !== 5)
      .sort((a, b) => endOf(b) - endOf(a));
    for (const child of waitedFor) {
      const start = Math.max(from, spans.start[child] ?? 0);
      const end = Math.min(at, endOf(child));
      if (end <= start || start >= at) continue;
      if (at > end) path.push([row, end, at]);
      stack.push([child, start, end]);
      at = start;
    }
    if (at > from) path.push([row, from, at]);
  }
  return path.sort((a, b) => b[2] - a[2]);
}

/** Rows that are shown when some are folded: what lies below a folded one is left out. */
export function visibleRows(model: TraceModel, folded: ReadonlySet<number>): Int32Array {
  if (folded.size === 0) return model.order;
  const hidden = new Uint8Array(model.size);
  const shown: number[] = [];
  for (const row of model.order) {
    const up = model.parent[row] ?? -1;
    if (up >= 0 && (hidden[up] || folded.has(up))) hidden[row] = 1;
    else shown.push(row);
  }
  return Int32Array.from(shown);
}
