import type { TimeWindow } from '../../../../core/base';
import type {
  Difference,
  ExplainFilter,
  ExplainRequest,
  ExplainSignal,
  Explanation,
  QueryCall,
} from '../../../../core/model';
import {
  explainAttributes,
  explainEvents,
  explainLogs,
  explainMetrics,
  explainOperations,
  explainSides,
} from '../../../../core/model/queries';

export const SIGNAL_WORD: Readonly<Record<ExplainSignal, string>> = {
  change: 'change',
  operation: 'operation',
  edge: 'call',
  attribute: 'attribute',
  'log-template': 'log line',
  metric: 'metric',
  alert: 'alert',
};

/** What a person narrowed the comparison to. */
export interface Narrowing {
  /** Both sides, to an entity. */
  readonly entity: string | undefined;
  /** Spans with this against the rest of the same window. */
  readonly against: ExplainFilter | undefined;
}

/** The reference of a stretch without a baseline: as long as it, right before it, where there is any. */
export function before(
  selected: TimeWindow,
  range: TimeWindow | undefined,
): TimeWindow | undefined {
  if (!range || selected.from <= range.from) return undefined;
  const length = selected.to - selected.from;
  const from = selected.from - length;
  return { from: from > range.from ? from : range.from, to: selected.from };
}

/** The question that the selection asks; undefined where there is nothing to compare with. */
export function requestOf(
  selected: TimeWindow | undefined,
  baseline: TimeWindow | undefined,
  { entity, against }: Narrowing,
): ExplainRequest | undefined {
  if (!selected) return undefined;
  const plain = ({ from, to }: TimeWindow): TimeWindow => ({ from, to });
  const filter = entity === undefined ? undefined : { entity };
  if (against) {
    const both = filter ? { filter } : {};
    return {
      selected: { ...plain(selected), filter: { ...filter, ...against } },
      reference: { ...plain(selected), ...both },
    };
  }
  if (!baseline) return undefined;
  const side = (window: TimeWindow) => ({ ...plain(window), ...(filter ? { filter } : {}) });
  return { selected: side(selected), reference: side(baseline) };
}

export type SortKey = 'rank' | 'effect' | 'rows' | 'q';

const value: Readonly<Record<SortKey, (d: Difference) => number>> = {
  rank: (d) => d.rank,
  effect: (d) => -Math.abs(d.effect),
  rows: (d) => -(d.support.reference + d.support.selected),
  q: (d) => d.q,
};

/** The lines of the signals asked for (none: all), those that contain every word, in the order asked for. */
export function linesOf(
  differences: readonly Difference[],
  signals: ReadonlySet<ExplainSignal>,
  text: string,
  sort: SortKey,
): readonly Difference[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const order = value[sort];
  return differences
    .filter(({ signal }) => signals.size === 0 || signals.has(signal))
    .filter(({ sentence }) => words.every((word) => sentence.toLowerCase().includes(word)))
    .sort((a, b) => order(a) - order(b) || a.rank - b.rank);
}

export function countBySignal(
  differences: readonly Difference[],
): ReadonlyMap<ExplainSignal, number> {
  const counts = new Map<ExplainSignal, number>();
  for (const { signal } of differences) counts.set(signal, (counts.get(signal) ?? 0) + 1);
  return counts;
}

/** The query that a line's figures come from. Samples are a matter of the analysis: this one counts all rows. */
export function callOf(request: ExplainRequest, signal: ExplainSignal): QueryCall {
  const sides = explainSides(request);
  switch (signal) {
    case 'operation':
    case 'edge':
      return explainOperations({ ...sides, every: 1 });
    case 'attribute':
      return explainAttributes({ ...sides, every: 1, mostValues: 60 });
    case 'log-template':
      return explainLogs({ ...sides, every: 1, limit: 4000 });
    case 'metric':
      return explainMetrics(sides);
    default:
      return explainEvents(sides);
  }
}

/** The list as tab-separated text, for a chat or a ticket. */
export function asText(lines: readonly Difference[]): string {
  const head = ['rank', 'signal', 'novelty', 'what', 'effect', 'q', 'rows before', 'rows now'];
  const rows = lines.map((d) => [
    d.rank,
    SIGNAL_WORD[d.signal],
    d.novelty,
    d.sentence,
    effectText(d),
    significance(d),
    d.support.reference,
    d.support.selected,
  ]);
  return [head, ...rows].map((row) => row.join('\t')).join('\n');
}

/** Signed, two digits: "+12", "-0.8". Changes are dated, not measured. */
export function effectText({ signal, effect }: Difference): string {
  if (signal === 'change') return '';
  const digits = Math.abs(effect) >= 10 ? 0 : 1;
  const text = Math.abs(effect).toFixed(digits);
  return effect < 0 ? `\u2212${text}` : `+${text}`;
}

/** The corrected p as people read it: "<1e-6", "0.003". */
export function significance({ signal, q }: Difference): string {
  if (signal === 'change') return '';
  if (q < 1e-6) return '<1e\u22126';
  return q < 0.001 ? q.toExponential(0).replace('-', '\u2212') : q.toFixed(3);
}

/** "132 of 1 119 comparisons differ". */
export function shareText({ differences, tested }: Explanation): {
  readonly differ: number;
  readonly always: number;
  readonly tested: number;
} {
  const always = differences.filter(({ novelty }) => novelty === 'always').length;
  return { differ: differences.length - always, always, tested };
}
