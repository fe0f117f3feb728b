/**
 * A discrete-event kernel with processes: a process is a generator that yields how long it waits
 * (milliseconds of simulated time) or the gate that it waits for.
 */
export type Wait = number | Gate<unknown>;
export type Process<R = void> = Generator<Wait, R, unknown>;

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Something that happens once and has a value: a reply, a free worker, the end of a branch. */
export class Gate<T> {
  fired = false;
  value: T | undefined;
  private waiter: ((value: T) => void) | undefined;

  /** The first value counts; true where this call was the first. */
  fire(value: T): boolean {
    if (this.fired) return false;
    this.fired = true;
    this.value = value;
    const { waiter } = this;
    this.waiter = undefined;
    waiter?.(value);
    return true;
  }

  /** One waiter only, and only before the gate has fired. */
  onFire(waiter: (value: T) => void): void {
    this.waiter = waiter;
  }
}

/** Waits for a gate with its value's type. */
export function* waitFor<T>(gate: Gate<T>): Process<T> {
  return (yield gate as Gate<unknown>) as T;
}

/** Simulated time in milliseconds, and what will happen in it. Equal times run in the order of scheduling. */
export class Kernel {
  now = 0;
  events = 0;
  private readonly heap: Event[] = [];
  private order = 0;

  after(delay: number, run: () => void): void {
    this.push({ at: this.now + Math.max(0, delay), order: this.order++, run });
  }

  at(time: number, run: () => void): void {
    this.push({ at: Math.max(this.now, time), order: this.order++, run });
  }

  /** Repeats until `run` answers false; `gap` is asked before every wait. */
  every(gap: () => number, run: () => boolean | void): void {
    this.after(gap(), () => {
      if (run() !== false) this.every(gap, run);
    });
  }

  spawn<R>(process: Process<R>, done?: (result: R) => void): void {
    this.step(process, undefined, done);
  }

  runUntil(time: number): void {
    for (let next = this.heap[0]; next && next.at <= time; next = this.heap[0]) {
      this.pop();
      this.now = next.at;
      this.events++;
      next.run();
    }
    this.now = time;
  }

  private step<R>(process: Process<R>, value: unknown, done?: (result: R) => void): void {
    let sent = value;
    for (;;) {
      const { done: ended, value: wait } = process.next(sent);
      if (ended) return done?.(wait);
      if (typeof wait === 'number') {
        return this.after(wait, () => this.step(process, undefined, done));
      }
      if (!wait.fired) return wait.onFire((result) => this.step(process, result, done));
      sent = wait.value;
    }
  }

  private push(event: Event): void {
    const { heap } = this;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up]!;
      if (before(parent, event)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = event;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    const size = heap.length;
    if (!last || size === 0) return;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= size) break;
      if (down + 1 < size && before(heap[down + 1]!, heap[down]!)) down++;
      const child = heap[down]!;
      if (before(last, child)) break;
      heap[i] = child;
      i = down;
    }
    heap[i] = last;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A finite number of workers, connections or slots with a finite first-come queue before them. */
export class Pool {
  busy = 0;
  private readonly queue: Gate<boolean>[] = [];
  private head = 0;

  constructor(
    public capacity: number,
    public maxQueue = Number.POSITIVE_INFINITY,
  ) {}

  private gone = 0;

  /** Those that still wait. */
  get waiting(): number {
    return this.queue.length - this.head - this.gone;
  }

  /** Stops waiting; true where the place had not been given yet. */
  giveUp(gate: Gate<boolean>): boolean {
    const first = gate.fire(false);
    if (first) this.gone++;
    return first;
  }

  /** True at once where one is free, undefined where the queue is full, else a gate: true when it is ours. */
  acquire(): true | Gate<boolean> | undefined {
    if (this.busy < this.capacity) {
      this.busy++;
      return true;
    }
    if (this.waiting >= this.maxQueue) return undefined;
    const gate = new Gate<boolean>();
    this.queue.push(gate);
    return gate;
  }

  /** Those that wait get what is free now; where there is less, it shrinks as work ends. */
  resize(capacity: number): void {
    this.capacity = capacity;
    while (this.busy < capacity && this.waiting > 0) {
      this.busy++;
      this.handOn();
    }
  }

  release(): void {
    if (this.busy > this.capacity) this.busy--;
    else this.handOn();
  }

  private handOn(): void {
    while (this.head < this.queue.length) {
      const next = this.queue[this.head++]!;
      if (this.head > 64 && this.head * 2 > this.queue.length) {
        this.queue.splice(0, this.head);
        this.head = 0;
      }
      if (next.fire(true)) return;
      this.gone--;
    }
    this.busy--;
  }

  /** Everyone who waits is told that there is nothing to come. */
  drain(): void {
    const waiting = this.queue.splice(this.head);
    this.queue.length = 0;
    this.head = 0;
    this.gone = 0;
    for (const gate of waiting) gate.fire(false);
  }
}
