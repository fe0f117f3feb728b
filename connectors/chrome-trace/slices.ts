import type { RowSink, SpanRow } from '../../core/connect';

type Link = NonNullable<SpanRow['links']>[number];

/** A span of a thread, before its place among the others is known. Times in microseconds. */
export interface Slice {
  readonly kind: 'slice';
  readonly thread: string;
  readonly ts: number;
  readonly end: number;
  readonly spanId: string;
  readonly row: Omit<SpanRow, 'spanId' | 'parentSpanId' | 'links'>;
}

/** Something at a moment of a thread, to be done with the slice around it. */
export interface Mark {
  readonly kind: 'mark';
  readonly thread: string;
  readonly ts: number;
  /** True: also the slice that begins next on the thread will do. */
  readonly orNext: boolean;
  readonly bind: (slice: Placed | undefined) => void;
}

/** A slice with its place: its ids, and the links that it still gets. */
export interface Placed {
  readonly traceId: string;
  readonly spanId: string;
  readonly links: Link[];
}

interface Open extends Placed {
  readonly slice: Slice;
  readonly parent: string;
}

/** Items that wait to be put in order; older halves are placed first. */
const WINDOW = 50_000;
/** A begin and a duration as doubles do not add up exactly; microseconds. */
const ROUNDED = 0.001;

/**
 * Nests the slices of threads by their times, in bounded memory: tracers write a slice when it begins or when
 * it ends, so children may come before their parents. What comes later than the window lets it is nested in
 * what is still open.
 */
export class Nesting {
  /** Items that came after later ones had been placed. */
  late = 0;
  private held: (Slice | Mark)[] = [];
  private readonly stacks = new Map<string, Open[]>();
  private readonly waiting = new Map<string, Mark[]>();
  private placedTo = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly sink: RowSink,
    private readonly window = WINDOW,
  ) {}

  add(item: Slice | Mark): void {
    if (item.ts < this.placedTo) this.late++;
    this.held.push(item);
    if (this.held.length < this.window) return;
    this.order();
    for (const one of this.held.splice(0, this.held.length >> 1)) this.place(one);
  }

  end(): void {
    this.order();
    for (const one of this.held.splice(0)) this.place(one);
    for (const marks of this.waiting.values()) for (const mark of marks) mark.bind(undefined);
    for (const stack of this.stacks.values()) while (stack.length > 0) this.emit(stack.pop());
  }

  /** By time; around before within, slices before what stands at their begin. */
  private order(): void {
    this.held.sort((a, b) => {
      if (a.ts !== b.ts) return a.ts - b.ts;
      if (a.kind === 'mark' || b.kind === 'mark')
        return a.kind === b.kind ? 0 : a.kind === 'mark' ? 1 : -1;
      return b.end - a.end;
    });
  }

  private place(item: Slice | Mark): void {
    this.placedTo = Math.max(this.placedTo, item.ts);
    let stack = this.stacks.get(item.thread);
    if (!stack) this.stacks.set(item.thread, (stack = []));
    if (item.kind === 'mark') return this.mark(item, stack);
    this.close(stack, (open) => open.slice.end <= item.ts && open.slice.ts < item.ts);
    const around = innermost(stack, item.ts, item.end);
    const open: Open = {
      slice: item,
      traceId: item.row.traceId,
      spanId: item.spanId,
      parent: around?.spanId ?? '',
      links: [],
    };
    stack.push(open);
    for (const mark of this.waiting.get(item.thread) ?? []) mark.bind(open);
    this.waiting.delete(item.thread);
  }

  private mark(mark: Mark, stack: Open[]): void {
    this.close(stack, ({ slice }) => slice.end < mark.ts);
    const around = innermost(stack, mark.ts, mark.ts);
    if (around || !mark.orNext) return mark.bind(around);
    this.waiting.set(mark.thread, [...(this.waiting.get(mark.thread) ?? []), mark]);
  }

  private close(stack: Open[], over: (open: Open) => boolean): void {
    for (let top = stack.at(-1); top && over(top); top = stack.at(-1)) this.emit(stack.pop());
  }

  private emit(open: Open | undefined): void {
    if (!open) return;
    const { slice, spanId, parent, links } = open;
    this.sink.span({ ...slice.row, spanId, parentSpanId: parent, links });
  }
}

/** The slice nearest to the top that holds all of this time. */
function innermost(stack: readonly Open[], from: number, to: number): Open | undefined {
  for (let i = stack.length - 1; i >= 0; i--) {
    const open = stack[i];
    if (open && open.slice.ts <= from && open.slice.end >= to - ROUNDED) return open;
  }
  return undefined;
}
