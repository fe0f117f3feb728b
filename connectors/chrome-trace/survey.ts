import { formatRfc3339, hashHex } from '../../core/base';
import {
  asObject,
  epochNs,
  headJson,
  isJsonObject,
  jsonElements,
  peekSource,
  type ByteSource,
  type JsonObject,
  type NoticeCounts,
  type ReadChoices,
  type TimeReader,
} from '../../core/connect';
import { eventOf, type TraceEvent } from './event';

const HEAD = 64 << 10;
export const LISTS = ['traceEvents', ''];

/** What a trace says anywhere in it and all of its events need. */
export interface Survey {
  readonly processes: ReadonlyMap<string, string>;
  /** By `pid/tid`. */
  readonly threads: ReadonlyMap<string, string>;
  /** Of events that have a time, in microseconds; NaN where there are none. */
  readonly first: number;
  readonly last: number;
  /** What stands beside the events: metadata, otherData and the like. */
  readonly beside: JsonObject;
  /** Of the first element: ids of the file's spans are made of it. */
  readonly seed: string;
}

/** Reads the trace once for the names of processes and threads, its range, and its metadata. */
export async function surveyOf(source: ByteSource, signal: AbortSignal): Promise<Survey> {
  const processes = new Map<string, string>();
  const threads = new Map<string, string>();
  const { start, source: whole } = await peekSource(source, signal, HEAD, () => false);
  const text = new TextDecoder().decode(start);
  const head = headJson({ name: source.name, bytes: start, text });
  let beside: JsonObject = asObject(head);
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let seed = '';
  const onRest = (rest: unknown): void => {
    if (isJsonObject(rest)) beside = rest;
  };
  for await (const { records } of jsonElements(whole, signal, { lists: LISTS, onRest })) {
    for (const record of records) {
      seed ||= record.text;
      const event = 'value' in record ? eventOf(record.value.value) : undefined;
      if (!event) continue;
      if (event.ph === 'M') named(event, processes, threads);
      else if (Number.isFinite(event.ts)) {
        first = Math.min(first, event.ts);
        last = Math.max(last, event.ts + (event.dur > 0 ? event.dur : 0));
      }
    }
  }
  return {
    processes,
    threads,
    // Of no event at all there is no time.
    ...(first <= last ? { first, last } : { first: Number.NaN, last: Number.NaN }),
    beside,
    seed: hashHex(seed),
  };
}

function named(
  { name, pid, tid, args }: TraceEvent,
  processes: Map<string, string>,
  threads: Map<string, string>,
): void {
  const said = args['name'];
  if (typeof said !== 'string' || said === '') return;
  if (name === 'process_name') processes.set(pid, said);
  else if (name === 'thread_name') threads.set(`${pid}/${tid}`, said);
}

/** Where the tracer's clock stands: nanoseconds to add to an event's time. */
export interface Clock {
  readonly offset: bigint;
  readonly guessed: boolean;
}

/** A time between 2001 and 2065 since 1970, and not one of a clock that began with the machine. */
const isEpoch = (ns: bigint): boolean => ns > 10n ** 18n && ns < 3n * 10n ** 18n;

/**
 * The wall clock of a trace. The format has none: what tracers write beside the events is used, then times
 * that are microseconds since 1970 themselves; else the trace is put at the time of the import. All of it is
 * said, as far as it is a guess.
 */
export function clockOf(
  { beside, first }: Survey,
  times: TimeReader,
  notices: NoticeCounts,
  choices: ReadChoices | undefined,
): Clock {
  const unit = choices?.timeUnit ?? 'µs';
  const start = epochNs(Number.isFinite(first) ? first : 0, unit) ?? 0n;
  const metadata = asObject(beside['metadata']);
  const other = asObject(beside['otherData']);
  // Kineto (PyTorch): the epoch of its times.
  const base = epochNs(beside['baseTimeNanoseconds'], 'ns');
  if (base !== undefined && isEpoch(base + start)) {
    return { offset: base, guessed: false };
  }
  // Chrome: microseconds from the epoch to the start of its clock.
  const since = epochNs(metadata['clock-offset-since-epoch'], 'µs');
  if (since !== undefined && isEpoch(since + start)) {
    return { offset: since, guessed: false };
  }
  // Bazel: milliseconds at which its clock began.
  const began = epochNs(other['profile_start_ts'], 'ms');
  if (began !== undefined && isEpoch(began + start)) {
    return { offset: began, guessed: false };
  }
  if (isEpoch(start)) {
    notices.add(
      'times-since-epoch',
      'info',
      () => 'Times were taken for microseconds since 1970, by their magnitude.',
    );
    return { offset: 0n, guessed: true };
  }
  const stated = metadata['startTime'] ?? metadata['trace-capture-datetime'] ?? other['date'];
  const at = typeof stated === 'string' ? times.read(padded(stated)) : undefined;
  if (at !== undefined) {
    notices.add(
      'clock-from-capture',
      'warning',
      () =>
        `The trace names only the time of its capture: its first event was put at ${formatRfc3339(at)}. It may be seconds off.`,
    );
    return { offset: at - start, guessed: true };
  }
  const now = choices?.now ?? 946_684_800_000_000_000n;
  notices.add(
    'clock-unknown',
    'warning',
    () =>
      `The trace has no wall clock: its first event was put at ${formatRfc3339(now)}, the time of the import. Only durations and order are known.`,
  );
  return { offset: now - start, guessed: true };
}

/** Chrome writes 2026-11-29 9:5:0. */
function padded(text: string): string {
  return text.replace(/(\d+):(\d+):(\d+)/, (_, ...parts: readonly string[]) =>
    parts
      .slice(0, 3)
      .map((part) => part.padStart(2, '0'))
      .join(':'),
  );
}
