import type { TimeWindow } from '../../base';
import type { SpanRow } from '../kit/rows';
import type { RetryCount } from '../request';
import type { Sentences, TraceTally } from './tally';

/** A span as our model has it, and the service by which its store finds it ('' where it has none). */
export interface StoredSpan {
  readonly service: string;
  readonly row: SpanRow;
}

/** A trace that a search found. What it holds is read when it is asked for, and may take a request. */
export interface FoundTrace {
  /** 32 lower-case hex digits. */
  readonly id: string;
  /**
   * Spans of the whole trace that can be rows; undefined where it can't be had. What is left out is added to
   * the tally.
   */
  read(tally: TraceTally): Promise<readonly StoredSpan[] | undefined>;
}

export interface TracePage {
  readonly traces: readonly FoundTrace[];
  /** What the store could not hand out, in its words. */
  readonly failures: readonly string[];
  /** True where a limit of its own, below the one that was asked for, was reached. */
  readonly full?: boolean;
}

export interface TraceQuery {
  /** Traces in which one of these takes part; undefined for all that there are. */
  readonly services: readonly string[] | undefined;
  /** Half-open, in nanoseconds. A store that counts more coarsely answers with more than was asked for. */
  readonly slice: TimeWindow;
  /** Most traces that may come. */
  readonly limit: number;
  /** Where the store finds errors. */
  readonly errorsOnly?: boolean;
}

export interface ServiceCalls {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
}

/** A store of whole traces that is searched by service and time, up to a limit, and has no pages. */
export interface TraceStore {
  /** As people call it: "Jaeger". */
  readonly name: string;
  /** Nanoseconds of the finest time by which it can be asked. */
  readonly resolution: bigint;
  /** Whether one query can be for several services. */
  readonly together: boolean;
  /**
   * By what a search finds a trace: a span of the service that starts in the slice, or the start of the whole
   * trace.
   */
  foundBy(signal: AbortSignal): Promise<'span' | 'start'>;
  /** Whether it can be asked for traces with an error alone. */
  readonly findsErrors: boolean;
  /** For remarks that this store alone makes. */
  readonly sentences: Sentences;
  readonly retries: RetryCount;
  /** In order; those of the windows, where it can be asked by time and there are any. */
  services(signal: AbortSignal, windows: readonly TimeWindow[]): Promise<readonly string[]>;
  /** Its own services, which are not part of the system that it watches. */
  isOwn(service: string): boolean;
  /** The trace of an id (32 lower-case hex digits), whenever it was; undefined where the store does not have it. */
  trace(id: string, signal: AbortSignal): Promise<FoundTrace | undefined>;
  /** 'connector/limit' where the answer is too large, so that less is asked for. */
  traces(query: TraceQuery, signal: AbortSignal): Promise<TracePage>;
  /** Calls between services as it counts them; undefined where it has none to give. */
  calls?(window: TimeWindow, signal: AbortSignal): Promise<readonly ServiceCalls[] | undefined>;
}
