/** One event of Chromium's trace; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** What of `dur` the thread really ran: the rest belongs to others on the machine. */
  readonly tdur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface UiTask {
  /** Milliseconds from its start to its end, and of it on the processor. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The longest part of it that the trace names. */
  readonly what: string;
}

/** What a task may do, in the order of what says most. */
const NAMED = ['EventDispatch', 'FireAnimationFrame', 'TimerFire', 'FunctionCall', 'Layout'];

/** Tasks of the page's main thread, the longest on the processor first. */
export function tasksOf(events: readonly TraceEvent[]): readonly UiTask[] {
  const mains = new Set(
    events
      .filter((one) => one.name === 'thread_name' && one.args?.['name'] === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const own = events.filter(
    ({ ph, pid, tid }) => ph === 'X' && mains.has(`${String(pid)} ${String(tid)}`),
  );
  const isTask = ({ name }: TraceEvent): boolean => name === 'RunTask';
  const parts = own.filter((one) => !isTask(one)).sort((a, b) => a.ts - b.ts);
  return own
    .filter(isTask)
    .map((task) => ({
      wallMs: (task.dur ?? 0) / 1000,
      cpuMs: (task.tdur ?? task.dur ?? 0) / 1000,
      what: longestPart(task, parts),
    }))
    .sort((a, b) => b.cpuMs - a.cpuMs);
}

function longestPart(task: TraceEvent, parts: readonly TraceEvent[]): string {
  const end = task.ts + (task.dur ?? 0);
  const inside = parts.filter(
    ({ tid, pid, ts, dur = 0 }) =>
      tid === task.tid && pid === task.pid && ts >= task.ts && ts + dur <= end,
  );
  const named = inside
    .filter(({ name }) => NAMED.includes(name))
    .sort((a, b) => (b.dur ?? 0) - (a.dur ?? 0))
    .slice(0, 1);
  const [part] = named.length > 0 ? named : inside.sort((a, b) => (b.dur ?? 0) - (a.dur ?? 0));
  if (!part) return '';
  const data = part.args?.['data'] as
    { type?: string; functionName?: string; url?: string } | undefined;
  // The chunk of the program that it stands in.
  const file = data?.url?.replace(/^.*\//, '').replace(/-[\w-]{8}\.js$/, '');
  return [part.name, data?.type ?? data?.functionName, file].filter(Boolean).join(' ');
}
