import type { TimeWindow } from '../base';
import type { Entity } from './entities';
import type { Notice } from './notice';
import type { Propagation } from './propagation';
import type { SqlParams } from './query';

/** What an analysis is asked. Windows that are not given are found, and shown as a claim. */
export interface AnalysisRequest {
  readonly incident?: TimeWindow;
  readonly baselines?: readonly TimeWindow[];
  /** Entity id of what was noticed, if somebody said so. */
  readonly symptom?: string;
  /** Metric in which it was noticed. */
  readonly symptomMetric?: string;
  /** Entity ids that a person has ruled out or supports; they re-rank at once. */
  readonly ruledOut?: readonly string[];
  readonly supported?: readonly string[];
  readonly seed?: number;
  /** Parameters of analyses that differ from their defaults, by analysis id. */
  readonly parameters?: Readonly<Record<string, SqlParams>>;
}

/** An analysis as it ran: with its version and parameters its result can be had again. */
export interface MethodRun {
  readonly id: string;
  readonly version: number;
  readonly params?: SqlParams;
}

/** How an incident that was not given is known: courses (metrics, latency, errors, alerts) that moved with it. */
export interface WindowClaim {
  readonly moved: number;
  /** Courses that could be judged. */
  readonly judged: number;
  /** 0–1. */
  readonly confidence: number;
}

export type Bucket = 'state-change' | 'first-symptom' | 'impact';
export type Stance = 'for' | 'against' | 'missing';

/** The rows that a figure rested on when the claim was made: what differs later can be told. */
export interface RowSnapshot {
  readonly rows: number;
  /** Changes with any of the rows: their places, times and what they say. */
  readonly hash: string;
  /** Places (source_id:row_no) of the first ones in time. */
  readonly first: readonly string[];
}

export interface Evidence {
  readonly id: string;
  readonly stance: Stance;
  /** One sentence a person could read aloud, with units. */
  readonly claim: string;
  /** The named query behind it. */
  readonly query: string;
  readonly version: number;
  readonly params: SqlParams;
  /** The figure the claim rests on: a column of the query's only or first row. */
  readonly value: number | string | null;
  readonly column: string;
  /** Rows of telemetry it rests on and their signal, for "logs · 311 rows". */
  readonly rows: number;
  readonly signal: 'spans' | 'logs' | 'samples' | 'alerts' | 'changes' | 'topology' | 'coverage';
  /** Not in claims that an older version made. */
  readonly snapshot?: RowSnapshot;
}

export interface Culprit {
  readonly kind: 'metric' | 'log-template' | 'operation' | 'edge' | 'change';
  readonly name: string;
  readonly detail: string;
}

export interface MethodRank {
  readonly id: string;
  readonly version: number;
  readonly rank: number;
  readonly score: number;
}

export interface RankedCause {
  readonly rank: number;
  readonly entity: Entity;
  readonly score: number;
  /** Estimated probability that this entity is a true cause, 0–1; need not sum to 1. */
  readonly confidence: number;
  readonly bucket: Bucket;
  /** The finding in one sentence: what happened, when, after which change, who it took along. */
  readonly sentence: string;
  /** When its first anomaly began, ns; undefined where nothing is dated. */
  readonly onset?: bigint;
  readonly methods: readonly MethodRank[];
  readonly culprits: readonly Culprit[];
  readonly evidence: readonly Evidence[];
  /** The likeliest way first; empty where nothing that depends on it became abnormal. */
  readonly propagation: readonly Propagation[];
}

export interface Anomaly {
  readonly entityId: string;
  readonly signal: 'metric' | 'latency' | 'errors' | 'rate' | 'log-template' | 'log-rate';
  /** Metric name, operation, edge ("a → b") or template. */
  readonly name: string;
  readonly seriesId?: bigint;
  readonly from: bigint;
  readonly to: bigint;
  /** Robust standard deviations from the baseline, signed. */
  readonly score: number;
  /** P(at least this far | nothing is wrong), in (0, 1]. */
  readonly tail: number;
  readonly baselineValue: number;
  readonly incidentValue: number;
  readonly unit: string;
  readonly query: string;
  readonly params: SqlParams;
}

/** Heat of an entity over time, for the timeline: one value (0–1) a bucket. */
export interface EntityHeat {
  readonly entityId: string;
  readonly from: bigint;
  /** Bucket width, ns. */
  readonly step: bigint;
  readonly heat: Float32Array;
}

export interface LogTemplate {
  readonly templateId: string;
  /** Tokens with `<*>` for the variable parts. */
  readonly template: string;
  readonly entityId: string;
  readonly severity: number;
  readonly baselineCount: number;
  readonly incidentCount: number;
  readonly firstSeen: bigint;
  readonly isNew: boolean;
  readonly score: number;
  /** Source rows (source_id, row_no) of up to three examples. */
  readonly examples: readonly { readonly sourceId: number; readonly rowNo: bigint }[];
}

export type LogAnomalyKind = 'new' | 'more' | 'fewer' | 'stopped' | 'order';

/** A log template that does in the incident what the baseline does not lead to expect. */
export interface LogAnomaly {
  readonly kind: LogAnomalyKind;
  readonly templateId: string;
  readonly template: string;
  readonly entityId: string;
  readonly severity: number;
  /** From its first to its last line in the incident; the incident where it has none. */
  readonly from: bigint;
  readonly to: bigint;
  readonly baselineCount: number;
  readonly incidentCount: number;
  /** Lines that the baseline leads to expect in the incident. */
  readonly expected: number;
  /** Of kind 'order': the template that it comes after now, and the one that came there before. */
  readonly after?: string;
  readonly instead?: string;
  /** Of kind 'order': how often it comes there. */
  readonly observed: number;
  /** -log10 of its tail probability. */
  readonly score: number;
  /** How many of its kind, at least as unusual, a quiet window as long would bring. */
  readonly byChance: number;
  /** Why it is one, in a sentence. */
  readonly reason: string;
  /** Source rows of up to three examples. */
  readonly examples: LogTemplate['examples'];
}

export interface AlertGroup {
  readonly groupId: string;
  /** What fired, and where. */
  readonly title: string;
  /** Why its alerts stand together, in words; runs of older versions have none, nor names. */
  readonly why?: string;
  /** Distinct names of its alerts, the most frequent first. */
  readonly names?: readonly string[];
  readonly severity: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly entityIds: readonly string[];
  /** Distinct fingerprints and all notifications in it. */
  readonly fingerprints: number;
  readonly notifications: number;
  /** Members, by (source_id, row_no): they stay distinct in a group. */
  readonly members: readonly { readonly sourceId: number; readonly rowNo: bigint }[];
}

export interface TopologyEdge {
  readonly source: string;
  readonly target: string;
  /** calls | data | has_instance | hosted_on | … */
  readonly kind: string;
  /** spans | file | metrics | alerts */
  readonly provenance: string;
  readonly baseline: EdgeStats | null;
  readonly incident: EdgeStats | null;
}

/** Per covered second over a window. Durations in ms. */
export interface EdgeStats {
  readonly calls: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface TopologyNode {
  readonly entity: Entity;
  /** Worst own anomaly, 0–1. */
  readonly health: number;
  readonly baseline: EdgeStats | null;
  readonly incident: EdgeStats | null;
}

export interface Topology {
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

export interface AnalysisResult {
  readonly incident: TimeWindow & { readonly given: boolean; readonly claim?: WindowClaim };
  readonly baseline: (TimeWindow & { readonly given: boolean }) | null;
  readonly baselines: readonly TimeWindow[];
  readonly verdict: 'ranked' | 'insufficient-evidence';
  /** The verdict in one sentence for the header. */
  readonly headline: string;
  /** What is missing and how to get it, where the evidence does not suffice. */
  readonly missing: readonly string[];
  readonly robustToBaselines: boolean | null;
  readonly ranking: readonly RankedCause[];
  readonly anomalies: readonly Anomaly[];
  readonly heat: readonly EntityHeat[];
  readonly logTemplates: readonly LogTemplate[];
  /** Least likely by chance first; runs of older versions have none. */
  readonly logAnomalies?: readonly LogAnomaly[];
  readonly alertGroups: readonly AlertGroup[];
  readonly topology: Topology;
  readonly notices: readonly Notice[];
  readonly timings: { readonly detectMs: number; readonly rankMs: number };
  /** Which analyses ran, for provenance. */
  readonly methods: readonly MethodRun[];
}
