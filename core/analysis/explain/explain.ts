import { FaultlineError, throwIfAborted } from '../../base';
import type { ExplainRequest, ExplainSide, Explanation, Notice } from '../../model';
import {
  caseRangeQuery,
  explainAttributes,
  explainEvents,
  explainLogs,
  explainMetrics,
  explainOperations,
  explainSides,
  explainSizes,
  type ExplainSides,
} from '../../model/queries';
import type { FetchFrames } from '../seam';
import type { Found } from './found';
import { eventDifferences, logDifferences, metricDifferences, type Lengths } from './others';
import { rankDifferences, type Callees } from './rank';
import { attributeDifferences, operationDifferences } from './spans';

const EXPLAIN_VERSION = 1;

export interface ExplainLimits {
  /** Rows of a signal beyond which it is sampled: whole traces, every n-th log line. */
  readonly spans: number;
  readonly attributeSpans: number;
  readonly logs: number;
  readonly shapes: number;
  /** Keys with more values than this on a service name single things, not kinds: they are left out. */
  readonly mostValues: number;
}

const LIMITS: ExplainLimits = {
  spans: 200_000,
  attributeSpans: 50_000,
  logs: 200_000,
  shapes: 4000,
  mostValues: 60,
};

export interface ExplainOptions {
  readonly signal?: AbortSignal;
  readonly limits?: Partial<ExplainLimits>;
}

/**
 * What is different between two selections, as one ranked list over operations, edges, attributes, metrics,
 * log templates, changes and alerts: effect size, support, significance corrected for all comparisons
 * (Benjamini & Hochberg 1995), new or gone or always so. Pure but for `fetch`.
 */
export async function explain(
  fetch: FetchFrames,
  request: ExplainRequest,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const limits = { ...LIMITS, ...options.limits };
  const lengths = lengthsOf(request);
  const sides = explainSides(request);
  const notices: Notice[] = [];
  const found: Found[] = [];
  let callees: Callees = new Map();
  const step = (): void => throwIfAborted(options.signal);
  const sizes = await sizesOf(fetch, sides);
  const every = (signal: string, most: number): number =>
    Math.max(1, Math.ceil((sizes.get(signal) ?? 0) / most));
  if ((sizes.get('spans') ?? 0) > 0) {
    const sampled = every('spans', limits.spans);
    const fewer = every('spans', limits.attributeSpans);
    notices.push(...sampledNotice('spans', sizes.get('spans') ?? 0, sampled, fewer));
    const operations = operationDifferences(
      await fetch(explainOperations({ ...sides, every: sampled })),
    );
    found.push(...operations.found);
    callees = operations.callees;
    step();
    const { mostValues } = limits;
    const call = explainAttributes({ ...sides, every: fewer, mostValues });
    const attributes = attributeDifferences(await fetch(call));
    found.push(...attributes.found);
    notices.push(...keysNotice(attributes.tooMany, mostValues));
    step();
  }
  if (spansOnly(request)) {
    notices.push(SPANS_ONLY);
  } else {
    if ((sizes.get('logs') ?? 0) > 0) {
      const lines = every('logs', limits.logs);
      notices.push(...sampledNotice('log lines', sizes.get('logs') ?? 0, lines, lines));
      const logs = await fetch(explainLogs({ ...sides, every: lines, limit: limits.shapes }));
      notices.push(...shapesNotice(logs.col.shapes[0] ?? 0, logs.rows));
      found.push(...logDifferences(logs, lengths));
      step();
    }
    if ((sizes.get('samples') ?? 0) > 0) {
      found.push(...metricDifferences(await fetch(explainMetrics(sides))));
      step();
    }
    const whole = (await fetch(caseRangeQuery({}))).col.lo[0] ?? request.selected.from;
    const range = {
      from: whole < request.selected.from ? whole : request.selected.from,
      selectedFrom: request.selected.from,
      selectedTo: request.selected.to,
    };
    found.push(...eventDifferences(await fetch(explainEvents(sides)), lengths, range));
  }
  const { differences, alike } = rankDifferences(found, callees);
  return { request, differences, tested: found.length, alike, notices, version: EXPLAIN_VERSION };
}

function lengthsOf({ selected, reference }: ExplainRequest): Lengths {
  const seconds = ({ from, to }: ExplainSide): number => Number(to - from) / 1e9;
  const lengths = { reference: seconds(reference), selected: seconds(selected) };
  if (lengths.reference > 0 && lengths.selected > 0) return lengths;
  throw new FaultlineError('usage', 'Both selections must be longer than nothing.');
}

/** Only spans have operations and attributes; and in one window, other signals differ in nothing else. */
function spansOnly({ selected, reference }: ExplainRequest): boolean {
  const narrow = ({ filter }: ExplainSide): boolean =>
    (filter?.operation ?? '') !== '' || (filter?.key ?? '') !== '';
  return narrow(selected) || narrow(reference);
}

const SPANS_ONLY: Notice = {
  code: 'explain-spans-only',
  severity: 'info',
  count: 1,
  message:
    'Operations and attributes narrow spans: metrics, logs, changes and alerts are not compared.',
};

async function sizesOf(
  fetch: FetchFrames,
  { from, to, baseFrom, baseTo }: ExplainSides,
): Promise<ReadonlyMap<string, number>> {
  const { rows, col } = await fetch(explainSizes({ from, to, baseFrom, baseTo }));
  return new Map(Array.from({ length: rows }, (_, i) => [col.signal[i] ?? '', col.n[i] ?? 0]));
}

function sampledNotice(what: string, rows: number, every: number, fewer: number): Notice[] {
  if (every === 1 && fewer === 1) return [];
  const share =
    every === fewer
      ? `one in ${every}`
      : every === 1
        ? `one in ${fewer} for attributes`
        : `one in ${every}, and one in ${fewer} for attributes`;
  return [
    {
      code: 'explain-sampled',
      severity: 'info',
      count: rows,
      message: `${rows.toLocaleString('en').replaceAll(',', '\u2009')} ${what} were sampled: ${share}.`,
    },
  ];
}

function keysNotice(keys: readonly string[], most: number): Notice[] {
  if (keys.length === 0) return [];
  const shown = keys.slice(0, 5).join(', ');
  return [
    {
      code: 'explain-keys-left-out',
      severity: 'info',
      count: keys.length,
      message: `${keys.length} attributes have more than ${most} values on a service and were not compared: ${shown}${keys.length > 5 ? ' and others' : ''}.`,
    },
  ];
}

function shapesNotice(all: number, kept: number): Notice[] {
  if (all <= kept) return [];
  return [
    {
      code: 'explain-lines-left-out',
      severity: 'warning',
      count: all - kept,
      message: `${all - kept} rare wordings of log lines were not compared: there are ${all}.`,
    },
  ];
}
