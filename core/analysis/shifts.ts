import type { Entity } from '../model';
import type { MetricRole } from './detect/metric-roles';

/** One operation of one service (and whom it calls), baseline against incident. Times in ms. */
export interface OperationShift {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly peer: string | null;
  /** True where the callee recorded spans of its own in either window. */
  readonly peerSpoke: boolean;
  readonly base: OperationStats;
  readonly incident: OperationStats;
  /** Change of log self time in standard errors (Welch), signed. */
  readonly z: number;
  /** Self time per call that is new, ms, times the calls of the incident. */
  readonly excessMs: number;
}

export interface OperationStats {
  /**
   * Requests, as all counts here as many as tests may take them for: where spans stand for more (`standsFor`),
   * their effective number, else the spans.
   */
  readonly n: number;
  readonly errors: number;
  /** Errors that no failed child explains; attempts of one call are one. */
  readonly ownErrors: number;
  readonly selfMs: number;
  readonly durationMs: number;
  readonly p99Ms: number;
  readonly roots: number;
  /** Spans that wait on purpose, for something to do. */
  readonly waits: number;
  /** Effective number of spans that logSum is of. */
  readonly logN: number;
  readonly logSum: number;
  readonly logSq: number;
  /** Spans of the system that one of n stands for; 1 where nothing was sampled. */
  readonly standsFor: number;
}

/** What one counted span of these operations stands for: one figure in all of a case. */
export function standsForOf(
  operations: readonly OperationShift[],
  which: 'base' | 'incident',
): number {
  return operations.find((op) => op[which].n > 0)?.[which].standsFor ?? 1;
}

export interface EdgeShift {
  readonly source: string;
  readonly target: string;
  readonly base: EdgeWindow | null;
  readonly incident: EdgeWindow | null;
  /** Shift of the time between the caller's and the callee's span (network, queueing), standard errors. */
  readonly gapZ: number;
  /** Added gap per call, ms. */
  readonly gapMs: number;
}

export interface EdgeWindow {
  readonly n: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Calls of the system that one of n stands for; 1 where nothing was sampled. */
  readonly standsFor: number;
}

/** One service on one host, baseline against incident: shift of log time in standard errors, signed. */
export interface PlaceShift {
  readonly service: string;
  readonly host: string;
  readonly z: number;
  /** Shift of mean log time (1 is a factor e). */
  readonly effect: number;
}

export interface MetricShift {
  readonly seriesId: bigint;
  readonly metric: string;
  readonly unit: string;
  readonly entityId: string;
  readonly source: string | null;
  readonly destination: string | null;
  readonly role: MetricRole;
  readonly base: number;
  readonly incident: number;
  /** Robust standard deviations, signed. */
  readonly z: number;
  readonly n0: number;
  readonly n1: number;
}

export interface TemplateShift {
  readonly templateId: string;
  readonly template: string;
  readonly entityId: string;
  readonly severity: number;
  readonly baselineCount: number;
  readonly incidentCount: number;
  readonly expected: number;
  readonly z: number;
  readonly isNew: boolean;
  readonly firstMs: number;
  readonly examples: readonly { readonly sourceId: number; readonly rowNo: bigint }[];
}

export interface AlertFact {
  readonly sourceId: number;
  readonly rowNo: bigint;
  readonly fingerprint: string;
  readonly name: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly severity: string;
  readonly entityId: string;
  /** What it was raised on: calls, lines of a log, or a measurement. */
  readonly about: 'calls' | 'logs' | 'metrics';
  /** Name of the caller, of an alert on calls; else ''. */
  readonly caller: string;
  /** up, down or ''. */
  readonly direction: string;
}

export interface ChangeFact {
  readonly sourceId: number;
  readonly rowNo: bigint;
  readonly ts: bigint;
  readonly kind: string;
  readonly title: string;
  readonly version: string;
  readonly entityId: string;
}

/** Who calls or stands on whom: target is the callee, the store, the host. */
export interface Graph {
  readonly entities: ReadonlyMap<string, Entity>;
  readonly edges: readonly GraphEdge[];
  readonly callees: ReadonlyMap<string, readonly string[]>;
  readonly callers: ReadonlyMap<string, readonly string[]>;
}

export interface GraphEdge {
  readonly source: string;
  readonly target: string;
  readonly kind: string;
  readonly provenance: string;
  readonly shift: EdgeShift | null;
}

/**
 * After `a`, within one span of a service, came `lost`; now comes `won`, which never followed it before.
 * '' is the end of the span.
 */
export interface OrderShift {
  readonly service: string;
  readonly a: string;
  readonly lost: string;
  readonly won: string;
  /** How often a was there. */
  readonly n0: number;
  readonly n1: number;
  /** How often something new followed it. */
  readonly fresh: number;
  /** -log10 of the probability of that many, given the baseline. */
  readonly surprise: number;
  /** The same in traces: those with `a`, and those in which something new followed it. */
  readonly traces: OrderTraces;
}

export interface OrderTraces {
  readonly n0: number;
  readonly n1: number;
  readonly fresh: number;
  /** Successors that a single trace of the baseline has: as many new ones are to be expected of another. */
  readonly singles: number;
}

/** One kind of message between who sends and who takes it: how many were sent and taken, and how soon. */
export interface MessageShift {
  readonly producer: string;
  /** Entity id as the sender names it; '' where it does not. */
  readonly queue: string;
  readonly consumer: string;
  readonly sent0: number;
  readonly sent1: number;
  readonly taken0: number;
  readonly taken1: number;
  /** -log10 of the probability of that many that were not taken, given the baseline. */
  readonly surprise: number;
  /** Change of the log time from sent to taken in standard errors, signed. */
  readonly lagZ: number;
}

/** Calls of one pair between two hosts in the incident; '' is a host that is not known. */
export interface LinkTail {
  readonly source: string;
  readonly target: string;
  /** True where the callee recorded spans of its own. */
  readonly spoke: boolean;
  readonly hosts: readonly [string, string];
  readonly n: number;
  /** Those longer on the way than 99 of 100 in the baseline, for their pair. */
  readonly slow: number;
}
