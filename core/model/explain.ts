import type { TimeWindow } from '../base';
import type { Notice } from './notice';

/** Narrows a side to an entity, and its spans to an operation or to those that carry an attribute. */
export interface ExplainFilter {
  readonly entity?: string;
  /** Span name. */
  readonly operation?: string;
  /** Span attribute and the value it must have; given together. */
  readonly key?: string;
  readonly value?: string;
}

export interface ExplainSide extends TimeWindow {
  readonly filter?: ExplainFilter;
}

/**
 * What is different in `selected` against `reference`? A row that both sides match belongs to `selected`:
 * with the same window on both and a filter on one, the reference is the rest.
 */
export interface ExplainRequest {
  readonly selected: ExplainSide;
  readonly reference: ExplainSide;
}

export const EXPLAIN_SIGNALS = [
  'change',
  'operation',
  'edge',
  'attribute',
  'log-template',
  'metric',
  'alert',
] as const;
export type ExplainSignal = (typeof EXPLAIN_SIGNALS)[number];

/** 'always': bad-looking, and just so in the reference; 'new' and 'gone': on one side only. */
export type Novelty = 'new' | 'gone' | 'changed' | 'always';

export type ExplainMeasure = 'time' | 'errors' | 'share' | 'level' | 'rate' | 'event';

export interface Difference {
  /** 1 is what differs most; those that are always so come last. */
  readonly rank: number;
  readonly signal: ExplainSignal;
  readonly measure: ExplainMeasure;
  readonly novelty: Novelty;
  /** '' where nobody says what it belongs to. */
  readonly entityId: string;
  /** Operation, "a → b", "key = value", template, metric, title of a change, name of an alert. */
  readonly name: string;
  /** What it is on each side, in `unit`; null where there is nothing. */
  readonly reference: number | null;
  readonly selected: number | null;
  readonly unit: string;
  /** Standardised and signed: standard deviations, Cohen's h of shares, log ratio of rates. */
  readonly effect: number;
  /** Rows that each side's figure rests on. */
  readonly support: { readonly reference: number; readonly selected: number };
  /** P(at least this different | both sides are alike), and the same corrected for all that was tested. */
  readonly p: number;
  readonly q: number;
  /** What the list is ordered by. */
  readonly score: number;
  readonly sentence: string;
  readonly seriesId?: bigint;
  /** When the change or first alert was, ns. */
  readonly at?: bigint;
  readonly edge?: { readonly source: string; readonly target: string };
  readonly attribute?: { readonly key: string; readonly value: string };
}

export interface Explanation {
  readonly request: ExplainRequest;
  readonly differences: readonly Difference[];
  /** Comparisons made; q is corrected for as many. */
  readonly tested: number;
  /** Comparisons that are neither different nor worth a line. */
  readonly alike: number;
  readonly notices: readonly Notice[];
  readonly version: number;
}
